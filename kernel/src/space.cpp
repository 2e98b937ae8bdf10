// Layers of a simulation: where their nodes are, and what Connect makes of it.
#include "src/connections.hpp"

#include <algorithm>
#include <cmath>

namespace nl {

namespace {

void check_mask(const Mask& mask, const Space& layer) {
  if (mask.dimensions() != layer.frame.dimensions)
    throw Error("BadValue", "the mask has another number of dimensions than the layer",
                std::to_string(mask.dimensions()) + " and " + std::to_string(layer.frame.dimensions),
                "masks of " + std::to_string(layer.frame.dimensions) + " dimensions",
                layer.frame.dimensions == 2 ? "Use circular, doughnut, elliptical or rectangular."
                                            : "Use box, ellipsoidal or spherical.");
  if (mask.on_grid() && layer.shape.empty())
    throw Error("BadValue", "a grid mask counts the cells of a grid", "a layer of free positions",
                "layers made by a grid", "Use a rectangular mask.");
}

}  // namespace

const Space* Simulation::space_of(NodeId id) const {
  place(id);
  const auto after =
      std::upper_bound(spaces_.begin(), spaces_.end(), id, [](NodeId x, auto& space) { return x < space->first; });
  if (after == spaces_.begin() || !after[-1]->has(id)) return nullptr;
  return after[-1].get();
}

// The layer that all of these nodes belong to; null where there is none.
std::shared_ptr<const Space> Simulation::shared_space(const Ids& ids) const {
  check_ids(ids);
  const Space* space = ids.size() > 0 ? space_of(ids[0]) : nullptr;
  if (!space) return nullptr;
  for (std::int64_t i = 0; i < ids.size(); ++i)
    if (!space->has(ids[i])) return nullptr;
  for (auto& s : spaces_)
    if (s.get() == space) return s;
  return nullptr;
}

const Space& Simulation::layer_of(const Ids& ids) const {
  const auto space = shared_space(ids);
  if (space) return *space;
  if (ids.size() == 0)
    throw Error("NoPositions", "there are no nodes", "0 nodes", "1 or more nodes of one layer",
                "Test len() of the collection first.");
  std::int64_t without = 0;
  for (std::int64_t i = 0; i < ids.size(); ++i) without += !space_of(ids[i]);
  throw Error("NoPositions", without ? "these nodes have no positions" : "these nodes belong to more than one layer",
              without ? std::to_string(without) + " of " + std::to_string(ids.size()) + " nodes"
                      : "nodes " + std::to_string(ids[0]) + " to " + std::to_string(ids[ids.size() - 1]),
              "nodes of one layer", "Create them with positions, by nest.spatial.grid or nest.spatial.free.");
}

std::vector<double> Simulation::positions(const Ids& ids) const {
  const Space& space = layer_of(ids);
  std::vector<double> out;
  for (std::int64_t i = 0; i < ids.size(); ++i) {
    const Point p = space.of(ids[i]);
    out.insert(out.end(), p.begin(), p.end());
  }
  return out;
}

std::vector<double> Simulation::displacements(const Ids& from, const Ids& to) const {
  const Space& space = layer_of(from);
  std::vector<Point> places;
  for (std::int64_t i = 0; i < from.size(); ++i) places.push_back(space.of(from[i]));
  return displacements(places, to);
}

std::vector<double> Simulation::displacements(const std::vector<Point>& from, const Ids& to) const {
  const Space& space = layer_of(to);
  const std::size_t n = std::max(from.size(), std::size_t(to.size()));
  std::vector<double> out;
  for (std::size_t i = 0; i < n; ++i) {
    const NodeId id = to[to.size() == 1 ? 0 : std::int64_t(i)];
    const Point way = space.frame.displacement(from[from.size() == 1 ? 0 : i], space.of(id));
    out.insert(out.end(), way.begin(), way.end());
  }
  return out;
}

std::vector<std::uint32_t> Simulation::inside(const Ids& ids, const Point& anchor, const Mask& mask) const {
  Pairing p;
  p.targets = shared_space(ids);
  if (!p.targets) layer_of(ids);
  check_mask(mask, *p.targets);
  p.frame = p.targets->frame;
  std::vector<NodeId> pool;
  for (std::int64_t i = 0; i < ids.size(); ++i) pool.push_back(ids[i]);
  p.search(mask, pool, true);
  std::vector<std::uint32_t> out;
  p.reach(anchor, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::uint8_t> Simulation::covers(NodeId id, const std::vector<Point>& places, const Mask& mask) const {
  const Space& space = layer_of({id, 1, 1, {}});
  check_mask(mask, space);
  const bool cells = mask.on_grid();
  const Mask region = cells ? mask.in_cells_of(space) : mask;
  const Point center = cells ? space.cell_center(space.of(id)) : space.of(id);
  std::vector<std::uint8_t> out;
  for (const Point& p : places) out.push_back(region.inside(space.frame.displacement(center, p)));
  return out;
}

// --- values

std::vector<double> Simulation::draw(const Parameter& p, const Ids& ids) {
  if (!p.needs()) return draw(p, ids.size());
  std::vector<NodeId> nodes;
  for (std::int64_t i = 0; i < ids.size(); ++i) nodes.push_back(ids[i]);
  Pairing::Room room;
  const Scene scene = look_at(layer_of(ids), nodes, room);
  std::vector<double> out(nodes.size());
  p.draw(Stream{key_, next_draw_, std::uint32_t(Purpose::parameter), 0}, 0, out, &scene);
  ++next_draw_;
  return out;
}

std::vector<double> Simulation::draw(const Parameter& p, NodeId source, const std::vector<Point>& places) {
  const Space& space = layer_of({source, 1, 1, {}});
  auto there = std::make_shared<Space>();
  there->frame = space.frame;
  there->count = std::int64_t(places.size());
  for (std::size_t k = 0; k < std::size_t(space.frame.dimensions); ++k)
    for (const Point& x : places) there->at[k].push_back(x[k]);
  Pairing pairing;
  pairing.sources = shared_space({source, 1, 1, {}});
  pairing.targets = there;
  pairing.frame = space.frame;
  std::vector<NodeId> from(places.size(), source), to(places.size());
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = NodeId(i);
  Pairing::Room room;
  const Scene scene = pairing.look(p.needs(), from.data(), to.data(), to.size(), room);
  std::vector<double> out(places.size());
  p.draw(Stream{key_, next_draw_, std::uint32_t(Purpose::parameter), 0}, 0, out, &scene);
  ++next_draw_;
  return out;
}

// --- Connect

namespace {

constexpr unsigned of_nodes = 7, of_sources = 7u << int(Quantity::source), of_targets = 7u << int(Quantity::target),
                   of_ways = 15u << int(Quantity::distance);

std::vector<Strength*> strengths(Recipe& r) {
  std::vector<Strength*> all{&r.weight, &r.delay};
  for (auto* list : {&r.factors, &r.columns})
    for (Strength& s : *list) all.push_back(&s);
  return all;
}

}  // namespace

// What is said of space fits the rule and the nodes.
void Simulation::check_in_space(const Recipe& r, unsigned needs) const {
  const SpaceArguments& said = r.args.space;
  if (r.rule_in_space && !r.rule->in_space) {
    std::string names;
    for (auto& [name, rule] : Registry::get().rules)
      if (rule.in_space) names += (names.empty() ? "" : ", ") + name;
    throw Error("BadRule", r.rule->name + " knows no mask, and no p that depends on positions",
                said.mask ? "a mask" : "a p that depends on positions", names, "Choose one of these rules.");
  }
  if (said.use_on_source && !r.rule->either_side)
    throw Error("BadRule", r.rule->name + " says itself on which side the mask lies", "use_on_source=True", "False",
                "Leave use_on_source out.");
  if (needs & of_nodes)
    throw Error("BadValue", "connections depend on two nodes, not on one", "nest.spatial.pos",
                "nest.spatial.source_pos, target_pos and distance", "Say which end of the connection is meant.");
  const bool ways = r.rule_in_space || (needs & of_ways) != 0;
  if (ways || (needs & of_sources)) layer_of(r.sources);
  if (ways || (needs & of_targets)) layer_of(r.targets);
  if (!r.space->sources || !r.space->targets) return;
  const int from = r.space->sources->frame.dimensions, to = r.space->targets->frame.dimensions;
  if (from != to)
    throw Error("BadValue", "sources and targets have positions in different numbers of dimensions",
                std::to_string(from) + " and " + std::to_string(to), "both 2 or both 3",
                "Create both layers in the plane, or both in space.");
  for (int k = r.space->frame.dimensions; k < 3; ++k)
    for (Quantity q : {Quantity::source, Quantity::target, Quantity::span})
      if (needs >> (int(q) + k) & 1)
        throw Error("BadValue", "the nodes have no position along this axis", "z of positions in 2 dimensions",
                    "x or y", "Create the layers in 3 dimensions.");
}

// Gives a recipe what it has to know of places, if anything in it depends on them.
void Simulation::locate(Recipe& r, const ConnectCall& c) const {
  const SpaceArguments& said = r.args.space;
  unsigned needs =
      r.args.p.needs() | (said.choice ? said.choice->needs() : 0) | r.args.indegree.needs() | r.args.outdegree.needs();
  r.rule_in_space = said.mask || said.choice || said.use_on_source || needs;
  for (Strength* s : strengths(r)) needs |= s->p.needs();
  for (auto& f : c.factors) needs |= f.value.p.needs();
  if (!needs && !r.rule_in_space) return;
  auto pairing = std::make_shared<Pairing>();
  pairing->sources = shared_space(r.sources);
  pairing->targets = shared_space(r.targets);
  pairing->pool_is_targets = !r.rule->by_target;
  pairing->reversed = said.use_on_source && pairing->pool_is_targets;
  const bool in_sources = r.rule->by_target || said.use_on_source;
  if (auto& layer = in_sources ? pairing->sources : pairing->targets) pairing->frame = layer->frame;
  else if (auto& other = in_sources ? pairing->targets : pairing->sources) pairing->frame = other->frame;
  r.space = pairing;
  check_in_space(r, needs);
  const Limits limits = pairing->limits();
  for (Strength* s : strengths(r)) s->p = s->p.within(limits);
  if (!said.mask) return;
  const Space& layer = in_sources ? *pairing->sources : *pairing->targets;
  check_mask(*said.mask, layer);
  std::vector<NodeId> pool;
  const Ids& ids = pairing->pool_is_targets ? r.targets : r.sources;
  for (std::int64_t i = 0; i < ids.size(); ++i) pool.push_back(ids[i]);
  pairing->search(*said.mask, pool, said.allow_oversized_mask);
}

}  // namespace nl
