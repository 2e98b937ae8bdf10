#include "backend/cpu/rows.hpp"

#include <algorithm>

namespace nl {

namespace {

// One weight for the whole row: one load, one addition, one store for each synapse.
inline void add_constant(const std::uint16_t* __restrict target, std::uint64_t n, double w, double* __restrict page) {
  std::uint64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    page[target[i]] += w;
    page[target[i + 1]] += w;
    page[target[i + 2]] += w;
    page[target[i + 3]] += w;
  }
  for (; i < n; ++i) page[target[i]] += w;
}

template <class W>
inline void add_weights(const std::uint16_t* __restrict target, const W* __restrict weight, std::uint64_t n,
                        double factor, double* __restrict page) {
  for (std::uint64_t i = 0; i < n; ++i) page[target[i]] += factor * double(weight[i]);
}

// (Inlined always: g++ takes a function that only prefetches for one without effect, and drops its calls.)
template <class T>
[[gnu::always_inline]] inline void prefetch_range(const T* p, std::uint64_t begin, std::uint64_t end) {
  const char* a = reinterpret_cast<const char*>(p + begin);
  const char* b = reinterpret_cast<const char*>(p + end);
  for (int lines = 0; a < b && lines < 8; a += 64, ++lines) __builtin_prefetch(a);
}

template <class T>
void resize(Buffer<T>& buffer, std::uint64_t used, std::uint64_t size) {
  Buffer<T> larger(size);
  std::copy_n(buffer.begin(), used, larger.begin());
  buffer = std::move(larger);
}

}  // namespace

std::size_t Rows::bytes() const {
  const std::size_t width = format == WeightFormat::single ? 4 : format == WeightFormat::wide ? 8 : 0;
  return size * (sizeof(std::uint16_t) + width) + row.capacity() * sizeof(Row) + ends.capacity() * sizeof(ends[0]) +
         of_source.bytes();
}

NodeId Rows::source_at(std::uint64_t at) const {
  auto after = std::upper_bound(row.begin(), row.end(), at, [](std::uint64_t x, const Row& r) { return x < r.first; });
  return first + NodeId(after - row.begin()) - 1;
}

Step Rows::delay(const Row& r, std::uint64_t at) const {
  const auto begin = ends.begin() + r.ends;
  return r.lowest + (std::upper_bound(begin, begin + r.delays, std::uint32_t(at - r.first)) - begin);
}

void Rows::make_room(std::uint64_t synapses) {
  if (synapses <= target.size()) return;
  synapses = std::max(synapses, target.size() + target.size() / 4);
  resize(target, size, synapses);
  if (format == WeightFormat::single) resize(single, size, synapses);
  if (format == WeightFormat::wide) resize(wide, size, synapses);
}

void Rows::open_row(NodeId source, Step lowest, std::size_t ends_before) {
  Row& r = row[source - first];
  r.first = size;
  r.ends = std::uint32_t(ends_before);
  r.lowest = std::uint16_t(lowest);
  r.delays = std::uint16_t(ends.size() - ends_before);
  size += ends.back();
}

void Rows::widen() {
  if (format == WeightFormat::wide) return;
  Buffer<double> all(target.size());
  for (NodeId s = first; s < last; ++s)
    for (std::uint64_t i = of(s).first; i < end(of(s)); ++i) all[i] = weight(s, i);
  wide = std::move(all);
  of_source = {};
  single = {};
  format = WeightFormat::wide;
}

void Rows::deliver(NodeId source, Step delay, double factor, double* page) const {
  const auto [begin, end] = segment(of(source), delay);
  const std::uint16_t* t = target.data() + begin;
  const std::uint64_t n = end - begin;
  if (counts) return add_constant(t, n, 1, page);
  if (format == WeightFormat::single) return add_weights(t, single.data() + begin, n, factor, page);
  if (format == WeightFormat::wide) return add_weights(t, wide.data() + begin, n, factor, page);
  if (n > 0) add_constant(t, n, factor * weight(source, begin), page);
}

