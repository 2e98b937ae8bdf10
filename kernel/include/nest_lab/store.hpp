// A store keeps all neurons of one model as structure of arrays, cut in chunks of 256 lanes. This is the face that the
// scheduler sees; neuron.hpp implements it for models that are one struct, other shapes implement it themselves.
#pragma once
#include <optional>
#include <span>
#include <stdexcept>

#include "registry.hpp"
#include "rng.hpp"
#include "time.hpp"

namespace nl {

class RecallArchive;

// A spike that arrives within a step, and one that is emitted within it: `offset` is the time (ms) to the end of the step.
struct PreciseInput {
  std::uint32_t lane;
  int channel;
  double offset, value;
};
struct PreciseSpike {
  NodeId source;
  double offset;
};

// A node whose equations could not be solved in a step. It stands still from then on, until the end of the slice.
struct Failure {
  Step step;
  NodeId node;
  std::uint32_t store, lane;
  bool stuck;        // the integrator needed ever shorter steps
  const char* name;  // of the value that is to blame
  double value;
  const char* unit;
  double lower, upper;                    // what would make sense
  std::span<const char* const> remedies;  // parameters to look at
};

// What a chunk reads and writes in one step.
struct ChunkStep {
  Step step;
  double h;
  Stream random;                 // for models that draw: keyed by seed, store and step; element = lane in the store
  double* const* spikes;         // per spike channel: summed weights that arrive now, for the lanes of this chunk
  double* const* currents;       // per current channel, or null when no current reaches this chunk
  std::vector<NodeId>* emitted;  // spikes of this step, ascending by lane; n times for multiplicity n
  std::vector<Failure>* failed;  // of this slice
  const double* const* coupled = nullptr;  // per coupled channel, or null when no signal reaches this chunk
  int order = 0;                           // of the interpolation of waveforms
  // For stores that are precise: what arrives before the end of the step, by lane and time, and what is emitted.
  std::span<const PreciseInput> inputs = {};
  std::vector<PreciseSpike>* precise = nullptr;
  const LearningClock* clock = nullptr;  // of models that learn
};

// Where a connection with a given receptor type and sign of weight ends.
enum Channel : int { refused = -1, ignored = -2 };

// What so many spikes of a binary neuron at once say: two that it went up, one that it went down.
inline double transition(std::size_t spikes) { return spikes == 2 ? 1 : spikes == 1 ? -1 : 0; }

// Parameters every neuron has, whatever its model: calcium trace and time constants for plasticity, freezing.
struct Common {
  double tau_minus = 20, tau_minus_triplet = 110, tau_Ca = 10000, beta_Ca = 0.001;
  double ignore_and_spike_interval = 100, ignore_and_spike_offset = 1;
  bool frozen = false, ignore_and_spike = false;
};

class NeuronStore {
 public:
  const ModelInfo* info = nullptr;
  std::string name;                    // of the model or of its copy
  std::uint32_t index = 0;             // place among the stores of a simulation
  std::vector<NodeId> ids;             // lane -> node
  std::vector<std::uint32_t> numbers;  // of the chunks, each once in a simulation: places in random streams
  double fallback_calcium = 0;
  Common fallback_common;  // default of what every neuron has
  virtual ~NeuronStore();

  std::size_t size() const { return ids.size(); }
  std::size_t chunks() const { return (size() + chunk_lanes - 1) / chunk_lanes; }
  int lanes(std::size_t chunk) const { return int(std::min<std::size_t>(chunk_lanes, size() - chunk * chunk_lanes)); }

  virtual int spike_channels() const = 0;
  virtual int current_channels() const = 0;
  virtual int spike_channel(int receptor, bool negative) const = 0;
  virtual int current_channel(int receptor) const = 0;
  // Steps from the arrival of a current to the step in which it flows: spikes act at the end of a step, currents begin then.
  virtual int current_lag() const { return 1; }
  // Receptor types that take spikes, where nodes of a model differ in them: first ... first + count - 1.
  struct Ports {
    int first, count;
    bool negative = true;  // whether weights may be negative
  };
  virtual std::optional<Ports> ports(std::size_t) const { return {}; }
  virtual std::optional<Ports> current_ports(std::size_t) const { return {}; }
  // A node with ports of its own is told when something comes to rely on their number.
  enum class Reliance { connection, recorder };
  virtual void relied_on(std::size_t, Reliance) {}
  virtual bool counts_spikes() const = 0;  // takes the number of spikes and ignores weights
  // Two spikes of a source at once add its weight, one subtracts it.
  virtual bool reads_transitions() const { return false; }
  virtual bool precise() const { return false; }  // hears spikes at their times between grid points
  // Whether input is added to the state after the step, where it is delivered. Then the store is told where that is for each
  // chunk and channel (null: nowhere any more), and called when all that belongs to a step has been added.
  virtual bool lands() const { return false; }
  virtual void land(std::size_t, int, double*) {}
  virtual void landed(std::size_t) {}
  virtual std::size_t bytes_per_lane() const = 0;

