// Synapses on which a third factor acts: the device that collects it, and when they take note of it.
//
// Such a synapse is brought up to date by spikes of its source, which leave when the slice after their own begins, and by the
// device, at the end of a slice. So a spike of the last slice finds the synapse ahead of its time; what was released since is
// kept long enough for it to go back.
#include "src/connections.hpp"

namespace nl {

std::string Simulation::models_with(Role role) const {
  std::string names;
  for (auto& m : models_)
    if (m->prototype && m->prototype->role() == role) names += (names.empty() ? "" : " or ") + m->name;
  return names;
}

std::uint32_t Simulation::modulator_of(const Model& m) const {
  if (!m.info->plastic || m.info->plastic->modulator.empty()) return PlasticPath::none;
  const auto& ids = std::get<std::vector<double>>(m.synapse.at(m.info->plastic->modulator));
  return ids.empty() ? PlasticPath::none : place(NodeId(ids[0])).lane;
}

void Simulation::check_modulator(const Model& m) const {
  const std::string& name = m.info->plastic->modulator;
  if (name.empty() || modulator_of(m) != PlasticPath::none) return;
  const std::string right = with_article(models_with(Role::modulator));
  throw Error("BadValue", m.name + " has no " + name + ", which all its connections need", "none", right,
              "Create " + right + " and SetDefaults('" + m.name + "', {'" + name + "': it}) first.");
}

std::span<const Release> Simulation::released(const PlasticPath& path) const {
  if (path.modulator == PlasticPath::none) return {};
  return instances_[path.modulator].device->released();
}

bool Simulation::delivers(std::uint32_t modulator, Step now) const {
  if (modulator == PlasticPath::none || now % min_delay_ != 0) return false;
  const Instance& i = instances_[modulator];
  return !i.frozen() && i.device->delivers(now, min_delay_);
}

// At the end of a step: what the devices deliver now reaches all synapses that name them.
void Simulation::modulate(ThreadState& team, Step now) {
  for (PlasticPath& path : team.plastic.paths) {
    if (!delivers(path.modulator, now)) continue;
    const Rows& r = *path.rows;
    const Spike time{to_ms(now, h_), 0, 0, h_, 1, {}, 0, now};
    for (NodeId s = r.first; s < r.last; ++s)
      if (const Row& row = r.of(s); row.delays > 0) {
        settle(team, path, s, row, time.t);
        r.columns->info->advance(row_call(team, path, s, row, time));
      }
  }
}

void Simulation::forget_releases(Step now) {
  for (std::uint32_t k = 0; k < instances_.size(); ++k)
    if (instances_[k].device->role() == Role::modulator && delivers(k, now))
      instances_[k].device->forget(to_ms(now - max_delay_, h_));
}

}  // namespace nl
