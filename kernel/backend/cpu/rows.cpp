#include "backend/cpu/rows.hpp"

#include <algorithm>
#include <bit>
#include <type_traits>

#include <nest_lab/store.hpp>

namespace nl {

namespace {

// What of a row will be read soon. Rows start at random places in memory, and a core can wait for few lines at once: asked
// for all together, most requests are dropped. So they are asked for one by one between additions, for the second-level cache.
class Lines {
  const char *next_, *last_;

 public:
  Lines(const char* begin, const char* end) : next_(begin), last_(end - 1) {}
  void fetch_one() {
    __builtin_prefetch(next_, 0, 2);
    next_ = std::min(next_ + 64, last_);
  }
  void fetch_rest() {
    for (; next_ < last_; next_ += 64) __builtin_prefetch(next_, 0, 2);
    __builtin_prefetch(last_, 0, 2);
  }
};

// For each synapse one load, one addition, one store; all rows of a pathway add to the same page, which stays in the cache.
template <class W>
inline void add_to_page(const char* synapse, std::size_t n, double common, double* __restrict page, Lines soon) {
  constexpr std::size_t stride =
      sizeof(std::uint16_t) + (std::is_void_v<W> ? 0 : sizeof(std::conditional_t<std::is_void_v<W>, char, W>));
  constexpr int block = 8;
  auto add = [&](const char* s) {
    double w = common;
    if constexpr (!std::is_void_v<W>) w = double(Rows::load<W>(s + sizeof(std::uint16_t)));
    page[Rows::load<std::uint16_t>(s)] += w;
  };
  const char* const end = synapse + n * stride;
  for (; synapse + (block - 1) * stride < end; synapse += block * stride) {
    soon.fetch_one();
    for (int k = 0; k < block; ++k) add(synapse + k * stride);
  }
  for (; synapse < end; synapse += stride) add(synapse);
  soon.fetch_rest();
}

template <class W>
void add_due(std::span<const Due> due, std::size_t stride, double* page) {
  constexpr std::size_t ahead = 8;  // rows
  for (std::size_t k = 0; k < due.size(); ++k) {
    const Due& d = due[k];
    const Due& soon = due[std::min(k + ahead, due.size() - 1)];
    add_to_page<W>(d.first, d.size, d.weight, page, {soon.first, soon.first + soon.size * stride});
  }
}

// Spikes are counted, whatever their weights.
void count_due(std::span<const Due> due, std::size_t stride, double* page) {
  for (const Due& d : due)
    for (std::size_t i = 0; i < d.size; ++i) page[Rows::load<std::uint16_t>(d.first + i * stride)] += 1;
}

// The weight of what is due is that of its transition, where synapses have weights of their own.
template <class W>
void transition_due(std::span<const Due> due, std::size_t stride, double* page) {
  for (const Due& d : due)
    for (std::size_t i = 0; i < d.size; ++i) {
      const char* synapse = d.first + i * stride;
      double w = d.weight;
      if constexpr (!std::is_void_v<W>) w *= double(Rows::load<W>(synapse + sizeof(std::uint16_t)));
      page[Rows::load<std::uint16_t>(synapse)] += w;
    }
}

}  // namespace

std::size_t Rows::bytes() const {
  return size * stride() + row.capacity() * sizeof(Row) + runs.capacity() * sizeof(RunEnd) + of_source.bytes() +
         (columns ? columns->bytes() : 0);
}

double Rows::weight(NodeId source, std::uint64_t at) const {
  if (format == WeightFormat::common) return common;
  if (format == WeightFormat::per_source) return of_source[source - first];
  const char* w = data.data() + at * stride() + sizeof(std::uint16_t);
  return format == WeightFormat::single ? double(load<float>(w)) : load<double>(w);
}

void Rows::set(std::uint64_t at, NodeId source, std::uint16_t target, double weight) {
  char* synapse = data.data() + at * stride();
  std::memcpy(synapse, &target, sizeof target);
  const float narrow = float(weight);
  if (format == WeightFormat::single) std::memcpy(synapse + sizeof target, &narrow, sizeof narrow);
  else if (format == WeightFormat::wide) std::memcpy(synapse + sizeof target, &weight, sizeof weight);
  else if (format == WeightFormat::per_source) of_source[source - first] = weight;
}

NodeId Rows::source_at(std::uint64_t at) const {
  auto after = std::upper_bound(row.begin(), row.end(), at, [](std::uint64_t x, const Row& r) { return x < r.first; });
  return first + NodeId(after - row.begin()) - 1;
}

Step Rows::delay(const Row& r, std::uint64_t at) const {
  const RunEnd* begin = runs_of(r);
  return std::upper_bound(begin, begin + r.delays, at - r.first,
                          [](std::uint64_t x, const RunEnd& e) { return x < e.end; })
      ->delay;
}

std::pair<std::uint64_t, std::uint64_t> Rows::segment(const Row& r, Step delay) const {
  const RunEnd *begin = runs_of(r), *last = begin + r.delays;
  const RunEnd* found = std::lower_bound(begin, last, delay, [](const RunEnd& e, Step d) { return e.delay < d; });
  if (found == last || found->delay != delay) return {r.first, r.first};
  const Run x = run(r, std::uint32_t(found - begin));
  return {x.begin, x.end};
}

void Rows::make_room(std::uint64_t synapses, std::uint64_t used) {
  const std::uint64_t room = data.size() / stride();
  if (synapses <= room) return;
  Buffer<char> larger(std::max(synapses, room + room / 4) * stride());
  if (used > 0) std::memcpy(larger.data(), data.data(), used * stride());
  data = std::move(larger);
}

void Rows::open_row(NodeId source, Step lowest, std::span<std::uint32_t> count) {
  Row& r = row[source - first];
  r.first = size;
  r.first_run = std::uint32_t(runs.size());
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < count.size(); ++i) {
    const std::uint32_t n = count[i];
    count[i] = sum;
    if (n == 0) continue;
    runs.push_back({sum += n, std::uint16_t(lowest + Step(i))});
  }
  r.delays = std::uint32_t(runs.size()) - r.first_run;
  size += sum;
}

