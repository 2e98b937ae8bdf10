// One network with its clock, random streams, threads and recorders. No globals: any number of simulations live side by side.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_set>

#include <nest_lab/device.hpp>
#include <nest_lab/rule.hpp>
#include <nest_lab/space.hpp>
#include <nest_lab/store.hpp>

#include "backend/cpu/plastic.hpp"
#include "backend/cpu/rows.hpp"
#include "backend/cpu/taps.hpp"
#include "backend/cpu/threads.hpp"
#include "src/recording.hpp"
#include "src/signals.hpp"

namespace nl {

// A value for all nodes, one for each, or an expression to draw from.
using Setting = std::variant<Value, std::vector<Value>, std::vector<double>, Parameter>;
using Settings = std::vector<std::pair<std::string, Setting>>;

struct Model {
  std::string name;
  const ModelInfo* info;
  int id;
  std::unique_ptr<NeuronStore> store;    // of neurons; also keeps the defaults
  std::unique_ptr<Device> prototype;     // of devices
  std::map<std::string, Value> synapse;  // defaults of synapses
  std::vector<Former> former;            // of plastic ones, see former.cpp
  std::uint64_t instances = 0;
};

struct Strength {  // weight or delay of a Connect call
  Parameter p;
  std::vector<double> array;
  bool fixed() const { return array.empty() && p.is_constant(); }
  std::pair<double, double> bounds() const;
};

struct Given {  // value of a parameter of a plastic synapse in a Connect call
  std::string name;
  Strength value;
  std::vector<std::int64_t> shape;
};

struct ConnectCall {
  std::string rule = "all_to_all";
  RuleArguments args;
  bool has_weight = false, has_delay = false;
  std::string synapse;
  Strength weight, delay;
  std::vector<std::int64_t> weight_shape, delay_shape;
  struct Factor {  // of a continuous signal, where it is not the weight
    std::string name;
    Strength value;
    std::vector<std::int64_t> shape;
  };
  std::vector<Factor> factors;
  bool symmetric = false;                  // also the other way round
  std::string pre_element, post_element;   // synaptic elements that the connections take
  std::int64_t receptor = -1, label = -1;  // -1: the synapse model's default
  std::vector<Given> given;
};

struct Connecting {  // whom, and how
  Ids sources, targets;
  ConnectCall call;
};

// Connections that structural plasticity makes between two kinds of synaptic elements.
struct StructuralSynapse {
  std::string label, pre, post;
  ConnectCall call;
  std::uint32_t id = 0;  // of its random numbers
};

// What TripartiteConnect says besides the primary connections; each list has one entry for each synapse.
struct ThirdFactor {
  std::string rule;
  ThirdFactorArguments args;
  Ids nodes;
  std::vector<ConnectCall> more, in, out;  // primary synapses after the first, source to third, third to target
};

// One Connect, kept as it was said: rows are replayed from it when they are needed.
struct Recipe {
  std::uint32_t id;
  const RuleInfo* rule;
  Ids sources, targets;
  RuleArguments args;
  Strength weight, delay;  // delay in ms
  int synapse;
  int receptor;
  std::int64_t label;
  std::uint64_t key;
  mutable std::shared_ptr<const std::vector<std::uint64_t>> starts = {};  // see RuleInfo::prepare
  std::vector<Strength> factors = {};                                     // of a continuous signal
  std::shared_ptr<const RuleInfo> own_rule = {};                          // what `rule` is, where no other call has it
  std::vector<Strength> columns = {};         // of plastic synapses, see PlasticInfo::members
  std::shared_ptr<const Pairing> space = {};  // where anything depends on places ...
  bool rule_in_space = false;                 // ... and so does who is connected
  void prepare() const;
  RuleCall call() const {
    return {&sources,     &targets,
            &args,        Stream{key, id, std::uint32_t(Purpose::rule), 0},
            starts.get(), rule_in_space ? space.get() : nullptr};
  }
};

// Connections of one synapse model, label and receptor whose weights are stored alike.
struct Layer {
  int synapse;
  std::int64_t label;
  int receptor;
  WeightFormat format;
  std::vector<Rows> rows;  // of all threads
  const PlasticInfo* plastic = nullptr;
  std::vector<double> constant = {};  // values of its members, nan where synapses differ
  std::vector<std::size_t> differing() const;
};

// Connections from or to a device, which live in taps, and those that carry continuous signals.
struct DeviceEdges {
  int synapse;
  std::int64_t label;
  int receptor;
  std::uint32_t call;
  std::vector<NodeId> source, target;
  std::vector<double> weight;
  std::vector<std::int32_t> delay;
  std::vector<Step> since;                       // first step whose output they carry ...
  Step until = forever;                          // ... and the first that they do not
  std::vector<std::vector<double>> factor = {};  // of a continuous signal, where there are others than the weight
  std::vector<double> constant = {};             // of plastic synapses: values of the members, which stay as they are
  void add(NodeId s, NodeId t, double w, Step d, Step from);
};

// What a Connect call says of a connection from one node to another, with plain numbers.
struct SingleConnection {
  NodeId source = 0, target = 0;
  std::string_view rule, synapse;
  std::optional<double> weight, delay;  // ms
  std::optional<std::int64_t> receptor;
};

// What connections had in common that were checked and made one by one.
struct SingleKind {
  std::string rule, synapse;
  bool weight, delay;  // whether they were given
  std::optional<std::int64_t> receptor;
  std::uint32_t from, to;  // stores of neurons
  double usual_weight, usual_delay;
  bool negative;
  std::tuple<int, std::int64_t, int> list;  // synapse model, label, receptor
  bool is_that_of(const SingleConnection& c) const {
    return c.weight.has_value() == weight && c.delay.has_value() == delay && c.receptor == receptor && c.rule == rule &&
           c.synapse == synapse;
  }
};

struct Handle {  // of a connection: which table and where in it
  std::uint64_t bits;
  Handle(std::uint32_t table, std::uint64_t at) : bits(std::uint64_t(table) << 40 | at) {}
  std::uint32_t table() const { return std::uint32_t(bits >> 40); }
  std::uint64_t at() const { return bits & ((std::uint64_t{1} << 40) - 1); }
};
inline constexpr std::uint32_t device_tables = 1u << 23;  // tables from here on are DeviceEdges

struct ConnectionFilter {
  std::optional<Ids> sources, targets;
  std::optional<std::string> synapse;
  std::optional<std::int64_t> label;
};

struct Pairs {  // of nodes, with a value for each
  std::vector<NodeId> source, target;
  std::vector<double> value;
};

std::int64_t available_memory();
std::string gigabytes(double bytes);
int available_threads();
Value checked_value(const std::string& model, const FieldInfo&, const Value&);
void complain(const std::string& model, const Complaint&);

class Simulation;

// Connections found by a query; columns are made when they are asked for.
class Connections {
 public:
  Simulation* sim = nullptr;
  std::uint64_t version = 0;
  std::vector<Handle> handles;
  bool stale() const;  // whether connections came or went since
  enum class Column { source, target, weight, delay, synapse, port, receptor, thread, label };
  void column(Column, double* out) const;
  // A member of plastic synapses by name; false where a connection has none of this name, for which nan is given.
  bool member(const std::string& name, double* out, Type& type) const;
  // One value for all connections or one for each, by name; all names or none.
  using Values = std::vector<std::pair<std::string, std::vector<double>>>;
  void set(const Values&);

