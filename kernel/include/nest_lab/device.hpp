// The contract of devices: generators and recorders. A device is not a neuron: it is an instance with parameters, and the
// kernel asks it once per step what it puts out; how that reaches thousands of targets is the kernel's work.
#pragma once
#include <limits>
#include <memory>
#include <span>

#include "draws.hpp"
#include "reflect.hpp"
#include "registry.hpp"
#include "release.hpp"
#include "rng.hpp"
#include "time.hpp"

namespace nl {

enum class Role {
  current,  // the same current for all targets
  noise,    // Gaussian current, drawn for each target
  counts,   // numbers of spikes, drawn for each target from one distribution
  trains,   // a train for each target, with a state of its own
  spikes,   // one train of spikes that all targets see
  signal,   // one value of a continuous signal that all targets see (coupling.hpp)
  spike_recorder,
  detector,  // takes spikes as a recorder does, but makes something else of them than a list
  multimeter,
  weight_recorder,  // of what synapses deliver; these name it, it is not connected
  modulator         // takes spikes for synapses that name it, as a third factor
};

class CountTable;  // a distribution of counts, see backend/cpu/taps.hpp

// What a generator puts out in one step.
struct Emission {
  double a = 0;  // current: amplitude (pA); noise: mean (pA); counts: mean, or chance of each trial; signal: value
  double b = 0;  // noise: standard deviation (pA)
  std::int64_t draw = 0;  // noise: number of the draw, constant while the current is; trains: as the model says
  bool on = false;
  std::int64_t trials = 0;                            // counts: 0 for the Poisson distribution, n for the binomial one
  bool varying = false;                               // counts: another distribution in every step
  std::shared_ptr<const CountTable> table = nullptr;  // counts: filled in by the kernel
};

struct OutSpike {
  std::int64_t multiplicity = 1;
  double factor = 1;  // multiplies the weight of the connection
  double offset = 0;  // ms by which the spike precedes the end of its step
};

// A spike that reaches a device.
struct InSpike {
  NodeId source;
  int receptor;
  Step emitted;  // its time is the end of this step ...
  Step arrives;  // ... and it arrives in this one
  std::int64_t multiplicity;
  double weight;
};

// Parameters all devices share. Times are in ms, edges as DESIGN and the reference have them: (start, stop].
struct Window {
  double origin = 0, start = 0, stop = std::numeric_limits<double>::max();
  std::string label, stimulus_source;
  bool frozen = false;
  // of recorders
  std::string record_to = "memory", file_extension = "dat";
  std::int64_t precision = 3;
  bool time_in_steps = false;
  Step first(double h) const { return to_steps(origin + start, h); }
  Step last(double h) const { return stop >= 1e300 ? forever : to_steps(origin + stop, h); }
};

struct DeviceStep {
  Step step;  // covers the time from step * h to (step + 1) * h
  double h;
  bool active;
  Stream random = {};  // of this device in this step
};

// What the trains of one generator have in common in a step, and a spike of one of them.
struct TrainStep {
  Step step;
  double h;
  const Emission& emission;
  Stream random;  // of this generator, Connect call and step; the number of the train is the sequence
};
struct TrainSpike {
  std::uint32_t train;
  std::int64_t multiplicity;
  double offset;
};

// States of all trains of one generator that one Connect call made.
class Trains {
 public:
  virtual ~Trains() = default;
  virtual void resize(std::size_t) = 0;
  virtual void advance(std::span<const std::uint32_t> which, const TrainStep&, std::vector<TrainSpike>& out) = 0;
};

class Device {
 public:
  const ModelInfo* info = nullptr;
  NodeId id = 0;
  Window window;
  virtual ~Device() = default;
  virtual Role role() const = 0;
  virtual std::unique_ptr<Device> clone() const = 0;
  virtual Value get(std::size_t field) const = 0;
  virtual void set(std::size_t field, const Value&) = 0;
  // Throws an Error when the values of this device do not go together; called on a changed clone before anything happens.
  virtual void check(double h, Step now) const = 0;
  virtual void prepare(double, Step) {}
  // Brings values that were just set into the form they are kept in, such as times rounded to the grid.
  virtual void normalise(double, Step) {}
  // Adapts defaults to the resolution.
  virtual void adapt(double) {}
  virtual Emission emit(const DeviceStep&) { return {}; }
  virtual std::span<const OutSpike> spikes(const DeviceStep&) { return {}; }
  virtual std::unique_ptr<Trains> make_trains() const { return nullptr; }
  virtual void receive(const InSpike&, double) {}
  // Recorders of spikes: the number that stands beside an event, if any, for that many spikes of one node at once.
  virtual double value(std::int64_t) const { return 0; }
  virtual double read(std::size_t) const { return 0; }
  // Modulators: what is there for synapses, in order of time; whether these are to be brought up to date now; and that
  // nobody will ask again for what was before.
  virtual std::span<const Release> released() const { return {}; }
  virtual bool delivers(Step, Step) const { return false; }
  virtual void forget(double) {}
};

// M::Train has a member `next`, the first step in which something happens to the train; M::advance goes on from there.
template <class M>
class StructTrains final : public Trains {
  std::vector<typename M::Train> train_;

 public:
  void resize(std::size_t n) override { train_.resize(n); }
  void advance(std::span<const std::uint32_t> which, const TrainStep& x, std::vector<TrainSpike>& out) override {
    for (std::uint32_t k : which) {
      typename M::Train& t = train_[k];
      if (t.next > x.step && t.drawn == x.emission.draw) continue;
      Sequence random(x.random, k);
      M::advance(t, x, random,
                 [&](std::int64_t multiplicity, double offset) { out.push_back({k, multiplicity, offset}); });
    }
  }
};

template <class M>
class StructDevice final : public Device {
 public:
  typename M::P p;
  typename M::S s;

