#include "backend/cpu/plastic.hpp"

#include <algorithm>

namespace nl {

double* ring_row(InputRing& ring, std::uint32_t page, Step arrival) { return ring.row(page, arrival); }

void InputRing::shape(const PageMap& m, Step longest_delay) {
  std::size_t steps = 1;
  while (Step(steps) <= longest_delay) steps *= 2;
  pages_.assign(m.pages, {});
  stride_ = m.stride;
  mask_ = steps - 1;
}

void InputRing::deliver(Step step, double* input, std::uint32_t first, std::uint32_t last) {
  for (std::size_t page = first; page < std::min<std::size_t>(last, pages_.size()); ++page) {
    if (pages_[page].empty()) continue;
    double* __restrict row = pages_[page].data() + (std::size_t(step) & mask_) * stride_;
    double* __restrict to = input + page * stride_;
    for (std::size_t i = 0; i < stride_; ++i) to[i] += row[i];
    std::fill(row, row + stride_, 0.0);
  }
}

void plastic::deliver_weights(const RowCall& r) {
  constexpr std::size_t stride = sizeof(std::uint16_t) + sizeof(double);
  std::uint32_t i = 0;
  for (std::uint32_t d = 0; d < r.delays; ++d) {
    const Step arrival = r.step + r.runs[d].delay;
    double *positive = ring_row(*r.ring, r.page, arrival), *negative = nullptr;
    for (; i < r.runs[d].end; ++i) {
      const char* synapse = r.synapses + i * stride;
      const double weight = Rows::load<double>(synapse + sizeof(std::uint16_t));
      add(r, positive, negative, arrival, Rows::load<std::uint16_t>(synapse), weight);
      if (r.log) r.log->push_back({i, weight});
    }
  }
}

}  // namespace nl