void Rows::settle_columns() {
  columns->settle(last - first, [&](std::size_t s) { return s < row.size() ? row[s].first : size; });
}

void Rows::number_twins() {
  std::vector<std::uint16_t> seen(page_slots), twin(size);
  bool any = false;
  for (const Row& r : row) {
    for (std::uint64_t i = r.first; i < end(r); ++i) any |= (twin[i] = seen[target(i)]++) > 0;
    for (std::uint64_t i = r.first; i < end(r); ++i) seen[target(i)] = 0;
  }
  if (any) columns->twin = std::move(twin);
}

void Rows::widen() {
  if (format == WeightFormat::wide) return;
  Rows wide;
  wide.format = WeightFormat::wide;
  wide.make_room(size, 0);
  for (NodeId s = first; s < last; ++s)
    for (std::uint64_t i = of(s).first; i < end(of(s)); ++i) wide.set(i, s, target(i), weight(s, i));
  data = std::move(wide.data);
  of_source = {};
  format = WeightFormat::wide;
}

void Rows::deliver(NodeId source, Step delay, double factor, double* page) const {
  const auto [begin, end] = segment(of(source), delay);
  for (std::uint64_t i = begin; i < end; ++i) page[target(i)] += counts ? 1 : factor * weight(source, i);
}

void Pathway::add(const Rows& r) {
  parts.push_back(&r);
  for (const Row& row : r.row)
    if (row.delays) {
      lowest = std::min(lowest, r.lowest(row));
      highest = std::max(highest, r.highest(row));
    }
  stretches_.resize(std::size_t((highest + Stretch::length - 1) / Stretch::length));
  for (Stretch& s : stretches_) s.due.resize(std::bit_ceil(std::size_t(std::min(highest, Stretch::length))));
}

// In order of sources, so that sums do not depend on how the sources are divided into parts.
void Pathway::launch(std::span<const NodeId> spikes, Step emitted) {
  auto& underway = underway_[std::size_t(emitted) & (underway_.size() - 1)];
  underway.clear();
  std::vector<NodeId> sorted;
  if (!std::is_sorted(spikes.begin(), spikes.end())) {
    sorted.assign(spikes.begin(), spikes.end());
    std::sort(sorted.begin(), sorted.end());
    spikes = sorted;
  }
  for (const Rows* r : parts)
    for (NodeId s : spikes)
      if (s >= r->first && s < r->last) __builtin_prefetch(&r->of(s));
  auto enter = [&](const Rows& r, NodeId s, double factor) {
    if (s < r.first || s >= r.last) return;
    const Row& row = r.of(s);
    if (row.delays == 0) return;
    const bool own = Rows::weight_bytes(r.format) > 0;
    underway.push_back({r.data.data() + row.first * r.stride(), factor * (own ? 1.0 : r.weight(s, row.first)),
                        r.runs_of(row), r.runs_of(row) + row.delays, 0});
  };
  for (const Rows* r : parts) {
    if (!r->transitions) {
      for (NodeId s : spikes) enter(*r, s, 1);
      continue;
    }
    for (std::size_t i = 0, n; i < spikes.size(); i += n) {
      for (n = 1; i + n < spikes.size() && spikes[i + n] == spikes[i];) ++n;
      enter(*r, spikes[i], transition(n));
    }
  }
}

