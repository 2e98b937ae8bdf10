// Structural plasticity: synaptic elements of neurons, which grow by calcium, and connections that come and go between them.
#pragma once
#include <unordered_set>

#include <nest_lab/growth_curve.hpp>

#include "src/simulation.hpp"

namespace nl {

// Connections that are added to rows which exist.
struct Simulation::NewEdges {
  int synapse, receptor;
  std::int64_t label;
  std::vector<NodeId> source, target;
  std::vector<double> weight;
  std::vector<Step> delay;
  std::vector<std::vector<double>> columns;  // of plastic synapses
};

struct Simulation::Structure {
  struct Element {
    std::uint32_t name;
    const GrowthCurveInfo* curve;
    std::array<double, growth_numbers> p{};
    double growth_rate = 1, tau_vacant = 0.1;
    bool continuous = true;
    double z = 0, ca = 0;        // see GrowthBlock
    Step age = 0;                //
    double offset = 0;           //
    std::int64_t connected = 0;  // how many take part in connections
  };
  using Elements = std::vector<Element>;  // of one node, in order of their names

  Simulation& sim;
  std::vector<std::string> names;            // of elements
  std::map<std::string, Elements> defaults;  // by model
  std::vector<Elements> of_node;
  std::vector<StructuralSynapse> synapses;
  bool enabled = false, checked = false;
  double interval = 10000;  // ms between updates
  Step updated = -1;        // when the last update was
  Step grown = 0;           // elements have grown up to here

  explicit Structure(Simulation& s) : sim(s) {}
  std::uint32_t name_of(const std::string&);
  Element* find(NodeId, std::uint32_t name);

  // --- growth
  void make_room(Step stamp);
  void note_spike(NodeId, Step stamp, double offset);
  void grow(Threads* pool = nullptr);  // up to now
  void cut();                          // grows, and makes calcium exact
  double z(NodeId, const Element&);    // now

  // --- elements
  Elements parse(const std::string& model, const Dict&, const Elements& old, bool whole);
  DictPtr show(NodeId, const Elements&);
  void give(NodeId, Elements);
  void forget(NodeId first);  // what nodes from here on had

  // --- connections
  Step interval_steps() const { return std::max<Step>(1, to_steps(interval, sim.h_)); }
  Step next_update(Step end) const;
  bool due() const;
  void check();
  void update(Threads* pool);
  void count(const Recipe&, const std::string& pre, const std::string& post);
  void give_back(const Connections&);

 private:
  struct Draws;
  struct Trace {
    double ca = 0;
    Step at = 0;
    double offset = 0;  // how much earlier it was, in ms
  };
  struct Spike {
    NodeId node;
    Step stamp;
    double offset;
  };
  std::vector<Spike> spikes_;  // since `grown`
  std::vector<Trace> trace_;   // exact calcium at the last cut, by node
  std::vector<NodeId> owners_;
  bool ordered_ = false;
  std::vector<std::pair<NodeId, std::uint32_t>> order_;  // elements by curve

  void order();
  void grow_block(std::span<const std::pair<NodeId, std::uint32_t>>,
                  const std::map<NodeId, std::vector<GrowthCut>>& cuts, Step to);
  double read(NodeId, const Element&) const;
  static std::int64_t vacant(const Element&);  // after a cut
  static void give_back(Element*);
  using Gone = std::unordered_set<std::uint64_t>;  // handles
  void prune(const StructuralSynapse&, bool by_source, Draws&, Gone&);
  void sprout(const StructuralSynapse&, Draws&, const Gone&, std::vector<NewEdges>&);
  std::unordered_set<std::uint64_t> pairs_of(const StructuralSynapse&, const std::vector<NodeId>& sources, const Gone&);
  template <class F>
  void each_structural_edge(const StructuralSynapse&, const std::vector<std::uint8_t>& from,
                            const std::vector<std::uint8_t>& to, F&&);
  Recipe recipe_of(const StructuralSynapse&, NodeId source, NodeId target);
  std::vector<NodeId> vacancies(std::uint32_t name) const;
};

}  // namespace nl