 private:
  std::vector<int> models() const;
  void check(const Values&) const;
  void check_members(const Values&) const;
  void set_weight(const std::vector<double>&);
  void set_delay(const std::vector<double>&);
  void set_member(const std::string& name, const std::vector<double>&);
  void set_factor(const std::string& name, const std::vector<double>&);

 public:
  void set_label(std::int64_t);
  // Factors of continuous signals besides the weight.
  std::vector<std::string> factors() const;
  void factor(const std::string& name, double* out) const;
};

class Simulation {
 public:
  Simulation(double resolution, std::uint64_t seed, int threads);
  ~Simulation();

  // --- nodes.cpp
  NodeId create(const std::string& model, std::int64_t n, const Settings& params, const Placement* = nullptr);
  std::int64_t num_nodes() const { return std::int64_t(where_.size()) - 1; }
  const Model& model_of(NodeId) const;
  std::vector<std::pair<std::string, std::int64_t>> runs(const Ids&) const;
  void set(const Ids&, const Settings&);
  // Numeric values of one name for all ids; false when the name is not numeric there.
  bool get_numbers(const Ids&, const std::string& name, std::vector<double>& out, Type& type) const;
  Value get_value(NodeId, const std::string& name) const;
  // Of all that a node can be asked for, as its events go to memory or elsewhere.
  std::vector<std::string> names_of(const std::string& model, const std::string& record_to = "memory") const;
  std::vector<std::string> names_of(NodeId) const;
  int thread_of(NodeId) const;
  const std::vector<RecordableInfo>& recordables_of(NodeId) const;
  std::vector<double> draw(const Parameter&, std::int64_t n);
  std::vector<double> draw(const Parameter&, const Ids&);  // may depend on where the nodes are