  virtual void grow(NodeId first, std::size_t n) = 0;
  virtual void shrink(std::size_t n) = 0;  // takes back the last n
  // Fields that are numbers ...
  virtual double get(std::size_t lane, std::size_t field) const = 0;
  virtual void set(std::size_t lane, std::size_t field, double value) = 0;
  virtual void set_default(std::size_t field, double value) = 0;
  virtual double get_default(std::size_t field) const = 0;
  // ... and fields of other types: lists, names, dictionaries.
  // Unless a model has others these are names, kept as numbers.
  virtual Value get_value(std::size_t lane, std::size_t field) const;
  virtual void set_value(std::size_t lane, std::size_t field, const Value&);
  virtual void set_default_value(std::size_t field, const Value&);
  virtual Value get_default_value(std::size_t field) const;
  double number_at(std::size_t field, const Value&) const;  // that stands for a value
  virtual void copy_defaults(const NeuronStore& from);      // of another store of the same model
  // The first complaint that node `lane` would have with these values in place of its own; a model whose complaints name
  // what was given throws an Error.
  using Changes = std::span<const std::pair<std::size_t, Value>>;
  virtual Complaint check(std::size_t lane, Changes) const = 0;
  virtual Complaint check_default(Changes) const = 0;
  // What a recorder can read from node `lane`, by number. Models whose nodes differ in it answer for each of them.
  virtual const std::vector<RecordableInfo>& recordables(std::size_t) const { return info->recordables; }
  virtual const std::vector<RecordableInfo>& default_recordables() const { return info->recordables; }  // of a new node
  virtual double read(std::size_t lane, std::size_t recordable) const = 0;

  virtual void prepare(double h) = 0;  // derive what depends on parameters and resolution, where it is out of date
  virtual void update(std::size_t chunk, const ChunkStep&) = 0;

  // Continuous coupling, for models that have it (coupling.hpp).
  virtual int ports() const { return 0; }
  virtual int coupled_channels() const { return 0; }
  virtual int port(int /*receptor*/, bool /*negative*/) const { return refused; }
  virtual bool shapes(std::size_t /*lane*/) const { return false; }
  virtual void shape(std::size_t /*lane*/, double* /*values*/, std::size_t /*n*/) const {}
  using Lanes = std::span<const std::uint32_t>;
  // `first` is the place of the first value among all that the model puts out, see ModelInfo::values_of.
  virtual void emit(std::size_t /*chunk*/, const ChunkStep&, Lanes, int /*first*/, int /*n*/,
                    double* const* /*values*/) {}
  // A step that is repeated: keep its beginning, go back to it, and tell the waveforms that it led to; the result is the
  // largest change against what they were before.
  virtual void snapshot(std::size_t /*chunk*/) {}
  virtual void rewind(std::size_t /*chunk*/) {}
  virtual double reemit(std::size_t /*chunk*/, const ChunkStep&, Lanes, const double* const* /*before*/,
                        double* const* /*values*/) {
    return 0;
  }

  // Learning by gradients, for models that do (learning.hpp).
  virtual Observed observed(std::size_t /*chunk*/) const { return {}; }
  virtual void influence(std::size_t /*lane*/, const Experience&, double* /*out*/) const {}
  virtual Step gradients(std::size_t /*lane*/, const Past&, Eligibility&, double* /*out*/) const { return 0; }

  // What a node remembers, for models that do (recall.hpp).
  virtual RecallArchive* recall(std::size_t /*lane*/) { return nullptr; }

  virtual Common& common(std::size_t lane) = 0;
  virtual const Common& common_value(std::size_t lane) const = 0;
  virtual double t_spike(std::size_t lane, double h) const = 0;
  virtual double calcium(std::size_t lane, Step now, double h) const = 0;
  virtual void set_calcium(std::size_t lane, double value, Step now) = 0;
};

}  // namespace nl
