#include "backend/cpu/rows.hpp"

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

template <class T>
inline void prefetch_range(const T* p, std::uint64_t begin, std::uint64_t end) {
  const char* a = reinterpret_cast<const char*>(p + begin);
  const char* b = reinterpret_cast<const char*>(p + end);
  for (int lines = 0; a < b && lines < 8; a += 64, ++lines) __builtin_prefetch(a);
}

}  // namespace

void Rows::widen() {
  if (format == WeightFormat::wide) return;
  Buffer<double> all(size());
  for (NodeId s = first; s < last; ++s)
    for (std::uint64_t i = base[s - first]; i < base[s - first + 1]; ++i) all[i] = weight(s, i);
  wide = std::move(all);
  of_source = {};
  single = {};
  format = WeightFormat::wide;
}

void Rows::deliver_one(NodeId source, std::uint32_t column, double factor, double* input) const {
  if (source < first || source >= last) return;
  const auto [begin, end] = segment(source, column);
  const std::uint16_t* t = target.data() + begin;
  const std::uint64_t n = end - begin;
  if (counts) return add_constant(t, n, 1, input);
  switch (format) {
    case WeightFormat::common:
      return add_constant(t, n, factor * common, input);
    case WeightFormat::per_source:
      return add_constant(t, n, factor * of_source[source - first], input);
    case WeightFormat::single:
      return add_weights(t, single.data() + begin, n, factor, input);
    case WeightFormat::wide:
      return add_weights(t, wide.data() + begin, n, factor, input);
  }
}

void Rows::deliver(std::span<const NodeId> spikes, std::uint32_t column, double* input) const {
  constexpr std::size_t ahead = 4;  // rows start at random places: ask for the next ones early
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    if (i + 2 * ahead < spikes.size()) {
      const NodeId s = spikes[i + 2 * ahead];
      if (s >= first && s < last) {
        __builtin_prefetch(&base[s - first]);
        if (delays > 1) __builtin_prefetch(&offset[(s - first) * std::size_t{delays} + column]);
      }
    }
    if (i + ahead < spikes.size()) {
      const NodeId s = spikes[i + ahead];
      if (s >= first && s < last) {
        const auto [begin, end] = segment(s, column);
        prefetch_range(target.data(), begin, end);
        if (format == WeightFormat::single) prefetch_range(single.data(), begin, end);
        if (format == WeightFormat::wide) prefetch_range(wide.data(), begin, end);
      }
    }
    deliver_one(spikes[i], column, 1.0, input);
  }
}

}  // namespace nl