  // --- space.cpp
  const Space* space_of(NodeId) const;  // null where it has no position
  const Space& layer_of(const Ids&) const;
  // Three numbers for each node, or for each way to a node; from one place to many, from many to one, or from each to each.
  std::vector<double> positions(const Ids&) const;
  std::vector<double> displacements(const Ids& from, const Ids& to) const;
  std::vector<double> displacements(const std::vector<Point>& from, const Ids& to) const;
  std::vector<std::uint32_t> inside(const Ids&, const Point& anchor, const Mask&) const;   // their numbers in the ids
  std::vector<std::uint8_t> covers(NodeId, const std::vector<Point>&, const Mask&) const;  // a mask around a node
  // A value for the way from a node to each of some places, which are places in its layer.
  std::vector<double> draw(const Parameter&, NodeId source, const std::vector<Point>& places);

  // --- models.cpp
  const std::vector<std::unique_ptr<Model>>& models() const { return models_; }
  Model& find_model(const std::string& name, const char* element = "model");
  const Model* known_model(const std::string& name) const;  // null where there is none
  void copy_model(const std::string& existing, const std::string& name, const Settings&);
  std::vector<std::pair<std::string, Value>> get_defaults(const std::string& model);
  void set_defaults(const std::string& model, const Settings&);

  // --- connections.cpp
  void connect(const std::vector<Connecting>&, bool only_check);
  Pairs draw_pairs(const Ids& sources, const Ids& targets, const ConnectCall&, const std::string& name);
  bool connect_again(const SingleConnection&);  // what the last call did, with other nodes; false: say it to connect()
  void connect_tripartite(const Ids& sources, const Ids& targets, const ConnectCall& primary, const ThirdFactor&);
  std::int64_t num_connections(int synapse);  // of one synapse model, or of all (-1)
  Connections connections(const ConnectionFilter&);
  void disconnect(const Connections&);
  void disconnect_pairs(const Ids&, const Ids&, const std::string& rule, const std::string& synapse);
  std::vector<std::pair<std::string, std::int64_t>> memory() const;
  using Parts = std::vector<std::pair<std::string, double>>;  // bytes by part
  Parts estimate() const;                                     // that building what is connected will take

  // --- signals.cpp
  const Relaxation& relaxation() const { return relaxation_; }
  void set_relaxation(const Relaxation&);
  std::int64_t unconverged() const { return unconverged_; }  // steps of the last run that were repeated too few times
  // --- structure.cpp, restructure.cpp
  void set_structural_plasticity(bool on);
  void set_structural_synapses(std::vector<StructuralSynapse>);
  std::vector<StructuralSynapse> structural_synapses() const;
  void set_structural_interval(double ms);
  double structural_interval() const;
  bool structural_plasticity() const;
  DictPtr elements(NodeId) const;

  // --- learning.cpp
  struct Learning {  // intervals between updates of gradients, ms
    double interval = 1000, window = 1000;
    bool reset = true;  // neurons begin each interval anew
  };
  const Learning& learning() const { return learning_; }
  void set_learning(const Learning&);

  // --- schedule.cpp
  using Progress = std::function<void(double, double)>;
  bool run(double ms, const Progress&);
  void expect_run() { expected_ = true, stop_ = false; }  // a stop() from here on is meant for the next run
  void stop() { stop_ = true; }
  bool running() const { return running_; }
  void prepare();
  void cleanup();
  bool prepared() const { return prepared_; }

  double memory_reserve = 100e6;  // bytes: a run stops before less is left
  double time() const { return to_ms(now_, h_); }
  Step steps() const { return now_; }
  void set_time(double ms);
  double resolution() const { return h_; }
  void set_resolution(double);
  std::uint64_t seed() const { return seed_; }
  void set_seed(std::uint64_t);
  int threads() const { return threads_; }
  void set_threads(int);
  double min_delay() const { return to_ms(delay_known() ? min_delay_ : 1, h_); }
  double max_delay() const { return to_ms(delay_known() ? max_delay_ : 1, h_); }
  void set_delay_extrema(double, double);
  std::int64_t spike_count() const { return spikes_; }