void Pathway::add(const Rows& r) {
  parts.push_back(&r);
  for (const Row& row : r.row)
    if (row.delays) {
      lowest = std::min<Step>(lowest, row.lowest);
      highest = std::max<Step>(highest, row.lowest + row.delays - 1);
    }
}

// In order of sources, so that sums do not depend on how the sources are divided into parts.
void Pathway::launch(std::span<const NodeId> spikes, std::size_t at) {
  auto& list = underway[at];
  list.clear();
  std::vector<NodeId> sorted;
  if (!std::is_sorted(spikes.begin(), spikes.end())) {
    sorted.assign(spikes.begin(), spikes.end());
    std::sort(sorted.begin(), sorted.end());
    spikes = sorted;
  }
  for (const Rows* r : parts)
    for (NodeId s : spikes) {
      if (s < r->first || s >= r->last) continue;
      const Row& row = r->of(s);
      if (row.delays == 0) continue;
      Underway u{r->target.data() + row.first, {}, r->ends.data() + row.ends, row.lowest, row.delays};
      if (r->counts) u.constant = 1;
      else if (r->format == WeightFormat::single) u.single = r->single.data() + row.first;
      else if (r->format == WeightFormat::wide) u.wide = r->wide.data() + row.first;
      else u.constant = r->weight(s, 0);
      list.push_back(u);
    }
}

namespace {

template <class Add>
inline void each(const std::vector<Underway>& list, Step delay, Add&& add) {
  constexpr std::size_t ahead = 4;  // rows start at random places: ask for the next ones early
  auto segment = [&](const Underway& u, auto&& f) __attribute__((always_inline)) {
    const std::uint32_t i = std::uint32_t(delay) - u.lowest;
    if (i >= u.delays) return;
    f(i ? u.ends[i - 1] : 0, u.ends[i]);
  };
  for (std::size_t k = 0; k < list.size(); ++k) {
    if (k + 2 * ahead < list.size()) {
      const Underway& u = list[k + 2 * ahead];
      __builtin_prefetch(u.ends + (std::uint32_t(delay) - u.lowest));
    }
    if (k + ahead < list.size()) {
      const Underway& u = list[k + ahead];
      segment(u, [&](std::uint32_t begin, std::uint32_t end)
                     __attribute__((always_inline)) { add.prefetch(u, begin, end); });
    }
    const Underway& u = list[k];
    segment(u, [&](std::uint32_t begin, std::uint32_t end) { add(u, begin, end - begin); });
  }
}

struct AddConstant {
  double* page;
  [[gnu::always_inline]] void prefetch(const Underway& u, std::uint32_t begin, std::uint32_t end) const {
    prefetch_range(u.target, begin, end);
  }
  void operator()(const Underway& u, std::uint32_t begin, std::uint32_t n) const {
    add_constant(u.target + begin, n, u.constant, page);
  }
};

template <class W, const W* Underway::* Weight>
struct AddWeights {
  double* page;
  [[gnu::always_inline]] void prefetch(const Underway& u, std::uint32_t begin, std::uint32_t end) const {
    prefetch_range(u.target, begin, end);
    prefetch_range(u.*Weight, begin, end);
  }
  void operator()(const Underway& u, std::uint32_t begin, std::uint32_t n) const {
    add_weights(u.target + begin, u.*Weight + begin, n, 1.0, page);
  }
};

}  // namespace

void Pathway::deliver(std::size_t at, Step delay, double* page) const {
  const auto& list = underway[at];
  if (list.empty()) return;
  const Rows& r = *parts[0];
  if (r.counts) return each(list, delay, AddConstant{page});
  if (r.format == WeightFormat::single) return each(list, delay, AddWeights<float, &Underway::single>{page});
  if (r.format == WeightFormat::wide) return each(list, delay, AddWeights<double, &Underway::wide>{page});
  each(list, delay, AddConstant{page});
}

}  // namespace nl
