// The contract of devices: generators and recorders. A device is not a neuron: it is an instance with parameters, and the
// kernel asks it once per step what it puts out; how that reaches thousands of targets is the kernel's work.
#pragma once
#include <limits>
#include <memory>
#include <span>

#include "reflect.hpp"
#include "registry.hpp"
#include "rng.hpp"
#include "time.hpp"

namespace nl {

enum class Role {
  current,  // the same current for all targets
  noise,    // Gaussian current, drawn for each target
  poisson,  // Poisson counts, drawn for each target
  spikes,   // one train of spikes that all targets see
  spike_recorder,
  multimeter,
  weight_recorder  // of what synapses deliver; these name it, it is not connected
};

// What a generator puts out in one step.
struct Emission {
  double a = 0;           // current: amplitude (pA); noise: mean (pA); poisson: expected count
  double b = 0;           // noise: standard deviation (pA)
  std::int64_t draw = 0;  // noise: number of the draw, constant while the current is
  bool on = false;
  int table = -1;  // poisson: which table of the distribution belongs to a
};

struct OutSpike {
  std::int64_t multiplicity = 1;
  double factor = 1;  // multiplies the weight of the connection
  double offset = 0;  // ms by which the spike precedes the end of its step
};

// Parameters all devices share. Times are in ms, edges as DESIGN and the reference have them: (start, stop].
struct Window {
  double origin = 0, start = 0, stop = std::numeric_limits<double>::max();
  std::string label, stimulus_source;
  bool frozen = false;
  Step first(double h) const { return to_steps(origin + start, h); }
  Step last(double h) const { return stop >= 1e300 ? forever : to_steps(origin + stop, h); }
};

struct DeviceStep {
  Step step;  // covers the time from step * h to (step + 1) * h
  double h;
  bool active;
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
  virtual double read(std::size_t) const { return 0; }
};

template <class M>
class StructDevice final : public Device {
 public:
  typename M::P p;
  typename M::S s;

  Role role() const override { return M::role; }
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
    if constexpr (requires { M::check(p, h, now); }) M::check(p, h, now);
  }
  void normalise(double h, Step now) override {
    if constexpr (requires { M::normalise(p, h, now); }) M::normalise(p, h, now);
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
  double read(std::size_t r) const override {
    double out = 0;
    if constexpr (requires { M::recordables; }) {
      std::size_t k = 0;
      std::apply([&](auto&... x) { ((k++ == r ? void(out = s.*x.member) : void()), ...); }, M::recordables);
    }
    return out;
  }
};

template <class M>
ModelInfo describe_device(const char* name) {
  ModelInfo m;
  m.name = name;
  m.doc = M::doc;
  m.kind = M::role >= Role::spike_recorder ? Kind::recorder : Kind::stimulator;
  if constexpr (requires { M::element_is_neuron; }) m.element_is_neuron = M::element_is_neuron;
  auto add = [&]<class Owner, class T>(const Field<Owner, T>& f) {
    m.params.push_back(describe(f, std::is_same_v<Owner, typename M::S>));
  };
  std::apply([&](auto&... f) { (add(f), ...); }, M::params);
  add_common_device_fields(m);
  if constexpr (requires { M::recordables; })
    std::apply([&](auto&... r) { (m.recordables.push_back({r.name, r.unit, r.doc}), ...); }, M::recordables);
  m.spiking = M::role == Role::spikes || M::role == Role::poisson;
  m.stochastic = M::role == Role::poisson || M::role == Role::noise;
  m.make_device = [] { return std::make_unique<StructDevice<M>>(); };
  return m;
}

}  // namespace nl
