#include <nest_lab/space.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <nest_lab/rule.hpp>

namespace nl {

namespace {

Point operator+(const Point& a, const Point& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
Point operator-(const Point& a, const Point& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }

}  // namespace

double Frame::displacement(double from, double to, int axis) const {
  const double way = to - from, whole = extent[std::size_t(axis)];
  return joined && whole > 0 ? way - whole * std::floor(way / whole + 0.5) : way;
}

Point Frame::displacement(const Point& from, const Point& to) const {
  Point way{};
  for (int k = 0; k < dimensions; ++k) way[std::size_t(k)] = displacement(from[std::size_t(k)], to[std::size_t(k)], k);
  return way;
}

double Frame::length(const Point& p) { return std::sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]); }

// --- layers

Point Space::center() const {
  Point p{};
  for (std::size_t k = 0; k < 3; ++k) p[k] = frame.lower_left[k] + frame.extent[k] / 2;
  return p;
}

Point Space::cell() const {
  Point size{};
  for (std::size_t k = 0; k < shape.size(); ++k) size[k] = frame.extent[k] / double(shape[k]);
  return size;
}

// Rows of a grid are counted downwards.
Point Space::cell_center(const Point& p) const {
  Point middle{};
  const Point size = cell();
  for (std::size_t k = 0; k < shape.size(); ++k) {
    const double low = frame.lower_left[k], high = low + frame.extent[k];
    middle[k] = k == 1 ? high - (std::floor((high - p[k]) / size[k]) + 0.5) * size[k]
                       : low + (std::floor((p[k] - low) / size[k]) + 0.5) * size[k];
  }
  return middle;
}

namespace {

// Places of a grid: column by column, each from top to bottom, in a room each from front to back.
void fill_grid(Space& s) {
  const std::size_t axes = s.shape.size();
  Point start = s.frame.lower_left, step = s.cell();
  start[1] += s.frame.extent[1];
  step[1] = -step[1];
  for (std::size_t k = 0; k < axes; ++k) s.at[k].resize(std::size_t(s.count));
  for (std::int64_t i = 0; i < s.count; ++i) {
    std::int64_t rest = i;
    for (std::size_t k = axes; k-- > 0; rest /= s.shape[k])
      s.at[k][std::size_t(i)] = start[k] + step[k] * double(rest % s.shape[k]) + step[k] * 0.5;
  }
}

void draw_places(Space& s, const std::vector<Parameter>& drawn, const Stream& random) {
  for (int k = 0; k < s.frame.dimensions; ++k) {
    Stream own = random;
    own.row = std::uint64_t(k);
    s.at[std::size_t(k)].resize(std::size_t(s.count));
    drawn[drawn.size() == 1 ? 0 : std::size_t(k)].draw(own, 0, s.at[std::size_t(k)]);
  }
}

// Free places lie in a region around the middle of them all, which is as large as is said, or else the next whole number.
void enclose(Space& s, const std::optional<Point>& extent) {
  if (s.count == 1 && !extent)
    throw Error("BadValue", "a single position does not say how large the layer is", "1 position and no extent",
                "an extent", "Give extent, for example [1.0, 1.0].");
  for (std::size_t k = 0; k < std::size_t(s.frame.dimensions); ++k) {
    const auto [low, high] = std::minmax_element(s.at[k].begin(), s.at[k].end());
    s.frame.extent[k] = extent ? (*extent)[k] : std::ceil(*high - *low);
    s.frame.lower_left[k] = (*low + *high) / 2 - s.frame.extent[k] / 2;
    if (*high - *low > s.frame.extent[k])
      throw Error("BadValue", "the positions lie farther from each other than the extent", number(*high - *low),
                  "at most " + number(s.frame.extent[k]), "Enlarge extent, or leave it out.");
  }
}

void check_places(const Space& s) {
  static const char* const axis[] = {"x", "y", "z"};
  for (std::size_t k = 0; k < std::size_t(s.frame.dimensions); ++k)
    for (double x : s.at[k])
      if (!std::isfinite(x))
        throw Error("BadValue", "positions must be finite", std::string(axis[k]) + " = " + number(x), "finite numbers",
                    "Replace nan and inf.");
}

}  // namespace

