#include "backend/cpu/rows.hpp"

#include <algorithm>

namespace nl {

namespace {

// Cache lines that will be read soon. Rows start at random places in memory, and a core can wait for few lines at once: asked
// for all together, most requests are dropped. So they are asked for one by one between additions, for the second-level cache.
class Lines {
  static constexpr int most = 32;  // of a longer row, the processor fetches the rest by itself
  const char* line_[most];
  int size_ = 0, next_ = 0;

 public:
  template <class T>
  void add(const T* p, std::uint64_t begin, std::uint64_t end) {
    const char* last = reinterpret_cast<const char*>(p + end);
    for (const char* at = reinterpret_cast<const char*>(p + begin); at < last && size_ < most; at += 64)
      line_[size_++] = at;
    if (begin < end && size_ < most) line_[size_++] = last - 1;
  }
  void fetch_one() {
    if (next_ < size_) __builtin_prefetch(line_[next_++], 0, 2);
  }
  void fetch_rest() {
    while (next_ < size_) __builtin_prefetch(line_[next_++], 0, 2);
  }
};

// For each synapse one load, one addition, one store; all rows of a lane add to the same page, which stays in the cache.
template <class Weight>
inline void add_to_page(const std::uint16_t* __restrict target, std::uint64_t n, double* __restrict page,
                        Weight&& weight, Lines& soon) {
  constexpr int block = 8;
  std::uint64_t i = 0;
  for (; i + block <= n; i += block) {
    soon.fetch_one();
    for (int k = 0; k < block; ++k) page[target[i + k]] += weight(i + k);
  }
  for (; i < n; ++i) page[target[i]] += weight(i);
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

void Rows::make_room(std::uint64_t synapses, std::uint64_t used) {
  if (synapses <= target.size()) return;
  synapses = std::max(synapses, target.size() + target.size() / 4);
  resize(target, used, synapses);
  if (format == WeightFormat::single) resize(single, used, synapses);
  if (format == WeightFormat::wide) resize(wide, used, synapses);
}

void Rows::open_row(NodeId source, Step lowest, std::span<std::uint32_t> count) {
  Row& r = row[source - first];
  r.first = size;
  std::size_t a = 0, b = count.size();
  while (a < b && count[a] == 0) ++a;
  while (b > a && count[b - 1] == 0) --b;
  if (a == b) return;
  r.ends = std::uint32_t(ends.size());
  r.lowest = std::uint16_t(lowest + Step(a));
  r.delays = std::uint16_t(b - a);
  std::uint32_t sum = 0;
  for (std::size_t i = a; i < b; ++i) {
    const std::uint32_t n = count[i];
    count[i] = sum;
    ends.push_back(sum += n);
  }
  size += sum;
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
  for (std::uint64_t i = begin; i < end; ++i) page[target[i]] += counts ? 1 : factor * weight(source, i);
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
      static const double one = 1;
      const void* weight = r->counts                           ? &one
                           : r->format == WeightFormat::single ? static_cast<const void*>(r->single.data() + row.first)
                           : r->format == WeightFormat::wide   ? static_cast<const void*>(r->wide.data() + row.first)
                           : r->format == WeightFormat::per_source
                               ? static_cast<const void*>(&r->of_source[s - r->first])
                               : &r->common;
      const Underway u{r->target.data() + row.first, static_cast<const char*>(weight), r->ends.data() + row.ends,
                       row.lowest, row.delays};
      list.push_back(u);
    }
}

// No branch depends on what is found: the processor looks up many rows at once.
void Pathway::collect(std::size_t at, Step delay) {
  const auto& list = underway[at];
  const std::size_t size = due_.size();
  due_.resize(size + list.size());
  Due* next = due_.data() + size;
  const WeightFormat format = parts[0]->counts ? WeightFormat::common : parts[0]->format;
  const int width = format == WeightFormat::single ? 4 : format == WeightFormat::wide ? 8 : 0;
  for (const Underway& u : list) {
    const std::uint32_t i = std::uint32_t(delay) - u.lowest;
    const bool here = i < u.delays;
    const std::uint32_t* ends = u.ends + (here ? i : 0);
    const std::uint32_t begin = here && i > 0 ? ends[-1] : 0, end = here ? *ends : 0;
    next->target = u.target + begin;
    next->weight = u.weight + std::size_t(begin) * width;
    next->size = end - begin;
    next += end != begin;
  }
  due_.resize(std::size_t(next - due_.data()));
}

namespace {

template <class Due>
void list_lines(const Due& d, int width, Lines& out) {
  out.add(d.target, 0, d.size);
  if (width) out.add(d.weight, 0, std::uint64_t(d.size) * width);
}

}  // namespace

void Pathway::deliver(double* page) {
  constexpr std::size_t ahead = 8;  // rows
  const WeightFormat format = parts[0]->counts ? WeightFormat::common : parts[0]->format;
  const int width = format == WeightFormat::single ? 4 : format == WeightFormat::wide ? 8 : 0;
  for (std::size_t k = 0; k < due_.size(); ++k) {
    const Due& d = due_[k];
    Lines soon;
    if (k + ahead < due_.size()) list_lines(due_[k + ahead], width, soon);
    if (width == 4) {
      const float* w = reinterpret_cast<const float*>(d.weight);
      add_to_page(d.target, d.size, page, [w](std::uint64_t i) { return double(w[i]); }, soon);
    } else if (width == 8) {
      const double* w = reinterpret_cast<const double*>(d.weight);
      add_to_page(d.target, d.size, page, [w](std::uint64_t i) { return w[i]; }, soon);
    } else {
      const double w = *reinterpret_cast<const double*>(d.weight);
      add_to_page(d.target, d.size, page, [w](std::uint64_t) { return w; }, soon);
    }
    soon.fetch_rest();
  }
  due_.clear();
}

}  // namespace nl
