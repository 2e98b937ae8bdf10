// The pairs that a rule connects, for those who then connect them one by one.
#include "src/connections.hpp"

namespace nl {

// Nothing is connected. The values are those of the weight of the call, which users know by another name.
Pairs Simulation::draw_pairs(const Ids& sources, const Ids& targets, const ConnectCall& c, const std::string& name) {
  refuse_while_running("Connect");
  check_ids(sources);
  check_ids(targets);
  std::vector<Recipe> recipes{make_recipe(sources, targets, c)};
  Recipe& r = recipes[0];
  check_flags(*r.rule, c);
  r.rule->check(r.call());
  check_shape(r, c.weight_shape, name.c_str());
  if (c.symmetric) recipes.push_back(other_way(r));
  require_room(recipes);
  Pairs out;
  for (const Recipe& x : recipes)
    replay(x, [&](const Edges& e, const double* value, const double*) {
      out.source.insert(out.source.end(), e.source.begin(), e.source.end());
      out.target.insert(out.target.end(), e.target.begin(), e.target.end());
      if (value) out.value.insert(out.value.end(), value, value + e.size());
      else out.value.insert(out.value.end(), e.size(), x.weight.p.value());
    });
  next_call_ = recipes.back().id + 1;  // who connects them draws other numbers
  return out;
}

}  // namespace nl
