// Values that all connections of a plastic model share, when they change between runs. A time constant holds from then on: what
// decays until then decays as before. All else holds for what has not been worked out yet, so that weights which were read
// stay as they are when plasticity is switched off.
//
// A synapse is worked out when its source spikes. The first spike after a change brings it up to the time of the change first, with
// the time constants of before; a spike from before the change, which may be still under way, finds these too. If a third factor
// has brought the synapse beyond the change meanwhile, it goes back as it came.
#include <algorithm>

#include "src/connections.hpp"

namespace nl {

namespace {

bool is_time_constant(const Model& m, const std::string& name) {
  const FieldInfo* f = m.info->find(name);
  return f && f->unit == "ms";
}

}  // namespace

void Simulation::remember_common(Model& m, std::vector<double> before) const {
  if (now_ == 0 || before.empty() || !m.info->plastic->settle) return;
  const auto after = common_values(m.id);
  bool changed = false;
  for (std::size_t k = 0; k < after.size(); ++k)
    changed |= is_time_constant(m, m.info->plastic->common[k]) && before[k] != after[k];
  const double now = to_ms(now_, h_);
  if (changed && (m.former.empty() || m.former.back().until != now)) m.former.push_back({now, std::move(before)});
}

std::vector<Former> Simulation::former_of(const Model& m) const {
  std::vector<Former> out = m.former;
  if (out.empty()) return out;
  const auto common = common_values(m.id);
  for (Former& f : out)
    for (std::size_t k = 0; k < common.size(); ++k)
      if (!is_time_constant(m, m.info->plastic->common[k])) f.common[k] = common[k];
  return out;
}

// Before anything happens to the synapses of a source at the time t; the values that hold for it.
const double* Simulation::settle(ThreadState& team, PlasticPath& path, NodeId source, const Row& row, double t) const {
  if (path.former.empty()) return path.common.data();
  std::uint32_t& settled = path.settled[source - path.rows->first];
  std::uint32_t now = 0;
  while (now < path.former.size() && path.former[now].until < t - same_time) ++now;
  auto values = [&](std::uint32_t k) {
    return k < path.former.size() ? path.former[k].common.data() : path.common.data();
  };
  auto pass = [&](auto& how, std::uint32_t change, std::uint32_t by) {
    RowCall call = row_call(team, path, source, row, {path.former[change].until, 0, 0, h_, 1, {}, 0, 0});
    call.common = values(by);
    how(call);
  };
  const PlasticInfo& info = *path.rows->columns->info;
  for (; settled < now; ++settled) pass(info.settle, settled, settled);
  // A third factor has been there already; the spike finds the synapse ahead.
  for (; settled > now; --settled) pass(info.advance, settled - 1, settled);
  return values(now);
}

}  // namespace nl