std::shared_ptr<Space> make_space(const Placement& p, NodeId first, std::int64_t n, const Stream& random) {
  auto s = std::make_shared<Space>();
  s->first = first;
  s->count = n;
  s->shape = p.shape;
  s->frame = {p.dimensions, {}, {}, p.joined};
  if (p.shape.empty()) {
    s->at = p.at;
    if (!p.drawn.empty()) draw_places(*s, p.drawn, random);
  }
  if (p.shape.empty()) {
    check_places(*s);
    enclose(*s, p.extent);
    return s;
  }
  for (std::size_t k = 0; k < std::size_t(p.dimensions); ++k) {
    s->frame.extent[k] = p.extent ? (*p.extent)[k] : 1.0;
    s->frame.lower_left[k] = (p.center ? (*p.center)[k] : 0.0) - s->frame.extent[k] / 2;
  }
  fill_grid(*s);
  return s;
}

// --- masks

struct Mask::Node {
  Op op;
  int dimensions = 2;
  Point low{}, high{};             // of a box; of an ellipsoid low are the half axes, high is the middle
  std::array<Point, 3> turn = {};  // rows of the matrix that turns a point into the frame of the region
  bool turned = false;
  std::vector<std::int64_t> shape = {}, anchor = {};
  std::vector<Mask> parts = {};
  Point shift{};
};

