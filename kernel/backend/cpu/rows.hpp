// Delay-sorted rows of static synapses. A thread's input slots are cut in pages of 65,536, so that a target is 16 bits wide
// whatever the size of the network, and the part of the input that a row writes to stays in the cache.
#pragma once
#include <span>

#include <nest_lab/buffer.hpp>
#include <nest_lab/core.hpp>

namespace nl {

inline constexpr std::uint32_t page_slots = 1u << 16;

// Where the slots of a thread lie in its input row: channel by channel, page by page.
struct PageMap {
  std::uint32_t pages = 1;   // per channel
  std::uint32_t stride = 0;  // slots from one page to the next
  int channels = 1;
  std::uint32_t page(int channel, std::uint32_t slot) const {
    return std::uint32_t(channel) * pages + slot / page_slots;
  }
  std::size_t at(int channel, std::uint32_t slot) const {
    return std::size_t(page(channel, slot)) * stride + slot % page_slots;
  }
  std::size_t size() const { return std::size_t(channels) * pages * stride; }
};

// Weights are stored losslessly at the smallest width: one number for the whole layer, one per source, float32 where every
// value is exactly that, else float64.
enum class WeightFormat { common, per_source, single, wide };

struct Rows {
  std::uint32_t table = 0;  // number for handles
  std::uint32_t thread = 0, page = 0;
  NodeId first = 0, last = 0;                  // sources covered: first ... last - 1
  std::uint32_t lowest_delay = 1, delays = 1;  // columns: delays lowest ... lowest + delays - 1 (steps)
  WeightFormat format = WeightFormat::common;
  int receptor = 0;
  bool counts = false;           // targets take numbers of spikes, not weights
  Buffer<std::uint64_t> base;    // row of source s: base[s - first] ... base[s - first + 1]
  Buffer<std::uint32_t> offset;  // start of each delay in its row, when there are several delays
  Buffer<std::uint16_t> target;
  Buffer<double> of_source;
  Buffer<float> single;
  Buffer<double> wide;
  double common = 1;

  std::size_t size() const { return target.size(); }
  std::size_t bytes() const {
    return base.bytes() + offset.bytes() + target.bytes() + of_source.bytes() + single.bytes() + wide.bytes();
  }
  std::pair<std::uint64_t, std::uint64_t> segment(NodeId source, std::uint32_t column) const {
    const std::size_t r = source - first;
    if (delays == 1) return {base[r], base[r + 1]};
    const std::uint32_t* o = offset.data() + r * delays + column;
    return {base[r] + o[0], column + 1 == delays ? base[r + 1] : base[r] + o[1]};
  }
  double weight(NodeId source, std::uint64_t at) const {
    switch (format) {
      case WeightFormat::common:
        return common;
      case WeightFormat::per_source:
        return of_source[source - first];
      case WeightFormat::single:
        return single[at];
      default:
        return wide[at];
    }
  }
  // Gives every synapse a weight of its own, so that one can be changed.
  void widen();

  // Adds the rows of these spikes for the delay in `column` to the page.
  void deliver(std::span<const NodeId> spikes, std::uint32_t column, double* page) const;
  void deliver_one(NodeId source, std::uint32_t column, double factor, double* page) const;
};

}  // namespace nl