  Role role() const override {
    if constexpr (requires { M::role_of(p); }) return M::role_of(p);
    else return M::role;
  }
  std::unique_ptr<Device> clone() const override { return std::make_unique<StructDevice<M>>(*this); }
  Value get(std::size_t field) const override {
    Value out;
    std::size_t k = 0;
    auto take = [&]<class Owner, class T>(const Field<Owner, T>& f) {
      if (k++ != field) return;
      if constexpr (std::is_same_v<Owner, typename M::P>) out = to_value(p.*f.member);
      else out = to_value(s.*f.member);
    };
    std::apply([&](auto&... f) { (take(f), ...); }, M::params);
    return out;
  }
  void set(std::size_t field, const Value& v) override {
    std::size_t k = 0;
    auto put = [&]<class Owner, class T>(const Field<Owner, T>& f) {
      if (k++ != field) return;
      if constexpr (std::is_same_v<Owner, typename M::P>) p.*f.member = from_value<T>(v);
      else s.*f.member = from_value<T>(v);
    };
    std::apply([&](auto&... f) { (put(f), ...); }, M::params);
  }
  void check(double h, Step now) const override {
    if constexpr (requires { M::check(p, s, h, now); }) M::check(p, s, h, now);
    else if constexpr (requires { M::check(p, h, now); }) M::check(p, h, now);
  }
  void normalise(double h, Step now) override {
    if constexpr (requires { M::normalise(p, s, h, now); }) M::normalise(p, s, h, now);
    else if constexpr (requires { M::normalise(p, h, now); }) M::normalise(p, h, now);
  }
  void adapt(double h) override {
    if constexpr (requires { M::adapt(p, h); }) M::adapt(p, h);
  }
  void prepare(double h, Step now) override {
    if constexpr (requires { M::prepare(p, s, window, h, now); }) M::prepare(p, s, window, h, now);
  }
  Emission emit(const DeviceStep& x) override {
    if constexpr (requires { M::emit(p, s, window, x); }) return M::emit(p, s, window, x);
    return {};
  }
  std::span<const OutSpike> spikes(const DeviceStep& x) override {
    if constexpr (requires { M::spikes(p, s, window, x); }) return M::spikes(p, s, window, x);
    return {};
  }
  std::unique_ptr<Trains> make_trains() const override {
    if constexpr (requires { typename M::Train; }) return std::make_unique<StructTrains<M>>();
    else return nullptr;
  }
  void receive(const InSpike& x, double h) override {
    if constexpr (requires { M::receive(p, s, window, x, h); }) M::receive(p, s, window, x, h);
  }
  double value(std::int64_t multiplicity) const override {
    if constexpr (requires { M::value(multiplicity); }) return M::value(multiplicity);
    return 0;
  }
  double read(std::size_t r) const override {
    double out = 0;
    if constexpr (requires { M::recordables; }) {
      std::size_t k = 0;
      std::apply([&](auto&... x) { ((k++ == r ? void(out = s.*x.member) : void()), ...); }, M::recordables);
    }
    return out;
  }
  std::span<const Release> released() const override {
    if constexpr (requires { M::released(s); }) return M::released(s);
    else return {};
  }
  bool delivers(Step now, Step min_delay) const override {
    if constexpr (requires { M::delivers(p, now, min_delay); }) return M::delivers(p, now, min_delay);
    else return false;
  }
  void forget(double before) override {
    if constexpr (requires { M::forget(s, before); }) M::forget(s, before);
  }
};

template <class M>
ModelInfo describe_device(const char* name) {
  ModelInfo m;
  m.name = name;
  m.doc = M::doc;
  m.kind = M::role == Role::modulator        ? Kind::modulator
           : M::role >= Role::spike_recorder ? Kind::recorder
                                             : Kind::stimulator;
  m.events = m.kind == Kind::recorder && M::role != Role::detector;
  if constexpr (requires { M::element_is_neuron; }) m.element_is_neuron = M::element_is_neuron;
  auto add = [&]<class Owner, class T>(const Field<Owner, T>& f) {
    m.add(describe(f, std::is_same_v<Owner, typename M::S>));
  };
  std::apply([&](auto&... f) { (add(f), ...); }, M::params);
  add_common_device_fields(m);
  if constexpr (requires { M::recordables; })
    std::apply([&](auto&... r) { (m.add_recordable(r.name, r.unit, r.doc), ...); }, M::recordables);
  if constexpr (requires { M::value_name; }) m.event_value = M::value_name;
  if constexpr (requires { M::inputs; }) m.inputs = M::inputs;
  if constexpr (requires { M::sends; }) m.sends = M::sends;
  if constexpr (requires { M::receives; }) m.receives = M::receives;
  m.spiking = M::role == Role::spikes || M::role == Role::counts || M::role == Role::trains;
  if constexpr (requires { M::emits; }) {
    m.emits = M::emits;
    m.emitted = 1;
  }
  m.stochastic = M::role == Role::counts || M::role == Role::trains || M::role == Role::noise;
  if constexpr (requires { M::stochastic; }) m.stochastic = M::stochastic;
  m.make_device = [] { return std::make_unique<StructDevice<M>>(); };
  return m;
}

}  // namespace nl