  // --- recording.cpp
  struct Events {
    std::vector<std::pair<std::string, std::vector<double>>> columns;  // senders, times and recordables
  };
  Events events(NodeId, std::int64_t from = 0) const;
  std::int64_t n_events(NodeId) const;
  std::string data_path, data_prefix;       // of files
  std::string file_of(NodeId) const;        // that the events of a recorder go to
  std::vector<NodeId> streaming() const;    // recorders whose events do not stay in memory
  std::int64_t kept(NodeId) const;          // events that are in memory
  void forget(NodeId, std::int64_t first);  // so many events, which were written elsewhere; they still count

  // All calls from outside pass this gate; a running simulation opens it between slices.
  class Gate {
    Simulation& s_;

   public:
    explicit Gate(Simulation& s) : s_(s) {
      ++s_.waiting_;
      s_.mutex_.lock();
      --s_.waiting_;
      ++s_.passages_;
    }
    ~Gate() { s_.mutex_.unlock(); }
  };

 private:
  friend class Connections;
  struct ThreadState;
  struct Place {
    std::uint32_t store;  // neuron store, or device_place
    std::uint32_t lane;   // or index of the device
  };
  static constexpr std::uint32_t device_place = 0xffffffffu;
  struct Instance {
    std::unique_ptr<Device> device;
    Model* model;
    std::vector<Emission> ring;
    std::size_t targets = 0;     // of generators: connections
    std::int64_t forgotten = 0;  // of recorders: events that are elsewhere
    Step first = 0, last = 0;    // edges of the window
    bool frozen() const { return device->window.frozen; }
  };

  // nodes
  const Place& place(NodeId) const;
  bool is_device(NodeId id) const { return place(id).store == device_place; }
  Device& device(NodeId id) const { return *instances_[place(id).lane].device; }
  void check_ids(const Ids&) const;
  bool get_common_number(const Ids&, const std::string& name, std::vector<double>& out, Type& type) const;
  void check_window(const Model&, const Device&) const;
  void check_lengths(const Place&, NeuronStore::Changes) const;
  void check_delay(double ms) const;
  void common_weight_changed(Model&);
  void clear_events(std::uint32_t instance);
  void forget_events(std::uint32_t instance, std::int64_t first);
  void refuse_while_running(const char* what) const;
  void require_memory(const char* what, const Parts& parts) const;
  double delays_of(const Recipe&) const;
  double plastic_bytes(const Recipe&, double edges) const;

  // structural plasticity
  struct Structure;
  struct ElementSettings {
    Settings said;
    bool calcium = false;
    bool any() const { return calcium || !said.empty(); }
  };
  std::unique_ptr<Structure> structure_;  // from the first time it is asked for
  Structure& structure();
  ElementSettings take_elements(const Ids&, Settings&);
  template <class F>
  void each_elements(const Ids&, const std::string& name, const Setting&, F&&);
  void give_elements(const Ids&, const ElementSettings&);
  void cut_growth();
  void give_default_elements(const Model&, NodeId first, std::int64_t n);
  void take_back_elements(NodeId first);
  std::optional<Setting> take_default_elements(const Model&, Settings&);
  void set_default_elements(const Model&, const Setting&);
  void copy_default_elements(const std::string& from, const std::string& to);
  DictPtr default_elements(const Model&) const;
  Step restructure(Step end);
  void check_structure();
  void count_elements(const Recipe&, const ConnectCall&);
  struct NewEdges;
  struct RowChange;
  using RowChanges = std::map<std::pair<std::size_t, std::size_t>, RowChange>;  // by layer and place in it
  void change_rows(const std::vector<std::uint64_t>& gone, const std::vector<NewEdges>& made);
  void plan_rows(const NewEdges&, RowChanges&);
  Layer& layer_for(const NewEdges&);
  std::size_t rows_for(Layer&, NodeId source, std::uint32_t thread, std::uint32_t page, const NeuronStore& targets);
  void note_growth(Step step);

  // space
  std::vector<std::shared_ptr<const Space>> spaces_;  // in ascending order of their nodes
  std::shared_ptr<const Space> shared_space(const Ids&) const;
  void locate(Recipe&, const ConnectCall&) const;
  void check_in_space(const Recipe&, unsigned needs) const;

