// Delay-sorted rows of static synapses. A thread's input slots are cut in pages of 65,536, so that a target is 16 bits wide
// whatever the size of the network, and the part of the input that a row writes to stays in the cache.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include <nest_lab/buffer.hpp>
#include <nest_lab/core.hpp>
#include <nest_lab/time.hpp>

#include "backend/cpu/columns.hpp"

namespace nl {

inline constexpr std::uint32_t page_slots = 1u << 16;

// Where the input of a thread's nodes lies in its input row. Chunks differ in their number of channels: each has a run of slots
// for each channel of its own. Channel comes after channel; one that does not fit into the rest of a page begins a new page,
// so that what a spike adds to lies close together. Input that lands in the state of its neurons lies on pages of its own.
class PageMap {
  static constexpr std::uint32_t nowhere = 0xffffffffu;
  std::uint32_t chunks_ = 0;
  std::vector<std::uint32_t> first_;  // place of the first lane, by channel and chunk; place = page * page_slots + slot
  std::vector<std::uint32_t> slot_;   // back from places, by runs of chunk_lanes, to the slot of the node

 public:
  struct Chunk {
    int channels;
    bool lands;
  };
  std::uint32_t pages = 1, first_landing = 1;  // pages on which input lands are the last ones
  std::uint32_t stride = 0;                    // slots from one page to the next
  int channels = 1;

  PageMap() = default;
  explicit PageMap(std::span<const Chunk>);
  bool lands(std::uint32_t page) const { return page >= first_landing; }
  bool has(int channel, std::uint32_t slot) const {
    return channel < channels && first_[std::uint32_t(channel) * chunks_ + slot / chunk_lanes] != nowhere;
  }
  // Pages from `pages` on stand for channels whose input is ignored.
  std::uint32_t place(int channel, std::uint32_t slot) const {
    if (channel < 0) return pages * page_slots + slot;
    return first_[std::uint32_t(channel) * chunks_ + slot / chunk_lanes] + slot % chunk_lanes;
  }
  std::size_t at(int channel, std::uint32_t slot) const {
    const std::uint32_t p = place(channel, slot);
    return std::size_t(p / page_slots) * stride + p % page_slots;
  }
  std::uint32_t slot(std::uint32_t page, std::uint32_t target) const {
    if (page >= pages) return (page - pages) * page_slots + target;
    return slot_[(page * page_slots + target) / chunk_lanes] + target % chunk_lanes;
  }
  int channel(std::uint32_t page, std::uint32_t target) const {
    const std::uint32_t s = slot(page, target);
    int ch = 0;
    while (!has(ch, s) || place(ch, s) != page * page_slots + target) ++ch;
    return ch;
  }
  std::size_t size() const { return std::size_t(pages) * stride; }
};

// Weights are stored losslessly at the smallest width: one number for the whole layer, one per source, float32 where every
// value is exactly that, else float64.
enum class WeightFormat { common, per_source, single, wide };

// The synapses of one source, sorted by delay: a run for each delay that it has.
struct Row {
  std::uint64_t first = 0;
  std::uint32_t first_run = 0, delays = 0;
};

struct Run {
  Step delay;
  std::uint64_t begin, end;
};

// A synapse is its target slot, 16 bits, followed by its weight where it has one of its own: what is added to a page lies
// together, so that a row touches few pages of memory.
struct Rows {
  std::uint32_t table = 0;  // number for handles
  std::uint32_t thread = 0, page = 0;
  std::uint32_t negative_page = 0;  // of plastic synapses, whose weights may change their sign
  std::int32_t to_slot = 0,
               to_negative = 0;  // of plastic synapses: from the target's place to its slot, and on that page
  NodeId first = 0, last = 0;    // sources covered: first ... last - 1
  WeightFormat format = WeightFormat::common;
  int receptor = 0;
  bool counts = false;                        // targets take numbers of spikes, not weights
  bool transitions = false, precise = false;  // see NeuronStore
  std::uint64_t size = 0;
  std::vector<Row> row;      // by source, each after the one before
  std::vector<RunEnd> runs;  // of row after row
  Buffer<char> data;
  Buffer<double> of_source;
  double common = 1;
  std::unique_ptr<SynapseColumns> columns;  // of plastic synapses

