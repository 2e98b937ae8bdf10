// What the rest of the kernel knows of a model. Each model file fills one of these through its table; nobody keeps a list.
#pragma once
#include <functional>
#include <map>
#include <memory>

#include "field.hpp"
#include "learning.hpp"

namespace nl {

class NeuronStore;
class Device;
struct PlasticInfo;
struct RuleInfo;
struct GrowthCurveInfo;

enum class Kind { neuron, stimulator, recorder, synapse, modulator };
const char* kind_name(Kind);

// What travels on a connection, as a set: spikes, or the transitions of binary neurons (up as two spikes at once, down as one).
namespace signal {
inline constexpr unsigned spikes = 1, transitions = 2, both = 3;
}

struct ModelInfo {
  ModelInfo();
  ModelInfo(const ModelInfo&);
  ModelInfo(ModelInfo&&) noexcept;
  ~ModelInfo();
  std::string name, doc;
  std::string variant_of;  // the model that this is another name of, see `variants`
  Kind kind = Kind::neuron;
  std::vector<FieldInfo> params;  // the model's own, then those all models of its kind share
  std::size_t own = 0;            // how many are its own
  std::vector<RecordableInfo> recordables;
  std::vector<RecordableInfo> numbered;  // recordables whose names a node completes with numbers of its parts
  std::vector<std::pair<std::string, std::int64_t>> receptors;
  std::string weight_unit;  // of the spikes that it takes, where that is not a matter of receptors
  std::vector<std::pair<std::string, Value>> needs;  // an example of what has to be set before a node can run
  bool spiking = false, stochastic = false;
  bool precise = false;  // spikes and hears between grid points
  unsigned sends = signal::spikes, receives = signal::spikes;
  int inputs = 0;                  // devices: receptor types at which they take spikes
  bool events = false;             // recorders: keeps a list of events ...
  std::string event_value;         // ... with a number of this name, if any
  bool element_is_neuron = false;  // a stimulator that the reference counts among the neurons

  std::function<std::unique_ptr<NeuronStore>()> make_store;  // neurons
  std::function<std::unique_ptr<Device>()> make_device;      // stimulators and recorders
  bool common_weight = false;                                // synapses
  std::shared_ptr<const PlasticInfo> plastic;                // of synapses that change, see plastic.hpp

  // Continuous coupling (coupling.hpp).
  std::string emits, takes;  // names of the signals that a node puts out and takes
  int emitted = 0;           // values of its signal in each step
  bool emits_after = false;  // what a step has led to, not what it begins with
  std::string also_emits;    // name of a second signal, of one value
  // Which of the values that a node puts out in a step belong to a signal: the first, and how many; none for other signals.
  std::pair<int, int> values_of(const std::string& signal) const {
    if (signal == emits) return {0, emitted};
    if (signal == also_emits) return {emitted, 1};
    return {0, 0};
  }
  bool iterates = false;  // node: has part in waveform relaxation, where that is in use ...
  bool relaxes = false;   // ... and its signal is a waveform, so that steps are repeated
  std::string carries;    // synapse: name of the signal; empty for spikes
  bool has_delay = true, both_ways = false;
  std::vector<std::string> factors{"weight"};  // parameters of the synapse that multiply the signal
  bool archives = true;                        // neuron: keeps traces of its spikes for plasticity

  bool population = false;         // neuron: one node stands for many of them
  int spike_receptor = 0;          // neuron: the first receptor_type that takes spikes
  bool counts_spike_step = false;  // neuron: its refractory time includes the step of the spike

  bool can_record() const { return !recordables.empty() || !numbered.empty(); }
  LearnerInfo learner;  // neuron: learns by gradients
  std::string recalls;  // neuron: name of what it remembers for its synapses (recall.hpp)

  Value receptor_types() const;  // the receptors as a dictionary
  const FieldInfo* find(const std::string& field) const;
  bool is_plastic() const;  // synapses: changes by itself
  // The further names of a synapse that changes: with a label to select connections by, and for compact storage.
  std::vector<ModelInfo> variants() const;
  FieldInfo& add(FieldInfo&&);
  void add_recordable(const char* name, const char* unit, const char* doc);
};

// Parameters that every neuron, and every device, has besides its own (src/nodes.cpp).
void add_common_neuron_fields(ModelInfo&);
void add_common_device_fields(ModelInfo&);

struct Registry {
  std::map<std::string, ModelInfo> models;
  std::map<std::string, RuleInfo> rules;
  std::map<std::string, GrowthCurveInfo> growth_curves;
  static Registry& get();
  static bool add(ModelInfo&&);
  static bool add(RuleInfo&&);
  static bool add(GrowthCurveInfo&&);
};

}  // namespace nl