  // connections
  Recipe make_recipe(const Ids&, const Ids&, const ConnectCall&);
  void check_call(const Recipe&, const ConnectCall&) const;
  void check_draws(const Recipe&) const;
  void check_ends(const Ids& sources, const Ids& targets, const Recipe&) const;
  void require_room(std::span<Recipe>);
  std::vector<Recipe> checked(const Connecting&, std::uint32_t id);
  void take(Recipe, const ConnectCall&);
  void accept(Recipe);
  bool is_single(const Recipe&) const;
  void join(Recipe);
  bool connect_again(const SingleConnection&, const SingleKind&);
  void remember_single(const Recipe&, const ConnectCall&);
  bool send_spikes(const Ids&) const;
  bool send_currents(const Ids&) const;
  double lowest_weight(const Recipe&) const;
  void forget_autapses(Recipe&) const;
  void check_ports(const Ids& sources, const Ids& targets, const Recipe&) const;
  void hold_ports(const Ids& sources, const Ids& targets);
  void accept_device_edges(const Recipe&, double expected);
  void check_device_edge(NodeId source, NodeId target) const;
  void attach_recorder(NodeId source, NodeId target);
  void note_delays(Step lo, Step hi);
  // Spikes from here on have not left: they do when the next slice begins, also where a run ends with the slice.
  Step slice_start() const { return delay_known() && now_ > 0 ? (now_ - 1) / min_delay_ * min_delay_ : now_; }
  bool delay_known() const { return max_delay_ > 0; }
  template <class Sink>
  void replay(const Recipe&, Sink&&) const;
  void build();
  void build_layer(Layer&, const std::vector<const Recipe*>&);
  struct Destinations;
  struct RowWriter;
  struct RowFiller;
  void merge_layers();
  void keep_rows(Layer&, std::vector<Rows>&);
  void prepare_rules(const std::vector<const Recipe*>&);
  std::vector<NodeId> divide_sources(const std::vector<const Recipe*>&, NodeId first, NodeId last) const;
  double common_weight(int synapse) const;
  void build_pathways();
  void layout();
  void build_taps();
  void add_tap(const DeviceEdges&, std::size_t, const std::map<std::pair<int, std::size_t>, std::size_t>& chunk_of);
  void add_samplers(std::uint32_t instance, SampleLog&);
  using Keep = std::function<bool(Handle, double& weight, Step& delay)>;
  void dissolve(const Keep&, Step settle, bool plastic_only = false);
  void change_plastic(const std::unordered_set<std::uint64_t>& gone, const std::vector<NewEdges>& made);
  void rewrite(Connections&, Connections::Column, const std::vector<double>&);
  void change_device_edge(DeviceEdges&, std::size_t, double weight, Step delay);
  void write_weight(Handle, double);
  template <class F>
  void each_edge(const Rows&, NodeId source, const std::vector<std::uint8_t>& to, F&&) const;
  struct Sought;
  void find(Sought&, const std::vector<std::uint8_t>& from, const std::vector<std::uint8_t>& to,
            std::vector<Handle>& out) const;
  std::vector<std::string> record_from(std::uint32_t instance) const;
  struct EdgeList;
  EdgeList edges_of(const Layer&) const;
  void add_edges(int synapse, std::int64_t label, int receptor, EdgeList&&);
  const Rows& rows_of_table(std::uint32_t) const;

  // plasticity.cpp
  static const PlasticInfo* plastic_of(const Model&);
  std::uint32_t recorder_of(const Model&) const;
  void check_nodes(const Model&, const FieldInfo&, const Value&) const;
  void recorder_changed(const Model&, const PlasticInfo* before);
  void complete(Recipe&) const;
  void number_ports(const Layer&);
  void merge_recorded();
  void tune_weight_logs();
  void record_delivery(const Recorded&);
  Events weight_events(const WeightLog&, std::size_t from) const;
  static void check_defaults(const Model&, const std::map<std::string, Value>&);
  const PlasticInfo* plastic_of(int synapse) const { return plastic_of(*models_[std::size_t(synapse)]); }
  void take_given(Recipe&, const Model&, const ConnectCall&);
  void check_given(const Recipe&) const;
  void check_synapse_end(const Model& synapse, const Model& node, bool source) const;
  std::vector<double> common_values(int synapse) const;
  void build_plastic();
  void count_readers(ThreadState&);
  void keep_archives();
  void tune_archives();
  const PostArchive* archive_of(NodeId) const;
  void push(ThreadState&);
  RowCall row_call(ThreadState&, const PlasticPath&, NodeId source, const Row&, const Spike&) const;
  void remember_common(Model&, std::vector<double> before) const;
  std::vector<Former> former_of(const Model&) const;
  const double* settle(ThreadState&, PlasticPath&, NodeId source, const Row&, double t) const;

