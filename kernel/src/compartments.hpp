// The store of neurons that are trees of compartments; what a model sees of it is in <nest_lab/compartments.hpp>.
#pragma once
#include <array>
#include <map>

#include <nest_lab/compartments.hpp>

namespace nl {

// How a neuron is built. Neurons that are built alike share it.
struct CellPlan {
  struct Receptor {
    int compartment, kind;
    std::vector<double> parameters;
  };
  std::vector<int> parent;                      // by compartment; -1 at the root
  std::vector<std::array<double, 5>> membrane;  // C_m, g_C, g_L, e_L, v_comp
  std::vector<std::vector<double>> channels;    // parameters of all channels, one after the other
  std::vector<Receptor> receptors;
  std::vector<RecordableInfo> recordables;
  std::shared_ptr<const struct CompartmentShape> shape;
};

// A tree, and where on it channels and receptors are. Neurons of one shape differ in numbers only.
struct CompartmentShape {
  struct Group {  // one channel, or one kind of receptor
    const Mechanism* kind;
    std::size_t offset;            // of its parameters among those of all channels
    std::vector<int> compartment;  // by element
    std::vector<int> receptor;     // by element; empty for channels
    bool everywhere;               // element = compartment
  };
  std::vector<int> parent;
  std::vector<Group> groups;  // by channel, then by kind of receptor

  CompartmentShape(const CompartmentModel&, const CellPlan&);
  int element_of_channel(std::size_t group, std::size_t compartment) const;  // -1 where there is none
  int element_of_receptor(std::size_t receptor) const;

 private:
  std::vector<std::vector<int>> by_compartment_;  // by channel
  std::vector<int> by_receptor_;
};

// Up to 16 neurons of one shape. Each array is [compartment or element][neuron].
struct CompartmentBlock {
  struct Part {  // of one group of the shape: arrays that are `stride` apart
    double *parameters, *derived, *state;
    std::size_t stride;
  };
  const CompartmentShape& shape;
  int used, width;        // neurons, and columns: a power of two
  std::vector<int> lane;  // of the chunk, by column
  std::vector<double> V_th;
  std::size_t stride;
  Buffer<double> state, constants;
  double *v, *capacity, *leak, *diagonal, *axial;  // mV; 2 C_m/h, uS; g_L e_L, nA; of the matrix and to the parent, uS
  std::vector<Part> parts;
  std::uint32_t fired = 0, failed = 0;         // by column, in the last step
  std::vector<double> worst;                   // voltage of a column that failed
  static constexpr double most_voltage = 1e6;  // mV

  CompartmentBlock(const CompartmentShape&, std::vector<int> lanes);
  std::size_t scratch() const;  // numbers that a step needs room for
  void step(const ChunkStep&, double* scratch);
  Buffer<double> copy_state() const;
  void restore(const Buffer<double>& kept, const std::vector<std::uint8_t>& frozen);
  double v_of(std::size_t compartment, int column) const {
    return v[compartment * std::size_t(width) + std::size_t(column)];
  }
  double state_of(std::size_t group, std::size_t variable, std::size_t element, int column) const {
    const Part& p = parts[group];
    return p.state[variable * p.stride + element * std::size_t(width) + std::size_t(column)];
  }

 private:
  template <int W>
  void work(const ChunkStep&, double* scratch);
  template <int W>
  void add_currents(std::size_t group, const ChunkStep&, double* sum_g, double* sum_i);
  template <int W>
  void solve(double* d, double* r);
  void find_failed(const double* before);
};

class CompartmentStore final : public NeuronStore {
 public:
  // Its fields, in the order in which they are written: receptors need their compartments.
  enum Own : std::size_t { threshold, compartments, add_compartments, receptors, add_receptors };

 private:
  using PlanPtr = std::shared_ptr<const CellPlan>;
  struct Lane {
    PlanPtr plan;
    CompartmentBlock* block = nullptr;  // none before the first run
    int column = 0;
    double V_th = -55;
    Common common;
    Step last_spike = -1, calcium_from = 0;
    double calcium = 0;
  };
  struct Chunk;
  struct Change {  // a change of a plan that was worked out: neurons that are built in one call share their plan
    PlanPtr from;
    std::size_t field;
    std::vector<DictPtr> given;
    PlanPtr to;
  };

