// Plastic synapses of one thread: the rows they lie in, the input they have sent ahead, and the spikes their targets remember.
#pragma once
#include "backend/cpu/rows.hpp"

namespace nl {

// Input that will arrive, by page and step: rows of slots, made when something is first sent there.
class InputRing {
  std::vector<std::vector<double>> pages_;
  std::size_t stride_ = 0, mask_ = 0;

 public:
  void shape(const PageMap&, Step longest_delay);  // forgets what is under way
  bool fits(const PageMap& m, Step longest_delay) const {
    return pages_.size() == m.pages && stride_ == m.stride && longest_delay <= Step(mask_);
  }
  double* row(std::uint32_t page, Step arrival) {
    if (page >= pages_.size()) return nullptr;
    if (pages_[page].empty()) [[unlikely]]
      pages_[page].assign(stride_ * (mask_ + 1), 0.0);
    return pages_[page].data() + (std::size_t(arrival) & mask_) * stride_;
  }
  // Adds what arrives now on some pages to the input, which has all pages one after the other, and clears it.
  void deliver(Step step, double* input, std::uint32_t first, std::uint32_t last);
  // Calls f(step, page, slot, value) for all that is under way from `now` on, and clears it.
  template <class F>
  void drain(Step now, F&& f);
  std::size_t bytes() const { return pages_.size() * (mask_ + 1) * stride_ * sizeof(double); }
};

template <class F>
void InputRing::drain(Step now, F&& f) {
  for (std::uint32_t page = 0; page < pages_.size(); ++page)
    for (Step step = now; step <= now + Step(mask_) && !pages_[page].empty(); ++step) {
      double* row = pages_[page].data() + (std::size_t(step) & mask_) * stride_;
      for (std::uint32_t slot = 0; slot < stride_; ++slot)
        if (row[slot] != 0) f(step, page, slot, row[slot]), row[slot] = 0;
    }
}

struct Recorded {  // what a synapse delivered, while somebody looks on
  Step step;       // of emission
  std::uint32_t recorder, port;
  NodeId source, target;
  int receptor;
  double weight, offset;
};

// Values that all connections of a model shared until they were changed.
struct Former {
  double until;  // ms
  std::vector<double> common;
};

struct PlasticPath {  // the rows of one part of a layer
  Rows* rows;
  std::vector<double> common;  // values of the model's C
  int receptor;
  std::uint32_t recorder;                   // instance, or none ...
  std::uint32_t modulator;                  // ... and of the third factor
  std::vector<Step> rests_until = {};       // by source, see RowCall
  std::vector<Former> former = {};          // in order of time ...
  std::vector<std::uint32_t> settled = {};  // ... and with how many of them the synapses of a source have done
  static constexpr std::uint32_t none = 0xffffffffu;
};

struct PlasticThread {
  std::vector<PlasticPath> paths;  // in order of layers
  InputRing ring;
  std::vector<PostArchive> archive;       // by slot; empty where nobody looks back
  std::vector<Recorded> recorded;         // of the running slice
  std::vector<LearningArchive> learning;  // by slot; empty where nobody learns by gradients
  struct Learners {                       // lanes of a chunk, by its place among the thread's
    std::size_t chunk;
    std::vector<std::uint32_t> lanes;
  };
  std::vector<Learners> learners;
  std::vector<RecallArchive*> recall;  // by slot; empty where nobody asks
};

}  // namespace nl