  // modulation.cpp
  std::string models_with(Role) const;
  void check_modulator(const Model& synapse) const;
  std::uint32_t modulator_of(const Model& synapse) const;
  std::span<const Release> released(const PlasticPath&) const;
  bool delivers(std::uint32_t modulator, Step now) const;
  void modulate(ThreadState&, Step now);
  void forget_releases(Step now);
  void queue_spikes(Step from, Step to);
  void remember_spikes(ThreadState&, Step);
  bool pushes_at(Step step) const { return plastic_ && step % min_delay_ == 0; }

  // learning.cpp
  void start_learning();
  void check_learner(const Recipe&, const Model& node) const;
  void check_one_step(const Model& synapse, double ms) const;
  void build_learning(ThreadState&);
  void keep_learning();
  void mark_trains();
  void remember_train(NodeId source, Step stamp);
  void hear_teachers(ThreadState&, Step);
  void note_signals(ThreadState&, const PlasticThread::Learners&, Step, const double* signal);
  void remember_steps(ThreadState&, Step);
  void find_flushes();
  void queue_flushes(Step to);
  void flush(ThreadState&);

  // recall.cpp
  void check_recall(const Model& synapse, const Model& node) const;
  void build_recall(ThreadState&);

  // signals
  bool carries(int synapse) const { return !models_[std::size_t(synapse)]->info->carries.empty(); }
  void complete_coupled(Recipe&, const ConnectCall&) const;
  void accept_coupled(const Recipe&, const ConnectCall&);
  void check_coupled(const Recipe&, const ConnectCall&) const;
  void check_coupled_ends(const Ids& sources, const Ids& targets, const Recipe&) const;
  void check_factor(int synapse, const char* what) const;
  void drop_edges(const std::map<std::uint64_t, bool>& gone);
  void build_signals();
  void build_sources(std::vector<Signal>&) const;
  void build_coupled_rows();
  void keep_values(const std::vector<Signal>& past);
  void coupled_slice(int thread, Step from, Step to);
  void emit_signals(ThreadState&, Step, bool after);
  void store_value(NodeId device, Step, double);
  const double* const* gather(ThreadState&, std::size_t chunk, Step);
  void gather_rows(CoupledChunk&, CoupledRows&, const NeuronStore&, std::size_t first_lane, Step) const;
  template <class Attempt>
  void relax(ThreadState&, Step, Attempt&&);
  double repeat_step(ThreadState&, std::size_t chunk, Step, int iteration);

  // schedule
  struct WeightedSpike;
  void slice(int thread, Step from, Step to);
  void open_slice(ThreadState&, Step from);
  void open_step(ThreadState&, Step);
  void close_step(ThreadState&, Step);
  void deliver(ThreadState&, Step, bool landing);
  void land(ThreadState&, Step);
  void settle_spikes(Step before);
  void update(ThreadState&, Step);
  enum class Feeding { all, current, spikes };
  void add_taps(ThreadState&, std::size_t chunk, Step, double* const* spikes, double* const* currents, Feeding);
  void sample(ThreadState&, Step);
  void finish_slice(Step from, Step to);
  void merge_spikes(Step from, Step to);
  void report_failures();
  template <class F>
  void guarded(F&&);
  void record_spikes(Step);
  void record_spike(std::uint32_t recorder, NodeId sender, Step stamp, std::size_t multiplicity, double offset = 0);
  std::size_t samples_ready(const SampleLog&) const;
  void record_drawn(Step);

  // listeners: devices that take spikes
  struct Listener {
    std::uint32_t instance;
    int receptor;
    double weight;
    Step delay;
  };
  void find_listeners();
  void hear(const Listener&, NodeId source, Step, std::size_t multiplicity, double factor, double offset);
  void report(NodeId source, Step, std::size_t multiplicity, double factor, double offset);

