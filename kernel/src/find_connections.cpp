// Finding connections: by synapse model, then source, then target. Rows belong to sources already, so what is left to sort
// are the few targets of each; no list of all edges is made beside the answer.
#include "src/connections.hpp"

namespace nl {

namespace {

struct Found {
  NodeId target;
  Handle handle;
};

// Sorts by target, keeping the order of equals. Eleven bits at a time: that many counters stay in the cache.
class TargetSorter {
  static constexpr int bits = 11;
  static constexpr NodeId digit = (NodeId{1} << bits) - 1;
  std::vector<Found> other_;
  std::vector<std::uint32_t> start_;

 public:
  void sort(std::vector<Found>& list) {
    if (std::ranges::is_sorted(list, {}, &Found::target)) return;
    if (list.size() < 256) {
      std::ranges::stable_sort(list, {}, &Found::target);
      return;
    }
    const NodeId most = std::ranges::max(list, {}, &Found::target).target;
    for (int shift = 0; shift < 32 && most >> shift != 0; shift += bits) {
      start_.assign(digit + 2, 0);
      for (auto& f : list) ++start_[(f.target >> shift & digit) + 1];
      for (std::size_t i = 1; i < start_.size(); ++i) start_[i] += start_[i - 1];
      other_.assign(list.size(), {0, Handle(0, 0)});
      for (auto& f : list) other_[start_[f.target >> shift & digit]++] = f;
      list.swap(other_);
    }
  }
};

}  // namespace

// Where the connections of one synapse model are kept.
struct Simulation::Sought {
  std::vector<const Rows*> rows;
  std::vector<std::pair<NodeId, Found>> of_devices;  // by source
};

Connections Simulation::connections(const ConnectionFilter& filter) {
  if (filter.sources) check_ids(*filter.sources);
  if (filter.targets) check_ids(*filter.targets);
  int synapse = -1;
  if (filter.synapse) synapse = find_model(*filter.synapse, "synapse model").id;
  build();
  auto marks = [&](const std::optional<Ids>& ids) {
    std::vector<std::uint8_t> m;
    if (!ids) return m;
    m.resize(where_.size());
    for (std::int64_t i = 0; i < ids->size(); ++i) m[(*ids)[i]] = 1;
    return m;
  };
  const auto from = marks(filter.sources), to = marks(filter.targets);
  auto wanted = [&](int syn, std::int64_t label) {
    return (synapse < 0 || syn == synapse) && (!filter.label || label == *filter.label);
  };
  std::map<int, Sought> models;
  for (auto& l : layers_)
    if (wanted(l.synapse, l.label))
      for (auto& r : l.rows) models[l.synapse].rows.push_back(&r);
  for (std::uint32_t k = 0; k < device_edges_.size(); ++k) {
    const DeviceEdges& e = device_edges_[k];
    if (!wanted(e.synapse, e.label)) continue;
    for (std::size_t i = 0; i < e.source.size(); ++i)
      if ((from.empty() || from[e.source[i]]) && (to.empty() || to[e.target[i]]))
        models[e.synapse].of_devices.push_back({e.source[i], {e.target[i], Handle(device_tables + k, i)}});
  }
  Connections out;
  out.sim = this;
  out.version = version_;
  for (auto& [model, sought] : models) find(sought, from, to, out.handles);
  return out;
}

void Simulation::find(Sought& sought, const std::vector<std::uint8_t>& from, const std::vector<std::uint8_t>& to,
                      std::vector<Handle>& out) const {
  auto& devices = sought.of_devices;
  std::ranges::stable_sort(devices, {}, &std::pair<NodeId, Found>::first);
  NodeId first = devices.empty() ? NodeId(where_.size()) : devices.front().first;
  NodeId last = devices.empty() ? 0 : devices.back().first + 1;
  std::uint64_t size = devices.size();
  for (const Rows* r : sought.rows) {
    first = std::min(first, r->first);
    last = std::max(last, r->last);
    size += r->size;
  }
  if (from.empty() && to.empty()) out.reserve(out.size() + size);
  TargetSorter sorter;
  std::vector<Found> found;
  auto device = devices.begin();
  for (NodeId s = first; s < last; ++s) {
    if (!from.empty() && !from[s]) continue;
    found.clear();
    for (const Rows* r : sought.rows)
      each_edge(*r, s, to, [&](NodeId t, std::uint64_t i) { found.push_back({t, Handle(r->table, i)}); });
    for (; device != devices.end() && device->first == s; ++device) found.push_back(device->second);
    sorter.sort(found);
    for (auto& f : found) out.push_back(f.handle);
  }
}

}  // namespace nl