  static constexpr std::size_t weight_bytes(WeightFormat f) {
    return f == WeightFormat::single ? sizeof(float) : f == WeightFormat::wide ? sizeof(double) : 0;
  }
  std::size_t stride() const { return sizeof(std::uint16_t) + weight_bytes(format); }
  std::size_t bytes() const;
  const Row& of(NodeId source) const { return row[source - first]; }
  NodeId source_at(std::uint64_t at) const;  // of a synapse
  std::uint64_t end(const Row& r) const { return r.delays ? r.first + runs_of(r)[r.delays - 1].end : r.first; }
  const RunEnd* runs_of(const Row& r) const { return runs.data() + r.first_run; }
  Run run(const Row& r, std::uint32_t i) const {
    const RunEnd* x = runs_of(r) + i;
    return {x->delay, r.first + (i ? x[-1].end : 0), r.first + x->end};
  }
  Step lowest(const Row& r) const { return runs_of(r)->delay; }
  Step highest(const Row& r) const { return runs_of(r)[r.delays - 1].delay; }
  std::pair<std::uint64_t, std::uint64_t> segment(const Row& r, Step delay) const;  // empty where it has no such delay
  Step delay(const Row& r, std::uint64_t at) const;
  std::uint16_t target(std::uint64_t at) const { return load<std::uint16_t>(data.data() + at * stride()); }
  double weight(NodeId source, std::uint64_t at) const;
  void set(std::uint64_t at, NodeId source, std::uint16_t target, double weight);

  void make_room(std::uint64_t synapses, std::uint64_t used);  // keeps the first `used`
  // Begins the row of the next source, from the numbers of synapses by delay; these become the places of the first ones.
  void open_row(NodeId source, Step lowest, std::span<std::uint32_t> count);
  void settle_columns();
  void number_twins();  // synapses of one pair draw different random numbers
  // Gives every synapse a weight of its own, so that one can be changed.
  void widen();
  // Adds the synapses of one delay to the page, times a factor.
  void deliver(NodeId source, Step delay, double factor, double* page) const;

  template <class T>
  static T load(const char* p) {
    T x;
    std::memcpy(&x, p, sizeof x);
    return x;
  }
};

// A spike on its way through the row of its source.
struct Underway {
  const char* row;
  double weight;              // of all synapses, where they have none of their own
  const RunEnd *next, *last;  // of the runs ahead
  std::uint32_t begin;        // of the next one
};

// Synapses of one row that a spike reaches in one step.
struct Due {
  const char* first;
  std::size_t size;
  double weight;
};

// Spikes on their way through so many delays of a pathway. Their rows lie far apart in memory: a spike looks at its own once for
// all of these delays, and what is due in one step lies side by side.
struct Stretch {
  static constexpr Step length = 512;
  Step looked_up = 0;                 // spikes emitted before this step have looked
  std::vector<std::vector<Due>> due;  // by step of arrival, modulo a power of two
  std::vector<Due>& at(Step arrival) { return due[std::size_t(arrival) & (due.size() - 1)]; }
};

// The rows of one layer that end in one page of a thread, and the spikes under way through them.
class Pathway {
  std::vector<std::vector<Underway>> underway_;  // by step of emission
  std::vector<Stretch> stretches_;

  void look_up(Stretch&, Step until, Step emitted, Step step);
  void add(std::span<const Due>, double* page) const;

 public:
  std::vector<const Rows*> parts;  // by source
  Step lowest, highest;            // delays

  explicit Pathway(std::size_t history) : underway_(history), lowest(forever), highest(0) {}
  void add(const Rows&);
  // Takes the spikes that were emitted in one step.
  void launch(std::span<const NodeId> spikes, Step emitted);
  // Adds what arrives in a step to the page. Steps come one after the other; spikes emitted from `before` on do not count.
  void deliver(Step step, Step before, double* page);
};

}  // namespace nl
