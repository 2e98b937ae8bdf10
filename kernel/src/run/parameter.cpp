#include <nest_lab/parameter.hpp>

#include <algorithm>
#include <cmath>

#include "src/profiles.hpp"

namespace nl {

using Op = Parameter::Op;

// The part of a scene that belongs to a group of 64 values.
struct View {
  const Scene* scene;
  std::int64_t at;  // place of the group's first value in the scene
  int begin, end;   // values of the group that are in it
};

struct Parameter::Node {
  Op op;
  std::vector<Parameter> args;
  double a = 0, b = 0;
  std::vector<double> constants = {};  // of a profile; of a place its bounds, where they are known
  unsigned needs = 0;

  // 64 values. Every leaf of an expression, and every attempt of a redraw, has a stream of its own.
  void evaluate(const Stream& s, std::uint32_t group, std::uint32_t& leaf, double* out, const View& view) const;
  void redraw(const Stream& s, std::uint32_t group, std::uint32_t& leaf, double* out, const View& view) const;
  void redraw_in_place(const Stream& s, std::uint32_t group, std::uint32_t base, double* out, const View& view) const;
};

namespace {

// Largest value Box-Muller can give on 32-bit uniform numbers: sqrt(-2 ln 2^-33).
const double normal_reach = std::sqrt(2 * 33 * std::log(2.0));

bool is_leaf(Op op) { return op <= Op::uniform_int; }

const char* op_name(Op op) {
  static const char* names[] = {"constant",
                                "uniform",
                                "normal",
                                "exponential",
                                "lognormal",
                                "uniform_int",
                                "+",
                                "-",
                                "*",
                                "/",
                                "**",
                                "-",
                                "<",
                                "<=",
                                ">",
                                ">=",
                                "==",
                                "!=",
                                "exp",
                                "sin",
                                "cos",
                                "min",
                                "max",
                                "redraw",
                                "conditional",
                                "place",
                                "spatial_distributions.exponential",
                                "spatial_distributions.gaussian",
                                "spatial_distributions.gaussian2D",
                                "spatial_distributions.gamma",
                                "spatial_distributions.gabor"};
  return names[int(op)];
}

const char* place_name(int quantity) {
  static const char* names[] = {"pos.x",        "pos.y",        "pos.z",        "source_pos.x", "source_pos.y",
                                "source_pos.z", "target_pos.x", "target_pos.y", "target_pos.z", "distance",
                                "distance.x",   "distance.y",   "distance.z"};
  return names[quantity];
}

[[noreturn]] void refuse_redraw(double a, double b) {
  throw Error("BadValue", "redraw found no value between its limits in 1000 attempts",
              "limits " + number(a) + " to " + number(b), "limits that the distribution reaches",
              "Widen the limits, or move the distribution.");
}

// The smallest and the largest of some numbers, none of which is NaN unless nothing is known.
std::pair<double, double> range(std::initializer_list<double> x) {
  for (double v : x)
    if (std::isnan(v)) return {-inf, inf};
  return std::minmax(x);
}

std::pair<double, double> power_bounds(std::pair<double, double> x, double e) {
  const bool even = std::fmod(e, 2) == 0, whole = std::floor(e) == e;
  if (e < 0 && x.first <= 0 && x.second >= 0) return {-inf, inf};
  if (x.first < 0 && !whole) return {-inf, inf};
  const auto ends = range({std::pow(x.first, e), std::pow(x.second, e)});
  return even && x.first < 0 && x.second > 0 ? std::pair(0.0, ends.second) : ends;
}

double apply(Op op, double x, double y, double z) {
  switch (op) {
    case Op::add:
      return x + y;
    case Op::sub:
      return x - y;
    case Op::mul:
      return x * y;
    case Op::div:
      return x / y;
    case Op::pow:
      return std::pow(x, y);
    case Op::neg:
      return -x;
    case Op::lt:
      return x < y;
    case Op::le:
      return x <= y;
    case Op::gt:
      return x > y;
    case Op::ge:
      return x >= y;
    case Op::eq:
      return x == y;
    case Op::ne:
      return x != y;
    case Op::exp:
      return std::exp(x);
    case Op::sin:
      return std::sin(x);
    case Op::cos:
      return std::cos(x);
    case Op::min:
      return std::min(x, y);
    case Op::max:
      return std::max(x, y);
    case Op::conditional:
      return x != 0 ? y : z;
    default:
      return x;
  }
}

// One operation on 64 values; the commonest as loops of their own, which become vector code.
void apply_all(Op op, const double* x, const double* y, const double* z, double* out) {
  auto each = [&](auto&& f) {
    for (int i = 0; i < draw_group; ++i) out[i] = f(x[i], y[i]);
  };
  switch (op) {
    case Op::add:
      return each([](double a, double b) { return a + b; });
    case Op::sub:
      return each([](double a, double b) { return a - b; });
    case Op::mul:
      return each([](double a, double b) { return a * b; });
    case Op::div:
      return each([](double a, double b) { return a / b; });
    default:
      for (int i = 0; i < draw_group; ++i) out[i] = apply(op, x[i], y[i], z[i]);
  }
}

[[noreturn]] void refuse_place(int quantity) {
  const bool node = quantity < int(Quantity::source);
  throw Error("BadValue",
              node ? "this parameter needs the position of a node" : "this parameter needs the positions of two nodes",
              place_name(quantity),
              node ? "values of nodes that have positions" : "connections of nodes that have positions",
              node ? "Create the nodes with positions; in Connect use nest.spatial.source_pos or target_pos."
                   : "Use it in Connect; for one node there is nest.spatial.pos.");
}

void draw_leaf(const Parameter::Node& n, const Stream& s, std::uint32_t group, double* out) {
  alignas(64) std::uint32_t word[draw_group];
  switch (n.op) {
    case Op::constant:
      std::fill_n(out, draw_group, n.a);
      return;
    case Op::normal:
      normal64(s, group, out);
      for (int i = 0; i < draw_group; ++i) out[i] = n.a + n.b * out[i];
      return;
    case Op::lognormal:
      normal64(s, group, out);
      for (int i = 0; i < draw_group; ++i) out[i] = vexp(n.a + n.b * out[i]);
      return;
    default:
      break;
  }
  draw64(s, group, word);
  for (int i = 0; i < draw_group; ++i) {
    const double u = to_uniform(word[i]);
    out[i] = n.op == Op::uniform       ? n.a + (n.b - n.a) * u
             : n.op == Op::uniform_int ? std::floor(n.a * u)
                                       : -n.a * vlog(u);
  }
}

}  // namespace

Parameter::Parameter() {
  static const auto zero = std::make_shared<const Node>(Node{Op::constant, {}, 0, 0});
  node_ = zero;
}
Parameter::Parameter(double x) : node_(std::make_shared<Node>(Node{Op::constant, {}, x, 0})) {}
Parameter::Parameter(Op op, double a, double b) : node_(std::make_shared<Node>(Node{op, {}, a, b})) {}

Parameter Parameter::place(Quantity q, int axis) {
  Parameter p;
  const int index = int(q) + axis;
  p.node_ = std::make_shared<Node>(Node{Op::place, {}, double(index), 0, {}, 1u << index});
  return p;
}

Parameter Parameter::profile(Op op, std::vector<Parameter> args, std::vector<double> constants) {
  Parameter p;
  unsigned needs = 0;
  for (auto& x : args) needs |= x.needs();
  p.node_ = std::make_shared<Node>(Node{op, std::move(args), 0, 0, std::move(constants), needs});
  return p;
}

unsigned Parameter::needs() const { return node_->needs; }

Parameter Parameter::within(const Limits& limits) const {
  if (!node_->needs) return *this;
  Node n = *node_;
  if (n.op == Op::place) n.constants = {limits[std::size_t(n.a)].first, limits[std::size_t(n.a)].second};
  for (auto& x : n.args) x = x.within(limits);
  Parameter p;
  p.node_ = std::make_shared<Node>(std::move(n));
  return p;
}

Parameter::Parameter(Op op, std::vector<Parameter> args, double a, double b) {
  const bool constant =
      op != Op::redraw && std::all_of(args.begin(), args.end(), [](auto& p) { return p.is_constant(); });
  if (constant) {
    auto at = [&](std::size_t i) { return i < args.size() ? args[i].value() : 0.0; };
    node_ = std::make_shared<Node>(Node{Op::constant, {}, apply(op, at(0), at(1), at(2)), 0});
  } else {
    unsigned needs = 0;
    for (auto& p : args) needs |= p.needs();
    node_ = std::make_shared<Node>(Node{op, std::move(args), a, b, {}, needs});
  }
}

bool Parameter::is_constant() const { return node_->op == Op::constant; }
double Parameter::value() const { return node_->a; }

bool Parameter::is_random() const {
  if (is_leaf(node_->op)) return !is_constant();
  return std::any_of(node_->args.begin(), node_->args.end(), [](auto& p) { return p.is_random(); });
}

std::pair<double, double> Parameter::bounds() const {
  const Node& n = *node_;
  std::vector<std::pair<double, double>> b;
  for (auto& p : n.args) b.push_back(p.bounds());
  switch (n.op) {
    case Op::constant:
      return {n.a, n.a};
    case Op::uniform:
      return std::minmax(n.a, n.b);
    case Op::uniform_int:
      return {0, n.a - 1};
    case Op::normal:
      return {n.a - normal_reach * std::abs(n.b), n.a + normal_reach * std::abs(n.b)};
    case Op::exponential:
      return {std::min(0.0, n.a * 24), std::max(0.0, n.a * 24)};
    case Op::lognormal:
      return {std::exp(n.a - normal_reach * std::abs(n.b)), std::exp(n.a + normal_reach * std::abs(n.b))};
    case Op::redraw:
      return {std::max(n.a, b[0].first), std::min(n.b, b[0].second)};
    case Op::min:
      return {std::min(b[0].first, b[1].first), std::min(b[0].second, b[1].second)};
    case Op::max:
      return {std::max(b[0].first, b[1].first), std::max(b[0].second, b[1].second)};
    case Op::conditional:
      return {std::min(b[1].first, b[2].first), std::max(b[1].second, b[2].second)};
    case Op::neg:
      return {-b[0].second, -b[0].first};
    case Op::add:
      return {b[0].first + b[1].first, b[0].second + b[1].second};
    case Op::sub:
      return {b[0].first - b[1].second, b[0].second - b[1].first};
    case Op::exp:
      return {std::exp(b[0].first), std::exp(b[0].second)};
    case Op::sin:
    case Op::cos:
      return {-1, 1};
    case Op::mul: {
      const double c[] = {b[0].first * b[1].first, b[0].first * b[1].second, b[0].second * b[1].first,
                          b[0].second * b[1].second};
      return {*std::min_element(c, c + 4), *std::max_element(c, c + 4)};
    }
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge:
    case Op::eq:
    case Op::ne:
      return {0, 1};
    case Op::div:
      if (b[1].first <= 0 && b[1].second >= 0) return {-inf, inf};
      return range(
          {b[0].first / b[1].first, b[0].first / b[1].second, b[0].second / b[1].first, b[0].second / b[1].second});
    case Op::pow:
      return n.args[1].is_constant() ? power_bounds(b[0], n.args[1].value()) : std::pair(-inf, inf);
    case Op::place:
      if (n.constants.empty()) return {n.a < double(Quantity::distance) ? -inf : 0, inf};
      return {n.constants[0], n.constants[1]};
    case Op::exponential_profile:
    case Op::gaussian_profile:
    case Op::gaussian2d_profile:
    case Op::gamma_profile:
    case Op::gabor_profile:
      return profile_bounds(n.op, n.constants, b);
    default:
      return {-inf, inf};
  }
}

std::string Parameter::text() const {
  const Node& n = *node_;
  auto call = [&](const char* name, std::initializer_list<std::string> xs) {
    std::string t = std::string(name) + "(";
    for (auto& x : xs) t += (t.back() == '(' ? "" : ", ") + x;
    return t + ")";
  };
  switch (n.op) {
    case Op::constant:
      return number(n.a);
    case Op::uniform:
      return call("uniform", {"min=" + number(n.a), "max=" + number(n.b)});
    case Op::uniform_int:
      return call("uniform_int", {"max=" + number(n.a)});
    case Op::normal:
      return call("normal", {"mean=" + number(n.a), "std=" + number(n.b)});
    case Op::lognormal:
      return call("lognormal", {"mean=" + number(n.a), "std=" + number(n.b)});
    case Op::exponential:
      return call("exponential", {"beta=" + number(n.a)});
    case Op::neg:
      return std::string("-").append(n.args[0].text());
    case Op::redraw:
      return call("redraw", {n.args[0].text(), "min=" + number(n.a), "max=" + number(n.b)});
    case Op::exp:
    case Op::sin:
    case Op::cos:
      return call(op_name(n.op), {n.args[0].text()});
    case Op::min:
    case Op::max:
      return call(op_name(n.op), {n.args[0].text(), n.args[1].text()});
    case Op::conditional:
      return call("conditional", {n.args[0].text(), n.args[1].text(), n.args[2].text()});
    case Op::place:
      return place_name(int(n.a));
    case Op::exponential_profile:
    case Op::gaussian_profile:
    case Op::gaussian2d_profile:
    case Op::gamma_profile:
    case Op::gabor_profile: {
      std::string t = std::string(op_name(n.op)) + "(" + n.args[0].text();
      if (n.args.size() > 1) t += ", " + n.args[1].text();
      for (std::size_t k = 0; k < n.constants.size(); ++k)
        t += std::string(", ") + profile_constants(n.op)[k] + "=" + number(n.constants[k]);
      return t + ")";
    }
    default:
      return std::string("(").append(n.args[0].text() + " " + op_name(n.op) + " " + n.args[1].text() + ")");
  }
}

// Draws whole groups of 64 and copies what was asked for: a value depends on its position, and the scene there, alone.
void Parameter::draw(const Stream& s, std::uint32_t first, std::span<double> out, const Scene* scene) const {
  if (is_constant()) {
    std::fill(out.begin(), out.end(), value());
    return;
  }
  for (std::size_t q = 0; q < quantities; ++q)
    if ((node_->needs >> q & 1) && !(scene && (*scene)[q])) refuse_place(int(q));
  alignas(64) double block[draw_group];
  std::size_t done = 0;
  while (done < out.size()) {
    const std::uint32_t at = first + std::uint32_t(done), group = at / draw_group, from = at % draw_group;
    std::uint32_t leaf = 0;
    const std::size_t n = std::min<std::size_t>(draw_group - from, out.size() - done);
    node_->evaluate(s, group, leaf, block, {scene, std::int64_t(done) - from, int(from), int(from + n)});
    std::copy_n(block + from, n, out.data() + done);
    done += n;
  }
}

void Parameter::Node::evaluate(const Stream& s, std::uint32_t group, std::uint32_t& leaf, double* out,
                               const View& view) const {
  if (is_leaf(op)) return draw_leaf(*this, s.leaf(leaf++), group, out);
  if (op == Op::redraw) return redraw(s, group, leaf, out, view);
  if (op == Op::place) {
    std::fill_n(out, draw_group, 0.0);
    std::copy_n((*view.scene)[std::size_t(a)] + (view.at + view.begin), view.end - view.begin, out + view.begin);
    return;
  }
  alignas(64) double x[3][draw_group] = {};
  for (std::size_t k = 0; k < args.size(); ++k) args[k].node_->evaluate(s, group, leaf, x[k], view);
  if (op > Op::place) return draw_profile(op, constants, x[0], x[1], out);
  apply_all(op, x[0], x[1], x[2], out);
}

// What lies outside takes the next fresh value that lies inside; one more group of values usually serves all of a group.
void Parameter::Node::redraw(const Stream& s, std::uint32_t group, std::uint32_t& leaf, double* out,
                             const View& view) const {
  const Node& inner = *args[0].node_;
  const std::uint32_t base = leaf;
  inner.evaluate(s, group, leaf, out, view);
  if (needs) return redraw_in_place(s, group, base, out, view);
  alignas(64) double fresh[draw_group];
  int used = draw_group;
  std::uint32_t attempt = 0;
  auto next = [&] {
    if (used == draw_group) {
      if (++attempt == 1000) refuse_redraw(a, b);
      Stream t = s;
      t.object ^= attempt * 0x9e3779b9u;
      std::uint32_t l = base;
      inner.evaluate(t, group, l, fresh, view);
      used = 0;
    }
    return fresh[used++];
  };
  for (int i = 0; i < draw_group; ++i)
    while (!(out[i] >= a && out[i] <= b)) out[i] = next();
}

// Where values depend on places, a fresh value serves only the place that it was drawn for.
void Parameter::Node::redraw_in_place(const Stream& s, std::uint32_t group, std::uint32_t base, double* out,
                                      const View& view) const {
  alignas(64) double fresh[draw_group];
  auto inside = [&](double x) { return x >= a && x <= b; };
  for (std::uint32_t attempt = 1; !std::all_of(out + view.begin, out + view.end, inside); ++attempt) {
    if (attempt == 1000) refuse_redraw(a, b);
    Stream t = s;
    t.object ^= attempt * 0x9e3779b9u;
    std::uint32_t leaf = base;
    args[0].node_->evaluate(t, group, leaf, fresh, view);
    for (int i = view.begin; i < view.end; ++i)
      if (!inside(out[i])) out[i] = fresh[i];
  }
}

}  // namespace nl