// Delays up to `until` of what was emitted in one step; what arrived before `step` was delivered already.
void Pathway::look_up(Stretch& stretch, Step until, Step emitted, Step step) {
  auto& underway = underway_[std::size_t(emitted) & (underway_.size() - 1)];
  const std::size_t stride = parts[0]->stride();
  for (const Underway& u : underway) {
    __builtin_prefetch(u.next);
    __builtin_prefetch(reinterpret_cast<const char*>(u.next) + 64);
  }
  for (Underway& u : underway)
    for (; u.next != u.last && u.next->delay <= until; ++u.next) {
      const Step arrival = emitted + u.next->delay;
      const std::uint32_t end = u.next->end;
      if (arrival >= step) stretch.at(arrival).push_back({u.row + u.begin * stride, end - u.begin, u.weight});
      u.begin = end;
    }
}

void Pathway::deliver(Step step, Step before, double* page) {
  Step reach = 0;
  for (Stretch& s : stretches_) {
    const Step until = std::min(highest, reach + Stretch::length);
    s.looked_up = std::max(s.looked_up, step - until);
    for (; s.looked_up < std::min(before, step - reach); ++s.looked_up) look_up(s, until, s.looked_up, step);
    auto& due = s.at(step);
    add(due, page);
    due.clear();
    constexpr std::size_t burst = 4096;  // what so many needed is given back
    if (due.capacity() > burst) due = {};
    reach = until;
  }
}

void Pathway::add(std::span<const Due> due, double* page) const {
  const std::size_t stride = parts[0]->stride();
  if (parts[0]->counts) return count_due(due, stride, page);
  if (parts[0]->transitions) switch (parts[0]->format) {
      case WeightFormat::single:
        return transition_due<float>(due, stride, page);
      case WeightFormat::wide:
        return transition_due<double>(due, stride, page);
      default:
        return transition_due<void>(due, stride, page);
    }
  switch (parts[0]->format) {
    case WeightFormat::single:
      return add_due<float>(due, stride, page);
    case WeightFormat::wide:
      return add_due<double>(due, stride, page);
    default:
      return add_due<void>(due, stride, page);
  }
}

PageMap::PageMap(std::span<const Chunk> of) : chunks_(std::uint32_t(of.size())) {
  for (const Chunk& c : of) channels = std::max(channels, c.channels);
  first_.assign(std::size_t(channels) * chunks_, nowhere);
  std::uint32_t next = 0;
  auto new_page = [&] {
    next = (next + page_slots - 1) / page_slots * page_slots;
    slot_.resize(next / chunk_lanes);
  };
  for (const bool lands : {false, true}) {
    if (lands) {
      if (std::ranges::any_of(of, [](const Chunk& c) { return c.lands; })) new_page();
      first_landing = (next + page_slots - 1) / page_slots;
    }
    for (int ch = 0; ch < channels; ++ch) {
      auto here = [&](const Chunk& c) { return c.lands == lands && c.channels > ch; };
      const auto chunks = std::uint32_t(std::ranges::count_if(of, here));
      if (next % page_slots + chunks * std::uint32_t(chunk_lanes) > page_slots) new_page();
      for (std::uint32_t k = 0; k < chunks_; ++k) {
        if (!here(of[k])) continue;
        first_[std::uint32_t(ch) * chunks_ + k] = next;
        slot_.push_back(k * chunk_lanes);
        next += chunk_lanes;
      }
    }
  }
  pages = std::max(1u, (next + page_slots - 1) / page_slots);
  stride = std::min(std::max(next, 1u), page_slots);
}

}  // namespace nl