  const CompartmentModel& model_;
  mutable std::map<std::vector<int>, std::shared_ptr<const CompartmentShape>> shapes_;
  std::vector<Lane> lanes_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  Lane fallback_;
  double prepared_h_ = 0;
  int ports_ = 0, compartments_ = 0;  // the most that a neuron has had
  mutable std::vector<Change> changes_;

  // building: src/compartment_plans.cpp
  PlanPtr changed(const PlanPtr&, std::size_t field, const Value&) const;
  void check_changes(const Lane&, Changes) const;
  PlanPtr worked_out(const CellPlan&, std::size_t field, const std::vector<DictPtr>&) const;
  PlanPtr finished(CellPlan) const;
  void add_compartment(CellPlan&, const Dict&) const;
  void add_receptor(CellPlan&, const Dict&) const;
  void use(Lane&, PlanPtr);
  void mark_stale(std::size_t lane);
  std::vector<DictPtr> listed(const CellPlan&, std::size_t field) const;

  // running
  void pack(std::size_t chunk, double h);
  void fill(CompartmentBlock&, int column, const Lane& from, double h) const;
  void fire(std::size_t lane, const ChunkStep&);
  void report(const CompartmentBlock&, int column, std::size_t chunk, const ChunkStep&) const;

 public:
  explicit CompartmentStore(const CompartmentModel&);
  ~CompartmentStore() override;

  int spike_channels() const override { return ports_; }
  int current_channels() const override { return compartments_; }
  int spike_channel(int receptor, bool) const override {
    return receptor >= 0 && receptor < ports_ ? receptor : refused;
  }
  int current_channel(int receptor) const override {
    return receptor >= 0 && receptor < compartments_ ? receptor : refused;
  }
  int current_lag() const override { return 0; }  // as in the reference: flows in the step at whose end it arrives
  std::optional<Ports> ports(std::size_t lane) const override {
    return Ports{0, int(lanes_[lane].plan->receptors.size())};
  }
  std::optional<Ports> current_ports(std::size_t lane) const override {
    return Ports{0, int(lanes_[lane].plan->parent.size())};
  }
  bool counts_spikes() const override { return false; }
  std::size_t bytes_per_lane() const override;

  void grow(NodeId first, std::size_t n) override;
  void shrink(std::size_t n) override;
  double get(std::size_t lane, std::size_t) const override { return lanes_[lane].V_th; }
  void set(std::size_t lane, std::size_t, double value) override { lanes_[lane].V_th = value; }
  void set_default(std::size_t, double value) override { fallback_.V_th = value; }
  double get_default(std::size_t) const override { return fallback_.V_th; }
  Value get_value(std::size_t lane, std::size_t field) const override { return listed(*lanes_[lane].plan, field); }
  void set_value(std::size_t lane, std::size_t field, const Value&) override;
  void set_default_value(std::size_t field, const Value& v) override;
  Value get_default_value(std::size_t field) const override { return listed(*fallback_.plan, field); }
  Complaint check(std::size_t lane, Changes) const override;
  Complaint check_default(Changes) const override;
  const std::vector<RecordableInfo>& default_recordables() const override { return fallback_.plan->recordables; }
  const std::vector<RecordableInfo>& recordables(std::size_t lane) const override {
    return lanes_[lane].plan->recordables;
  }
  double read(std::size_t lane, std::size_t recordable) const override;
  void copy_defaults(const NeuronStore&) override;

  void prepare(double h) override;
  void update(std::size_t chunk, const ChunkStep&) override;

  Common& common(std::size_t lane) override { return lanes_[lane].common; }
  const Common& common_value(std::size_t lane) const override { return lanes_[lane].common; }
  double t_spike(std::size_t lane, double h) const override;
  double calcium(std::size_t lane, Step now, double h) const override;
  void set_calcium(std::size_t lane, double value, Step now) override;
};

}  // namespace nl
