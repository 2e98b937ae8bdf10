// TripartiteConnect: the primary connections, and those from their sources to third nodes and from these to their targets. All
// of them are recipes like those of Connect. They replay the primary rule with its random key, and then the third-factor rule.
#include <mutex>

#include "src/connections.hpp"

namespace nl {

namespace {

// What all recipes of one call share.
struct Tripartite {
  Recipe primary;
  const RuleInfo* rule;
  Ids third;
  ThirdFactorArguments args;
  Stream random;
  mutable std::once_flag once = {};
  mutable std::vector<std::uint32_t> made = {};

  Tripartite(const Recipe& p, const RuleInfo* r, const ThirdFactor& t)
      : primary(p), rule(r), third(t.nodes), args(t.args), random{p.key, p.id, std::uint32_t(Purpose::third), 0} {}
  ThirdFactorCall call() const { return {&primary.sources, &primary.targets, &third, &args, random, &made}; }
  void prepare() const {
    std::call_once(once, [&] {
      primary.prepare();
      made = rule->third.prepare(call());
    });
  }
};
using Shared = std::shared_ptr<const Tripartite>;

enum class Side { primary, in, out };

// The edges of one side that follow from a row of the primary rule.
void read_row(const Tripartite& x, Side side, std::int64_t row, Edges& out) {
  thread_local Edges edges;
  thread_local std::vector<NodeId> third;
  edges.clear();
  x.primary.rule->row(x.primary.call(), row, edges);
  if (side == Side::primary) {
    for (std::size_t k = 0; k < edges.size(); ++k) out.add(edges.source[k], edges.target[k]);
    return;
  }
  x.rule->third.row(x.call(), row, edges, third);
  for (std::size_t k = 0; k < edges.size(); ++k) {
    if (third[k] == 0) continue;
    if (side == Side::in) out.add(edges.source[k], third[k]);
    else out.add(third[k], edges.target[k]);
  }
}

std::shared_ptr<const RuleInfo> rule_of(const Shared& x, Side side) {
  const RuleInfo& p = *x->primary.rule;
  auto r = std::make_shared<RuleInfo>();
  r->name = side == Side::primary ? p.name : x->rule->name;
  // A row has the source, or the target, in common that it has in the primary rule; what is lost is lost.
  r->by_target = side == Side::in ? p.by_target : side == Side::out || p.by_target;
  r->scattered = side == Side::in ? p.by_target : side == Side::out && !p.by_target;
  r->to_devices = false;
  r->exact = side == Side::primary && p.exact;
  r->rows = [x](const RuleCall&) { return x->primary.rule->rows(x->primary.call()); };
  r->prepare = [x](const RuleCall&) {
    x->prepare();
    return std::vector<std::uint64_t>{};
  };
  r->expected = [x, side](const RuleCall&) {
    const double edges = x->primary.rule->expected(x->primary.call());
    return side == Side::primary ? edges : edges * x->rule->third.expected(x->call());
  };
  r->row = [x, side](const RuleCall&, std::int64_t row, Edges& out) { read_row(*x, side, row, out); };
  r->check = [](const RuleCall&) {};
  r->shape = [](const RuleCall&) { return std::vector<std::int64_t>{}; };
  return r;
}

const RuleInfo& third_factor_rule(const std::string& name) {
  const auto& rules = Registry::get().rules;
  const auto found = rules.find(name);
  if (found != rules.end() && found->second.third_factor) return found->second;
  std::vector<std::string> names;
  for (auto& [known, r] : rules)
    if (r.third_factor) names.push_back(known);
  throw unknown_name("BadRule", "there is no third-factor rule of this name", name, names);
}

}  // namespace

void Simulation::connect_tripartite(const Ids& sources, const Ids& targets, const ConnectCall& primary,
                                    const ThirdFactor& t) {
  refuse_while_running("TripartiteConnect");
  for (auto* ids : {&sources, &targets, &t.nodes}) check_ids(*ids);
  if (sources.size() == 0 || targets.size() == 0 || t.nodes.size() == 0)
    throw Error("BadValue", "sources, targets and third nodes must not be empty",
                std::to_string(sources.size()) + " sources, " + std::to_string(targets.size()) + " targets, " +
                    std::to_string(t.nodes.size()) + " third nodes",
                "1 or more of each", "Create the nodes first.");
  if (primary.symmetric)
    throw Error("BadRule", "make_symmetric is not possible with a third factor", "make_symmetric=True", "False",
                "Connect both ways in two calls.");
  std::vector<Recipe> recipes{make_recipe(sources, targets, primary)};
  const RuleInfo& rule = third_factor_rule(t.rule);
  std::vector<ConnectCall> said{primary};
  auto check = [&](Recipe& r, const ConnectCall& c) {
    if (carries(r.synapse)) return complete_coupled(r, c);
    check_call(r, c);
    check_ends(r.sources, r.targets, r);
    check_ports(r.sources, r.targets, r);
  };
  check(recipes[0], primary);
  const auto shared = std::make_shared<const Tripartite>(recipes[0], &rule, t);
  rule.third.check(shared->call());
  auto add = [&](Side side, const Ids& from, const Ids& to, const std::vector<ConnectCall>& calls) {
    const auto own = rule_of(shared, side);
    for (ConnectCall c : calls) {
      c.rule = "all_to_all";  // is replaced
      Recipe r = make_recipe(from, to, c);
      r.id = recipes.back().id + 1;
      r.rule = own.get();
      r.own_rule = own;
      check(r, c);
      recipes.push_back(std::move(r));
      said.push_back(c);
    }
  };
  add(Side::primary, sources, targets, t.more);
  add(Side::in, sources, t.nodes, t.in);
  add(Side::out, t.nodes, targets, t.out);
  require_room(recipes);
  for (std::size_t k = 0; k < recipes.size(); ++k) take(recipes[k], said[k]);
  next_call_ = recipes.back().id + 1;
}

}  // namespace nl
