// Connections that are made one by one. Programs that read a network from a file call Connect a million times: what it says
// is kept in one list for each synapse model, label and receptor, and what was checked for a connection is not checked again
// for the next one of the same kind.
#include "src/connections.hpp"

namespace nl {

namespace {

constexpr std::size_t most_kinds = 8;  // that are remembered

// One value more in a list that is a single number as long as all are the same.
void append(Strength& list, std::size_t size, double value) {
  if (list.array.empty()) {
    if (value == list.p.value()) return;
    list.array.assign(size, list.p.value());
  }
  list.array.push_back(value);
}

void append(Recipe& list, NodeId source, NodeId target, double weight, double delay) {
  append(list.weight, list.sources.list.size(), weight);
  append(list.delay, list.sources.list.size(), delay);
  list.sources.list.push_back(source);
  list.targets.list.push_back(target);
}

}  // namespace

// Whether a recipe is one connection, and nothing about it is drawn.
bool Simulation::is_single(const Recipe& r) const {
  return r.sources.size() == 1 && r.targets.size() == 1 && r.rule->exact && r.rule->expected(r.call()) == 1 &&
         r.args.allow_autapses && r.weight.fixed() && r.delay.fixed() && !r.space && !plastic_of(r.synapse);
}

void Simulation::join(Recipe r) {
  const auto [found, fresh] = open_lists_.try_emplace({r.synapse, r.label, r.receptor}, recipes_.size());
  const NodeId source = r.sources[0], target = r.targets[0];
  if (!fresh) return append(recipes_[found->second], source, target, r.weight.p.value(), r.delay.p.value());
  r.rule = &edges_rule();
  r.sources.list = {source};
  r.targets.list = {target};
  recipes_.push_back(std::move(r));
}

void Simulation::remember_single(const Recipe& r, const ConnectCall& c) {
  if (single_passage_ + 1 != passages_ || single_kinds_.size() == most_kinds) single_kinds_.clear();
  single_passage_ = passages_;
  const std::uint32_t from = place(r.sources[0]).store, to = place(r.targets[0]).store;
  if (from == device_place || to == device_place || !c.pre_element.empty() || c.label >= 0 || !r.rule->required.empty())
    return;
  std::optional<std::int64_t> receptor;
  if (c.receptor >= 0) receptor = c.receptor;
  const double weight = r.weight.p.value();
  single_kinds_.push_back({c.rule,
                           c.synapse,
                           c.has_weight,
                           c.has_delay,
                           receptor,
                           from,
                           to,
                           weight,
                           r.delay.p.value(),
                           weight < 0,
                           {r.synapse, r.label, r.receptor}});
}

bool Simulation::connect_again(const SingleConnection& c) {
  const std::unique_lock gate(mutex_, std::try_to_lock);
  if (!gate || running_ || single_passage_ != passages_) return false;
  for (const SingleKind& kind : single_kinds_)
    if (kind.is_that_of(c) && connect_again(c, kind)) return true;
  return false;
}

bool Simulation::connect_again(const SingleConnection& c, const SingleKind& kind) {
  if (c.source < 1 || c.target < 1 || c.source >= where_.size() || c.target >= where_.size()) return false;
  const Place &from = where_[c.source], &to = where_[c.target];
  if (from.store != kind.from || to.store != kind.to || stores_[to.store]->ports(to.lane)) return false;
  const double weight = c.weight.value_or(kind.usual_weight), delay = c.delay.value_or(kind.usual_delay);
  if (!std::isfinite(weight) || (weight < 0) != kind.negative || !(delay > 0 && delay < 60000 * h_)) return false;
  const Step steps = delay_in_steps(delay, h_);
  if (steps < 1 || (extrema_fixed_ && (steps < min_delay_ || steps > max_delay_))) return false;
  const auto list = open_lists_.find(kind.list);
  constexpr std::int64_t look = 1 << 16;  // so often at the memory there is
  if (list == open_lists_.end() || std::int64_t(pending_edges_) % look == 0) return false;
  append(recipes_[list->second], c.source, c.target, weight, delay);
  stores_[to.store]->relied_on(to.lane, NeuronStore::Reliance::connection);
  note_delays(steps, steps);
  pending_edges_ += 1;
  ++next_call_;
  ++version_;
  return true;
}

}  // namespace nl