  // trains: generators whose targets have trains with a state
  struct TrainGroup {  // of one generator and Connect call
    std::uint32_t call, instance;
    std::size_t table;                 // in device_edges_ ...
    std::vector<std::uint32_t> edges;  // ... and the places there
    std::unique_ptr<Trains> trains;
  };
  struct TrainPart {  // trains of one group that end on one thread, or at devices
    std::size_t group;
    std::vector<std::uint32_t> trains;
  };
  struct Arrival;
  void find_trains();
  template <class Sink>
  void run_trains(const std::vector<TrainPart>&, Step, Sink&&);
  void draw_trains(ThreadState&);
  void draw_all_trains();
  void record_trains(Step);
  void take_drawn(ThreadState&, Step, bool landing);
  void park_drawn();

  // precise: spikes between grid points
  static std::size_t run_of(const std::vector<WeightedSpike>&, std::size_t at);  // equal ones from there on
  void arrive(ThreadState&, const Arrival&);
  void deliver_precise(ThreadState&, const Rows&, Step delay, const WeightedSpike&);
  static void sort_inputs(ThreadState&);
  static std::span<const PreciseInput> inputs_of(ThreadState&, std::uint32_t slot);
  void merge_precise(std::size_t lag, std::vector<WeightedSpike>&);
  void emit_devices(Step);
  void merge_samples(Step from, Step to);
  void watch_memory();
  void attend_others(Step begin, Step end, const Progress&);
  void refresh();
  Step longest_slice() const;
  int effective_threads() const;

  double h_;
  std::uint64_t seed_, key_;
  int threads_;
  Step now_ = 0;
  bool prepared_ = false, simulated_ = false;
  std::atomic<bool> stop_{false}, running_{false}, expected_{false};
  std::atomic<int> waiting_{0};
  std::mutex mutex_;
  std::uint32_t next_call_ = 1, next_draw_ = 1, next_chunk_ = 0;

  std::vector<std::unique_ptr<Model>> models_;
  std::map<std::string, Model*, std::less<>> by_name_;
  std::vector<NeuronStore*> stores_;
  std::vector<Place> where_{{device_place, 0}};  // by node id; 0 is nobody
  std::vector<Instance> instances_;

  std::vector<Recipe> recipes_;  // not built yet
  // Connections that were made one by one since the last build; see single_connections.cpp.
  std::map<std::tuple<int, std::int64_t, int>, std::size_t> open_lists_;  // where in recipes_, by SingleKind::list
  std::vector<SingleKind> single_kinds_;                                  // of the last calls, for the next ones
  std::uint64_t single_passage_ = 0;                                      // of the last of them
  std::uint64_t passages_ = 0;                                            // through the gate
  std::vector<Layer> layers_;
  std::vector<DeviceEdges> device_edges_;
  std::vector<DeviceEdges> past_edges_;  // as they were before a change, while what they carried is under way
  std::uint32_t next_table_ = 0;
  std::uint64_t version_ = 0;  // counts changes of the set of connections
  double pending_edges_ = 0;
  bool pending_exact_ = true;
  Step min_delay_ = 0, max_delay_ = 0;
  bool extrema_fixed_ = false;

  // layout: which thread owns a node, and where its input arrives
  bool laid_out_ = false, taps_built_ = false, pathways_built_ = false, touched_ = true;
  std::uint64_t laid_out_nodes_ = 0;
  int team_size_ = 1;
  std::vector<std::uint8_t> owner_;
  std::vector<std::uint32_t> slot_;
  struct ChunkRef {
    std::uint32_t store, chunk, slot;
  };
  struct Sampler {  // this thread's nodes of one multimeter
    std::uint32_t instance;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> place;  // store, lane
    std::vector<std::uint32_t> order;                            // place among the multimeter's targets
    std::vector<std::vector<std::uint32_t>> recordables;         // by place, one for each column
    std::vector<double> values;                                  // of this slice
  };
  struct ThreadState {
    std::vector<ChunkRef> chunks;
    std::vector<NodeId> node_at;  // slot -> node
    PageMap pages;
    Buffer<double> input;                      // one dense row of summed weights, by page and slot
    std::vector<std::vector<NodeId>> emitted;  // per lag of the slice, in order of (store, lane)
    std::vector<std::vector<std::uint32_t>> store_end;
    std::vector<Pathway> pathways;
    Step launched = 0;                                // what was emitted before is on its pathways
    std::vector<std::vector<Tap>> taps;               // by place in `chunks`
    std::vector<Buffer<double>> current;              // summed current, for chunks that receive any
    std::vector<double*> spike_input, current_input;  // of one chunk, by channel
    std::vector<Sampler> samplers;
    PlasticThread plastic;
    std::vector<Failure> failed;        // in this slice
    std::vector<CoupledChunk> coupled;  // by place in `chunks`; empty where nothing is coupled
    double change = 0;                  // of the waveforms, from one repetition to the next
    std::size_t lag = 0;
    std::vector<PreciseInput> inputs;                // of this step; their lanes are slots of the thread
    std::vector<std::vector<PreciseSpike>> precise;  // emitted between grid points, per lag of the slice
    std::vector<TrainPart> trains;
    Step trains_drawn = 0;                    // what trains emit before is drawn
    std::vector<std::vector<Arrival>> drawn;  // by step of arrival
  };
  std::vector<ThreadState> team_;
  std::unique_ptr<Threads> pool_;

