// Continuous signals between nodes: what their sources put out, and the connections that carry them.
#pragma once
#include <string>
#include <vector>

#include <nest_lab/buffer.hpp>
#include <nest_lab/store.hpp>
#include <nest_lab/time.hpp>

namespace nl {

// How steps of neurons that are coupled by waveforms are repeated.
struct Relaxation {
  bool use = true;
  double interval = 1;  // ms; counts as the delay of connections that have none
  double tolerance = 1e-4;
  std::int64_t most_iterations = 15, order = 3;
};

// The values that the sources of one signal put out in the last steps: [step][value][slot].
struct Signal {
  static constexpr std::uint32_t no_slot = 0xffffffffu;
  std::string name;
  int values = 1;
  // Made anew while a step is repeated: there are two places that take turns, instead of one for each step.
  bool waveform = false;
  std::vector<NodeId> source;       // by slot
  std::vector<std::uint32_t> slot;  // by node
  std::size_t mask = 0, turn = 0;
  Buffer<double> data;

  std::size_t stride() const { return std::size_t(values) * source.size(); }
  std::size_t place(Step emitted) const { return (waveform ? turn : std::size_t(emitted) & mask) * stride(); }
};

// The connections of one signal that end in one chunk: sorted by port and target lane, then by source.
struct CoupledRows {
  struct Row {
    std::uint32_t lane, end;
    int port;
  };
  std::uint32_t signal = 0;
  std::vector<Row> rows;
  std::vector<std::uint32_t> slot;          // of the source
  std::vector<std::uint16_t> delay;         // steps; empty where none has one
  std::vector<std::vector<double>> factor;  // by factor, then connection
  // Connections that were made or changed lately do not carry what was put out before, or after; empty when all that is over.
  std::vector<Step> since, until;
  Step settled = 0;

  void forget_past();  // drops what carries nothing any more
};

// The part of one chunk.
struct CoupledChunk {
  std::vector<CoupledRows> rows;
  Buffer<double> sums;  // by channel and lane
  std::vector<double*> channel;
  struct Output {
    std::uint32_t signal;              // that its nodes put out ...
    std::vector<std::uint32_t> lanes;  // ... those that do, in order ...
    std::uint32_t first_slot;          // ... where the first one's values go ...
    int first;                         // ... and which of a node's values they are
  };
  std::vector<Output> outputs;
  Step gathered = -1;             // step of the sums ...
  bool delayed = true;            // ... which do not change in it, as all that arrives was put out before
  bool repeats = false;           // its steps are repeated
  std::vector<NodeId> spikes;     // of the last repetition
  std::vector<Failure> failed;    // in this slice ...
  std::size_t failed_before = 0;  // ... and of these before this step
};

}  // namespace nl