namespace {

// Turns by -azimuth around the third axis, then by -polar around the second.
std::array<Point, 3> turning(double azimuth, double polar) {
  const double ca = std::cos(azimuth * degree), sa = std::sin(azimuth * degree);
  const double cp = std::cos(polar * degree), sp = std::sin(polar * degree);
  return {Point{ca * cp, sa * cp, -sp}, Point{-sa, ca, 0}, Point{ca * sp, sa * sp, cp}};
}

double product(const Point& a, const Point& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Point turned(const std::array<Point, 3>& m, const Point& p) {
  return {product(m[0], p), product(m[1], p), product(m[2], p)};
}

}  // namespace

Mask Mask::box(int dimensions, const Point& low, const Point& high, double azimuth, double polar) {
  return Mask(std::make_shared<Node>(
      Node{Op::box, dimensions, low, high, turning(azimuth, polar), azimuth != 0 || polar != 0}));
}

Mask Mask::ellipsoid(int dimensions, const Point& axes, const Point& center, double azimuth, double polar) {
  Point half{axes[0] / 2, axes[1] / 2, dimensions == 3 ? axes[2] / 2 : 1};
  return Mask(std::make_shared<Node>(
      Node{Op::ellipsoid, dimensions, half, center, turning(azimuth, polar), azimuth != 0 || polar != 0}));
}

Mask Mask::ball(int dimensions, double radius) {
  return Mask(std::make_shared<Node>(Node{Op::ball, dimensions, {radius, radius, radius}}));
}

Mask Mask::grid(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& anchor) {
  Node n{Op::grid, int(shape.size())};
  n.shape = shape;
  n.anchor = anchor;
  return Mask(std::make_shared<Node>(std::move(n)));
}

Mask::Mask(Op op, const Mask& a, const Mask& b) {
  Node n{op, a.dimensions()};
  n.parts = {a, b};
  node_ = std::make_shared<Node>(std::move(n));
}

Mask Mask::shifted(const Point& by) const {
  Node n = *node_;
  n.shift = n.shift + by;
  return Mask(std::make_shared<Node>(std::move(n)));
}

int Mask::dimensions() const { return node_->dimensions; }

bool Mask::on_grid() const {
  return node_->op == Op::grid ||
         std::any_of(node_->parts.begin(), node_->parts.end(), [](const Mask& m) { return m.on_grid(); });
}

Mask Mask::in_cells_of(const Space& s) const {
  Point low{}, high{};
  const Point size = s.cell();
  for (std::size_t k = 0; k < s.shape.size(); ++k) {
    const double before = -double(node_->anchor[k]) - 0.5, after = before + double(node_->shape[k]);
    low[k] = (k == 1 ? -after : before) * size[k];
    high[k] = (k == 1 ? -before : after) * size[k];
  }
  return box(s.frame.dimensions, low, high, 0, 0);
}

bool Mask::inside(const Point& point) const {
  const Node& n = *node_;
  const Point p = point - n.shift;
  switch (n.op) {
    case Op::both:
      return n.parts[0].inside(p) && n.parts[1].inside(p);
    case Op::either:
      return n.parts[0].inside(p) || n.parts[1].inside(p);
    case Op::without:
      return n.parts[0].inside(p) && !n.parts[1].inside(p);
    case Op::grid:
      return false;
    case Op::ball:
      return Frame::length(p) <= n.low[0];
    case Op::ellipsoid: {
      const Point q = n.turned ? turned(n.turn, p - n.high) : p - n.high;
      double sum = 0;
      for (std::size_t k = 0; k < std::size_t(n.dimensions); ++k) sum += q[k] * q[k] * (1 / (n.low[k] * n.low[k]));
      return sum <= 1;
    }
    case Op::box:
      break;
  }
  Point q = p;
  if (n.turned) {
    const Point middle{(n.low[0] + n.high[0]) / 2, (n.low[1] + n.high[1]) / 2, (n.low[2] + n.high[2]) / 2};
    q = turned(n.turn, p - middle) + middle;
  }
  bool in = true;
  for (std::size_t k = 0; k < std::size_t(n.dimensions); ++k) in &= n.low[k] <= q[k] && q[k] <= n.high[k];
  return in;
}

std::pair<Point, Point> Mask::bounds() const {
  const Node& n = *node_;
  Point low{}, high{};
  if (!n.parts.empty()) {
    const auto [a_low, a_high] = n.parts[0].bounds();
    const auto [b_low, b_high] = n.parts[1].bounds();
    for (std::size_t k = 0; k < 3; ++k) {
      low[k] = n.op == Op::both     ? std::max(a_low[k], b_low[k])
               : n.op == Op::either ? std::min(a_low[k], b_low[k])
                                    : a_low[k];
      high[k] = n.op == Op::both     ? std::min(a_high[k], b_high[k])
                : n.op == Op::either ? std::max(a_high[k], b_high[k])
                                     : a_high[k];
    }
    return {low + n.shift, high + n.shift};
  }
  const bool box = n.op == Op::box;
  for (std::size_t k = 0; k < std::size_t(n.dimensions); ++k) {
    const double middle = box ? (n.low[k] + n.high[k]) / 2 : n.high[k];
    double half = box ? (n.high[k] - n.low[k]) / 2 : n.low[k];
    if (n.turned && box) {
      half = 0;
      for (std::size_t j = 0; j < std::size_t(n.dimensions); ++j)
        half += std::abs(n.turn[j][k]) * (n.high[j] - n.low[j]) / 2;
    } else if (n.turned) {
      half = 0;
      for (std::size_t j = 0; j < std::size_t(n.dimensions); ++j)
        half += n.turn[j][k] * n.low[j] * n.turn[j][k] * n.low[j];
      half = std::sqrt(half);
    }
    low[k] = box && !n.turned ? n.low[k] : middle - half;
    high[k] = box && !n.turned ? n.high[k] : middle + half;
  }
  return {low + n.shift, high + n.shift};
}

// --- search

std::int64_t Buckets::cell(double x, std::size_t axis) const {
  const double c = (x - low_[axis]) * scale_[axis];
  return c >= double(cells_[axis]) ? cells_[axis] - 1 : c > 0 ? std::int64_t(c) : 0;
}

Buckets::Buckets(int dimensions, std::array<std::vector<double>, 3> at) : dimensions_(dimensions) {
  constexpr double points_of_cell = 4;
  const std::size_t axes = std::size_t(dimensions), n = at[0].size();
  double volume = 1, wide = 0;
  for (std::size_t k = 0; k < axes; ++k) {
    const auto [a, b] = std::minmax_element(at[k].begin(), at[k].end());
    low_[k] = *a;
    high_[k] = *b;
    if (*b > *a) {
      volume *= *b - *a;
      ++wide;
    }
  }
  const double side = wide > 0 ? std::pow(volume * points_of_cell / double(n), 1 / wide) : 1;
  for (std::size_t k = 0; k < axes; ++k) {
    cells_[k] = std::clamp<std::int64_t>(std::int64_t(std::min(1e6, (high_[k] - low_[k]) / side)), 1, 4096);
    scale_[k] = high_[k] > low_[k] ? double(cells_[k]) / (high_[k] - low_[k]) : 0;
  }
  std::vector<std::uint32_t> of(n);
  start_.assign(std::size_t(cells_[0] * cells_[1] * cells_[2]) + 1, 0);
  for (std::size_t i = 0; i < n; ++i) {
    std::int64_t c = 0;
    for (std::size_t k = 0; k < axes; ++k) c = c * cells_[k] + cell(at[k][i], k);
    of[i] = std::uint32_t(c);
    ++start_[std::size_t(c) + 1];
  }
  std::partial_sum(start_.begin(), start_.end(), start_.begin());
  std::vector<std::uint32_t> next(start_.begin(), start_.end() - 1);
  who_.resize(n);
  for (std::size_t i = 0; i < n; ++i) who_[next[of[i]]++] = std::uint32_t(i);
  for (std::size_t k = 0; k < axes; ++k) {
    at_[k].resize(n);
    for (std::size_t i = 0; i < n; ++i) at_[k][i] = at[k][who_[i]];
  }
}

template <class F>
void Buckets::each(const Point& low, const Point& high, F&& f) const {
  const std::size_t last = std::size_t(dimensions_) - 1;
  for (std::size_t k = 0; k <= last; ++k)
    if (high[k] < low_[k] || low[k] > high_[k]) return;
  const std::int64_t from = cell(low[last], last), to = cell(high[last], last) + 1;
  auto run = [&](std::int64_t row) {
    const std::size_t end = start_[std::size_t(row * cells_[last] + to)];
    for (std::size_t i = start_[std::size_t(row * cells_[last] + from)]; i < end; ++i)
      f(who_[i], Point{at_[0][i], at_[1][i], last == 2 ? at_[2][i] : 0.0});
  };
  for (std::int64_t a = cell(low[0], 0), a_end = cell(high[0], 0); a <= a_end; ++a) {
    if (last == 1) run(a);
    else
      for (std::int64_t b = cell(low[1], 1), b_end = cell(high[1], 1); b <= b_end; ++b) run(a * cells_[1] + b);
  }
}

void Pairing::search(const Mask& mask, const std::vector<NodeId>& ids, bool oversized) {
  cells_ = mask.on_grid();
  mask_ = cells_ ? mask.in_cells_of(reversed ? drivers() : pool()) : mask;
  if (frame.joined && !oversized) refuse_oversized();
  std::array<std::vector<double>, 3> at;
  for (std::size_t k = 0; k < std::size_t(frame.dimensions); ++k)
    for (NodeId id : ids) at[k].push_back(pool().at[k][id - pool().first]);
  buckets_ = Buckets(frame.dimensions, std::move(at));
}

// Around a joined layer, a mask wider than it would reach some nodes from two sides.
void Pairing::refuse_oversized() const {
  const auto [low, high] = mask_->bounds();
  for (std::size_t k = 0; k < std::size_t(frame.dimensions); ++k)
    if (frame.extent[k] > 0 && high[k] - low[k] > frame.extent[k] * (1 + 1e-12))
      throw Error("BadRule", "the mask is larger than the layer, whose edges are joined",
                  number(high[k] - low[k]) + " wide, extent " + number(frame.extent[k]),
                  "masks that are at most as wide as the layer",
                  "Choose a smaller mask, or set allow_oversized_mask to True: nodes may then be reached twice.");
}

// Where edges are joined, the nodes are there again at each whole extent.
void Pairing::reach(Point center, std::vector<std::uint32_t>& out) const {
  out.clear();
  if (cells_ && !reversed) center = pool().cell_center(center);
  auto [low, high] = mask_->bounds();
  for (std::size_t k = 0; k < std::size_t(frame.dimensions); ++k) {
    if (reversed) std::tie(low[k], high[k]) = std::pair(-high[k], -low[k]);
    const double cell = cells_ && reversed ? drivers().cell()[k] : 0;  // the mask lies around a cell, not a node
    const double slack = cell + 1e-9 * (high[k] - low[k]);             // the mask itself decides
    low[k] += center[k] - slack;
    high[k] += center[k] + slack;
  }
  std::array<std::int64_t, 3> first{}, last{};
  for (std::size_t k = 0; k < std::size_t(frame.dimensions) && frame.joined; ++k) {
    if (frame.extent[k] <= 0) continue;
    first[k] = std::int64_t(std::ceil((low[k] - buckets_.high()[k]) / frame.extent[k]));
    last[k] = std::int64_t(std::floor((high[k] - buckets_.low()[k]) / frame.extent[k]));
  }
  for (std::int64_t i = first[0]; i <= last[0]; ++i)
    for (std::int64_t j = first[1]; j <= last[1]; ++j)
      for (std::int64_t k = first[2]; k <= last[2]; ++k) {
        const Point shift{double(i) * frame.extent[0], double(j) * frame.extent[1], double(k) * frame.extent[2]};
        const Point from = center - shift;
        buckets_.each(low - shift, high - shift, [&](std::uint32_t who, const Point& p) {
          const Point way = !reversed ? p - from : from - (cells_ ? drivers().cell_center(p) : p);
          if (mask_->inside(way)) out.push_back(who);
        });
      }
}

std::shared_ptr<const Pairing> Pairing::turned() const {
  auto other = std::make_shared<Pairing>();
  other->sources = targets;
  other->targets = sources;
  other->frame = frame;
  return other;
}

// --- what expressions see

Limits Pairing::limits() const {
  Limits out;
  out.fill({-inf, inf});
  double square = 0;
  for (std::size_t k = 0; k < std::size_t(frame.dimensions); ++k) {
    auto range = [&](const std::shared_ptr<const Space>& s) {
      if (!s) return std::pair(-inf, inf);
      const auto [a, b] = std::minmax_element(s->at[k].begin(), s->at[k].end());
      return std::pair(*a, *b);
    };
    const auto from = range(sources), to = range(targets);
    out[std::size_t(Quantity::source) + k] = from;
    out[std::size_t(Quantity::target) + k] = to;
    double span = std::max(to.second - from.first, from.second - to.first);
    if (frame.joined && frame.extent[k] > 0) span = std::min(span, frame.extent[k] / 2);
    out[std::size_t(Quantity::span) + k] = {0, span};
    square += span * span;
  }
  out[std::size_t(Quantity::distance)] = {0, std::sqrt(square)};
  return out;
}

Scene Pairing::look(unsigned needs, const NodeId* source, const NodeId* target, std::size_t n, Room& room) const {
  Scene scene{};
  auto open = [&](std::size_t q) {
    if (room[q].size() < n + 1) room[q].resize(n + 1);  // there even where there are no pairs
    return scene[q] = room[q].data(), room[q].data();
  };
  auto wants = [&](std::size_t q) { return (needs >> q & 1) != 0; };
  for (std::size_t k = 0; k < 3; ++k) {
    const bool there = k < std::size_t(frame.dimensions);
    for (auto [first, ids, space] :
         {std::tuple{Quantity::source, source, sources.get()}, std::tuple{Quantity::target, target, targets.get()}}) {
      const std::size_t q = std::size_t(first) + k;
      if (!wants(q) || !space || !there) continue;
      double* x = open(q);
      const double* at = space->at[k].data();
      for (std::size_t i = 0; i < n; ++i) x[i] = at[ids[i] - space->first];
    }
    const std::size_t q = std::size_t(Quantity::span) + k;
    const bool whole = wants(std::size_t(Quantity::distance));
    if ((!wants(q) && !whole) || !sources || !targets || !there) continue;
    double* x = open(q);
    const double *from = sources->at[k].data(), *to = targets->at[k].data();
    const NodeId a = sources->first, b = targets->first;
    for (std::size_t i = 0; i < n; ++i)
      x[i] = std::abs(frame.displacement(from[source[i] - a], to[target[i] - b], int(k)));
  }
  if (const std::size_t q = std::size_t(Quantity::distance); wants(q) && sources && targets) {
    const std::size_t s = std::size_t(Quantity::span);
    double* d = open(q);
    const double *x = room[s].data(), *y = room[s + 1].data();
    if (frame.dimensions == 2)
      for (std::size_t i = 0; i < n; ++i) d[i] = std::sqrt(x[i] * x[i] + y[i] * y[i]);
    else
      for (std::size_t i = 0; i < n; ++i) d[i] = std::sqrt(x[i] * x[i] + y[i] * y[i] + room[s + 2][i] * room[s + 2][i]);
  }
  return scene;
}

Scene look_at(const Space& space, const std::vector<NodeId>& ids, Pairing::Room& room) {
  Scene scene{};
  for (std::size_t k = 0; k < std::size_t(space.frame.dimensions); ++k) {
    room[k].resize(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) room[k][i] = space.at[k][ids[i] - space.first];
    scene[k] = room[k].data();
  }
  return scene;
}

double Pairing::once(const std::function<double()>& f) const {
  std::call_once(known_, [&] { number_ = f(); });
  return number_;
}

// --- rules

namespace {

thread_local Pairing::Room room;

// Those that a node may be connected with, and how heavily each weighs.
struct Choice {
  std::vector<std::uint32_t> reached;
  std::vector<NodeId> ids, self;
  std::vector<double> weight;  // empty where all weigh the same

