// What a rule says of its flags, and connections that are made both ways, as make_symmetric asks: the same pairs again, the
// other way round.
#include "src/connections.hpp"

namespace nl {

std::string rules_both_ways() {
  std::string names;
  for (auto& [name, r] : Registry::get().rules)
    if (r.both_ways) names += (names.empty() ? "" : " or ") + name;
  return names;
}

void check_flags(const RuleInfo& rule, const ConnectCall& c) {
  if (c.symmetric && !rule.both_ways)
    throw Error("BadRule", "make_symmetric is not possible with this rule", "rule " + rule.name, rules_both_ways(),
                "Connect both ways in two calls.");
  for (auto& [name, wanted] : rule.needs) {
    const bool given = name == "make_symmetric"   ? c.symmetric
                       : name == "allow_autapses" ? c.args.allow_autapses
                                                  : c.args.allow_multapses;
    const std::string right = wanted ? "True" : "False";
    if (given != wanted)
      throw Error("BadRule", rule.name + " needs " + name + "=" + right, given ? "True" : "False", right,
                  "Write '" + name + "': " + right + " in conn_spec.");
  }
}

Recipe other_way(const Recipe& r) {
  Recipe back = r;
  std::swap(back.sources, back.targets);
  back.id = r.id + 1;  // weights and delays are drawn anew
  auto there = std::make_shared<Recipe>(r);
  there->weight = there->delay = {};
  there->columns = {};
  auto own = std::make_shared<RuleInfo>(*r.rule);
  own->by_target = !r.rule->by_target;
  own->rows = [there](const RuleCall&) { return there->rule->rows(there->call()); };
  own->expected = [there](const RuleCall&) { return there->rule->expected(there->call()); };
  own->shape = [there](const RuleCall&) { return there->rule->shape(there->call()); };
  own->check = [](const RuleCall&) {};
  own->prepare = [there](const RuleCall&) {
    there->prepare();
    return std::vector<std::uint64_t>{};
  };
  own->row = [there](const RuleCall&, std::int64_t row, Edges& out) {
    thread_local Edges edges;
    edges.clear();
    there->rule->row(there->call(), row, edges);
    for (std::size_t k = 0; k < edges.size(); ++k) out.add(edges.target[k], edges.source[k]);
  };
  if (r.rule->place)
    own->place = [there](const RuleCall&, std::int64_t row, std::int64_t k, const Edges& edges) {
      return there->rule->place(there->call(), row, k, {edges.target, edges.source});
    };
  if (r.space) back.space = r.space->turned();
  back.rule_in_space = false;  // the rule is asked about the way there
  back.rule = own.get();
  back.own_rule = std::move(own);
  return back;
}

}  // namespace nl