  // spikes of the last steps, for delivery
  struct WeightedSpike {
    NodeId source;
    double factor, offset;
  };
  std::vector<std::vector<NodeId>> history_;
  void deliver_weighted(ThreadState&, const Pathway&, Step, double* page);
  void deliver_negative(ThreadState&, const Rows&, Step delay, const WeightedSpike&);
  void launch(ThreadState&);
  std::vector<std::vector<WeightedSpike>> weighted_;
  struct Arrival {
    NodeId target;
    int channel;
    double value, offset = 0;
  };
  std::map<Step, std::vector<Arrival>> arrivals_;  // input that is settled already, see settle_spikes
  Step settle_before_ = forever;                   // while spikes are settled: those emitted from here on are not
  bool settled_ = false;                           // nothing was emitted since
  struct Leaving {
    Step step;
    NodeId source;
    double factor, offset;
  };
  std::vector<Leaving> leaving_;  // spikes of the slice, for plastic synapses: they leave when the next slice begins
  bool plastic_ = false;          // there are such synapses ...
  bool modulated_ = false;        // ... on which a third factor acts
  std::vector<std::uint8_t> pushes_;             // by node: whether it has any
  std::map<NodeId, PostArchive> kept_archives_;  // while nodes move to other threads
  Learning learning_;
  LearningClock clock_;
  std::map<NodeId, LearningArchive> kept_learning_;  // the same
  struct Flush {
    Step interval, last = 0;  // ... and the stamp of the last spike or flush, 0 before the first spike
  };
  std::map<NodeId, Flush> flushes_;                // of sources that flush
  std::vector<std::pair<NodeId, Step>> flushing_;  // now, with their stamps: when the next slice begins
  std::vector<std::uint8_t> remembers_;            // by source: whether its spikes are kept ...
  std::vector<std::vector<Step>> trains_;          // ... and their stamps
  std::size_t history_mask_ = 0;
  Step quiet_until_ = 0,
       weighted_until_ = 0;  // no spike is under way from this step on; none with a factor or an offset
  std::int64_t spikes_ = 0;

  // Recorders of a node, by the number of a set: most nodes share one with many others, and looking it up is quick.
  std::vector<std::uint32_t> recorder_set_;                    // by node
  std::vector<std::vector<std::uint32_t>> recorder_sets_{{}};  // indices into instances_
  std::map<std::vector<std::uint32_t>, std::uint32_t> recorder_set_of_{{{}, 0}};
  const std::vector<std::uint32_t>& recorders_of(NodeId id) const { return recorder_sets_[recorder_set_[id]]; }
  struct DrawnToDevice {
    std::uint32_t generator, call, place;
    Listener target;
  };
  std::vector<DrawnToDevice> drawn_to_device_;
  std::map<NodeId, std::vector<Listener>> listeners_;  // by source
  std::vector<TrainGroup> train_groups_;
  std::vector<TrainPart> trains_to_devices_;
  std::map<std::uint32_t, SpikeLog> spike_logs_;  // by instance
  std::map<std::uint32_t, SampleLog> sample_logs_;
  std::map<std::uint32_t, WeightLog> weight_logs_;
  CountTables tables_;
  std::exception_ptr failure_;  // the first of a run
  std::mutex failing_;

  Relaxation relaxation_;
  std::vector<Signal> signals_;
  bool meets_ = false, repeats_ = false;  // threads have to meet in each step; steps are repeated
  bool converged_ = false;
  std::atomic<bool> coupling_failed_{false};
  std::int64_t unconverged_ = 0;
  std::chrono::steady_clock::time_point last_attended_;
};

}  // namespace nl
