#include <nest_lab/parameter.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace nl {

using Op = Parameter::Op;

struct Parameter::Node {
  Op op;
  std::vector<Parameter> args;
  double a = 0, b = 0;

  // 64 values. Every leaf of an expression, and every attempt of a redraw, has a stream of its own.
  void evaluate(const Stream& s, std::uint32_t group, std::uint32_t& leaf, double* out) const;
  void redraw(const Stream& s, std::uint32_t group, std::uint32_t& leaf, double* out) const;
};

namespace {

const double inf = std::numeric_limits<double>::infinity();
// Largest value Box-Muller can give on 32-bit uniform numbers: sqrt(-2 ln 2^-33).
const double normal_reach = std::sqrt(2 * 33 * std::log(2.0));

bool is_leaf(Op op) { return op <= Op::uniform_int; }

const char* op_name(Op op) {
  static const char* names[] = {"constant", "uniform", "normal", "exponential", "lognormal", "uniform_int", "+",
                                "-",        "*",       "/",      "**",          "-",         "<",           "<=",
                                ">",        ">=",      "==",     "!=",          "exp",       "sin",         "cos",
                                "min",      "max",     "redraw", "conditional"};
  return names[int(op)];
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

Parameter::Parameter(Op op, std::vector<Parameter> args, double a, double b) {
  const bool constant =
      op != Op::redraw && std::all_of(args.begin(), args.end(), [](auto& p) { return p.is_constant(); });
  if (constant) {
    auto at = [&](std::size_t i) { return i < args.size() ? args[i].value() : 0.0; };
    node_ = std::make_shared<Node>(Node{Op::constant, {}, apply(op, at(0), at(1), at(2)), 0});
  } else {
    node_ = std::make_shared<Node>(Node{op, std::move(args), a, b});
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
    default:
      return std::string("(").append(n.args[0].text() + " " + op_name(n.op) + " " + n.args[1].text() + ")");
  }
}

// Draws whole groups of 64 and copies what was asked for: a value depends on its position alone.
void Parameter::draw(const Stream& s, std::uint32_t first, std::span<double> out) const {
  if (is_constant()) {
    std::fill(out.begin(), out.end(), value());
    return;
  }
  alignas(64) double block[draw_group];
  std::size_t done = 0;
  while (done < out.size()) {
    const std::uint32_t at = first + std::uint32_t(done), group = at / draw_group, from = at % draw_group;
    std::uint32_t leaf = 0;
    node_->evaluate(s, group, leaf, block);
    const std::size_t n = std::min<std::size_t>(draw_group - from, out.size() - done);
    std::copy_n(block + from, n, out.data() + done);
    done += n;
  }
}

void Parameter::Node::evaluate(const Stream& s, std::uint32_t group, std::uint32_t& leaf, double* out) const {
  if (is_leaf(op)) return draw_leaf(*this, s.leaf(leaf++), group, out);
  if (op == Op::redraw) return redraw(s, group, leaf, out);
  alignas(64) double x[3][draw_group] = {};
  for (std::size_t k = 0; k < args.size(); ++k) args[k].node_->evaluate(s, group, leaf, x[k]);
  for (int i = 0; i < draw_group; ++i) out[i] = apply(op, x[0][i], x[1][i], x[2][i]);
}

// What lies outside takes the next fresh value that lies inside; one more group of values usually serves all of a group.
void Parameter::Node::redraw(const Stream& s, std::uint32_t group, std::uint32_t& leaf, double* out) const {
  const Node& inner = *args[0].node_;
  const std::uint32_t base = leaf;
  inner.evaluate(s, group, leaf, out);
  alignas(64) double fresh[draw_group];
  int used = draw_group;
  std::uint32_t attempt = 0;
  auto next = [&] {
    if (used == draw_group) {
      if (++attempt == 1000)
        throw Error("BadValue", "redraw found no value between its limits in 1000 attempts",
                    "limits " + number(a) + " to " + number(b), "limits that the distribution reaches",
                    "Widen the limits, or move the distribution.");
      Stream t = s;
      t.object ^= attempt * 0x9e3779b9u;
      std::uint32_t l = base;
      inner.evaluate(t, group, l, fresh);
      used = 0;
    }
    return fresh[used++];
  };
  for (int i = 0; i < draw_group; ++i)
    while (!(out[i] >= a && out[i] <= b)) out[i] = next();
}

}  // namespace nl