  void make(const RuleCall& c, std::int64_t row, bool pool_is_sources) {
    const Ids& pool = pool_is_sources ? *c.sources : *c.targets;
    const NodeId driver = (pool_is_sources ? *c.targets : *c.sources)[row];
    reached_by(c, driver, reached);
    ids.clear();
    for (std::uint32_t i : reached)
      if (c.args->allow_autapses || pool[i] != driver) ids.push_back(pool[i]);
    weight.clear();
    if (!c.args->space.choice) return;
    const Parameter& p = *c.args->space.choice;
    self.assign(ids.size(), driver);
    weight.resize(ids.size());
    const Scene scene = pool_is_sources ? c.space->look(p.needs(), ids.data(), self.data(), ids.size(), room)
                                        : c.space->look(p.needs(), self.data(), ids.data(), ids.size(), room);
    Stream s = c.random;
    s.purpose = std::uint32_t(Purpose::choice);
    s.row = std::uint64_t(row);
    p.draw(s, 0, weight, &scene);
  }
  std::int64_t possible() const {
    return weight.empty() ? std::int64_t(ids.size())
                          : std::count_if(weight.begin(), weight.end(), [](double w) { return w > 0; });
  }
};

thread_local Choice partners;

// With replacement, by the sums of the weights.
void draw_weighted(const Stream& s, const Choice& x, std::int64_t k, std::vector<NodeId>& out) {
  thread_local std::vector<double> sum;
  sum.resize(x.weight.size());
  double total = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = total += std::max(0.0, x.weight[i]);
  alignas(64) std::uint32_t word[draw_group];
  for (std::int64_t i = 0; i < k; ++i) {
    if (i % draw_group == 0) draw64(s, std::uint32_t(i / draw_group), word);
    const double at = to_uniform(word[i % draw_group]) * total;
    const auto found = std::upper_bound(sum.begin(), sum.end(), at);
    out.push_back(x.ids[std::size_t(std::min(found - sum.begin(), std::ptrdiff_t(sum.size()) - 1))]);
  }
}

// Without replacement: those whose exponential clocks, which run as fast as they weigh, ring first (Efraimidis & Spirakis 2006,
// doi:10.1016/j.ipl.2005.11.003). This is the same as drawing one after the other.
void draw_weighted_distinct(const Stream& s, const Choice& x, std::int64_t k, std::vector<NodeId>& out) {
  thread_local std::vector<std::pair<double, std::uint32_t>> rings;
  rings.clear();
  alignas(64) std::uint32_t word[draw_group];
  for (std::size_t i = 0; i < x.ids.size(); ++i) {
    if (i % draw_group == 0) draw64(s, std::uint32_t(i / draw_group), word);
    if (x.weight[i] > 0) rings.emplace_back(-vlog(to_uniform(word[i % draw_group])) / x.weight[i], std::uint32_t(i));
  }
  k = std::min(k, std::int64_t(rings.size()));
  std::partial_sort(rings.begin(), rings.begin() + k, rings.end());
  for (std::int64_t i = 0; i < k; ++i) out.push_back(x.ids[rings[std::size_t(i)].second]);
}

}  // namespace

void reached_by(const RuleCall& c, NodeId driver, std::vector<std::uint32_t>& out) {
  if (c.space->searches()) return c.space->reach(driver, out);
  out.resize(std::size_t((c.space->pool_is_targets ? *c.targets : *c.sources).size()));
  std::iota(out.begin(), out.end(), 0u);
}

void draw_reached(const RuleCall& c, std::int64_t row, std::int64_t k, std::vector<NodeId>& out) {
  const bool in_sources = !c.space->pool_is_targets;
  partners.make(c, row, in_sources);
  Stream s = c.random;
  s.row = std::uint64_t(row);
  if (partners.ids.empty()) return;
  if (!partners.weight.empty())
    return c.args->allow_multapses ? draw_weighted(s, partners, k, out) : draw_weighted_distinct(s, partners, k, out);
  Ids ids;
  ids.list = partners.ids;
  if (c.args->allow_multapses) return draw_repeated(s, ids, k, 0, true, [&](NodeId id) { out.push_back(id); });
  thread_local std::vector<std::uint32_t> drawn;
  draw_distinct(s, ids.size(), std::min(k, ids.size()), -1, drawn);
  for (std::uint32_t i : drawn) out.push_back(ids[i]);
}

// Every node finds as many as it needs.
void check_reached(const RuleCall& c, const char* rule, const std::function<std::int64_t(std::int64_t)>& degree) {
  const bool in_sources = !c.space->pool_is_targets;
  const Ids& drivers = in_sources ? *c.targets : *c.sources;
  const char* who = in_sources ? "sources" : "targets";
  for (std::int64_t row = 0; row < drivers.size(); ++row) {
    const std::int64_t k = degree(row);
    if (k <= 0) continue;
    partners.make(c, row, in_sources);
    for (double w : partners.weight)
      if (!(w >= 0))
        throw Error("BadRule", std::string(rule) + ": p must not be negative", number(w), "0 or more",
                    "Give how likely a node is chosen, compared with others.");
    const std::int64_t there = partners.possible(), wanted = c.args->allow_multapses ? 1 : k;
    if (there < wanted)
      throw Error(
          "BadRule", std::string(rule) + ": a node finds too few " + who + " inside the mask",
          "node " + std::to_string(drivers[row]) + " finds " + std::to_string(there) + " of " + std::to_string(wanted),
          std::string(c.args->allow_multapses ? "1 or more" : "as many as it is connected with, or more"),
          "Enlarge the mask, or ask for fewer connections.");
  }
}

double mean_reached(const RuleCall& c, const std::function<double(NodeId, const std::vector<std::uint32_t>&)>& weigh) {
  constexpr std::int64_t most = 200;
  const Ids& drivers = c.space->pool_is_targets ? *c.sources : *c.targets;
  const std::int64_t n = drivers.size(), sample = std::min(n, most);
  std::vector<std::uint32_t> reached;
  double sum = 0;
  for (std::int64_t i = 0; i < sample; ++i) {
    const NodeId driver = drivers[i * n / sample];
    reached_by(c, driver, reached);
    sum += weigh(driver, reached);
  }
  return sum / double(std::max<std::int64_t>(1, sample));
}

}  // namespace nl
