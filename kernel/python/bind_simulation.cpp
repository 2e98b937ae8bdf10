#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "python/convert.hpp"

namespace nl {

namespace {

py::array numeric(const std::vector<double>& v, Type type) {
  if (type == Type::flag) return cast_array<bool>(v);
  if (type == Type::integer) return cast_array<std::int64_t>(v);
  return cast_array<double>(v);
}

// Times of events as the recorder is told to show them.
py::dict events_dict(Simulation& s, NodeId id, std::int64_t from) {
  auto e = behind_gate(s, [&] { return s.events(id, from); });
  const bool in_steps = std::get<bool>(behind_gate(s, [&] { return s.get_value(id, "time_in_steps"); }));
  py::dict out;
  static const std::set<std::string> whole{"senders", "targets", "receptors", "ports"};
  const bool none = e.columns[0].second.empty();
  const std::vector<double>* offsets = nullptr;
  for (auto& [name, values] : e.columns)
    if (name == "offsets") offsets = &values;
  for (auto& [name, values] : e.columns) {
    if (name == "times" && !in_steps)
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = to_ms(Step(values[i]), s.resolution()) - (offsets ? (*offsets)[i] : 0.0);
    if (none && s.steps() == 0 && name != "senders" && name != "times") continue;
    if (name == "offsets" && !in_steps) continue;
    if (none) out[py::str(name)] = py::array_t<double>(0);  // as in the reference, senders too
    else if (whole.contains(name) || name == s.model_of(id).info->event_value || (name == "times" && in_steps))
      out[py::str(name)] = cast_array<std::int64_t>(values);
    else out[py::str(name)] = to_array(std::vector<double>(values));
    if (name == "times" && in_steps && !offsets) out["offsets"] = to_array(std::vector<double>(values.size()));
  }
  return out;
}

py::dict kept_events(Simulation& s, NodeId id) {
  const std::string to = std::get<std::string>(behind_gate(s, [&] { return s.get_value(id, "record_to"); }));
  if (to == "memory") return events_dict(s, id, 0);
  throw Error("UnknownName", s.model_of(id).name + " has no events in memory: they went elsewhere",
              "record_to '" + to + "'", "record_to 'memory'",
              to == "ascii" ? "Read its files, which `filenames` names." : "Record to 'memory' or 'ascii' instead.");
}

py::object get_one(Simulation& s, NodeId id, const std::string& name) {
  const Value v = behind_gate(s, [&] { return s.get_value(id, name); });
  const FieldInfo* f = s.model_of(id).info->find(name);
  return f ? to_python(*f, v) : to_python(v);
}

py::list get_each(Simulation& s, const Ids& ids, const std::string& name) {
  std::vector<Value> values(static_cast<std::size_t>(ids.size()));
  behind_gate(s, [&] {
    for (std::size_t i = 0; i < values.size(); ++i)
      if (const NodeId id = ids[std::int64_t(i)]; name != "events" || !s.model_of(id).info->events)
        values[i] = s.get_value(id, name);
  });
  py::list out(values.size());
  const ModelInfo* info = nullptr;
  const FieldInfo* f = nullptr;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const NodeId id = ids[std::int64_t(i)];
    if (const ModelInfo* m = s.model_of(id).info; m != info) f = (info = m)->find(name);
    out[i] = name == "events" && info->events ? kept_events(s, id)
             : f                              ? to_python(*f, values[i])
                                              : to_python(values[i]);
  }
  return out;
}

py::object copied(const py::object& list) {
  return py::reinterpret_steal<py::object>(PyList_GetSlice(list.ptr(), 0, PyList_Size(list.ptr())));
}

// What all nodes of a model have in common is looked up once for each run of them.
bool get_by_model(Simulation& s, const Ids& ids, const std::string& name, py::list& out) {
  const bool list = name == "recordables";
  if (name != "element_type" && name != "model" && !list) return false;
  const auto runs = behind_gate(s, [&] { return s.runs(ids); });
  for (auto& [model, count] : runs)
    if (list && !s.known_model(model)->info->numbered.empty()) return false;
  std::int64_t i = 0;
  for (auto& [model, count] : runs) {
    const py::object value = get_one(s, ids[i], name);
    for (std::int64_t k = 0; k < count; ++k) out.append(list ? copied(value) : value);
    i += count;
  }
  return true;
}

py::list get_of_nodes(Simulation& s, py::handle h, const std::vector<std::string>& names) {
  const Ids ids = to_ids(h);
  py::list out;
  for (auto& name : names) {
    std::vector<double> v;
    Type type = Type::real;
    if (ids.size() > 0 && behind_gate(s, [&] { return s.get_numbers(ids, name, v, type); })) {
      out.append(numeric(v, type));
      continue;
    }
    py::list each;
    out.append(get_by_model(s, ids, name, each) ? each : get_each(s, ids, name));
  }
  return out;
}

std::optional<Ids> maybe_ids(py::handle h) { return h.is_none() ? std::nullopt : std::optional<Ids>(to_ids(h)); }

// Runs with the GIL released. Signals are looked at whenever progress is reported; what Python raises ends the run first.
bool run(Simulation& s, double ms, std::optional<py::function> progress) {
  std::optional<py::error_already_set> raised;
  auto last = std::chrono::steady_clock::time_point{};
  auto report = [&](double done, double total) {
    py::gil_scoped_acquire acquire;
    if (raised) return;
    const auto now = std::chrono::steady_clock::now();
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      if (!progress || (done < total && now - last < std::chrono::milliseconds(110))) return;
      last = now;
      (*progress)(done, total);
    } catch (py::error_already_set& e) {
      raised.emplace(std::move(e));
      s.stop();
    }
  };
  bool finished;
  {
    py::gil_scoped_release release;
    finished = s.run(ms, report);
  }
  if (raised) throw std::move(*raised);
  return finished;
}

template <class Parts>
py::dict bytes_by_part(const Parts& parts) {
  py::dict out;
  for (auto& [name, bytes] : parts) out[py::str(name)] = std::int64_t(bytes);
  return out;
}

// What GetDefaults tells of a model besides its parameters.
void add_model_facts(Simulation& s, const Model& m, py::dict& out) {
  using namespace py::literals;
  auto add = [&](const py::dict& d) { out.attr("update")(d); };
  add(py::dict("element_type"_a = m.info->element_is_neuron ? "neuron" : kind_name(m.info->kind)));
  if (m.info->kind == Kind::synapse) {
    add(py::dict("has_delay"_a = m.info->has_delay, "requires_symmetric"_a = m.info->both_ways,
                 "synapse_model"_a = m.name, "synapse_modelid"_a = m.id,
                 "num_connections"_a = behind_gate(s, [&] { return s.num_connections(m.id); }),
                 "sizeof"_a = m.info->is_plastic()    ? 10
                              : m.info->common_weight ? 2
                                                      : 6));
    return;
  }
  auto one = [](std::int64_t n) { return py::array_t<std::int64_t>(1, &n); };
  const std::int64_t lane = m.store ? std::int64_t(m.store->bytes_per_lane()) : 600;
  add(py::dict("available"_a = one(0), "capacity"_a = one(std::int64_t(m.instances)), "elementsize"_a = lane,
               "instantiations"_a = one(std::int64_t(m.instances)), "global_id"_a = 0, "local"_a = true,
               "model"_a = m.name, "model_id"_a = m.id, "node_uses_wfr"_a = m.info->iterates, "thread"_a = -1,
               "thread_local_id"_a = -1, "vp"_a = -1, "type_id"_a = m.info->name));
  if (m.info->kind == Kind::neuron && m.info->archives)
    add(py::dict("t_spike"_a = -1.0, "archiver_length"_a = 0, "post_trace"_a = 0.0));
  if (m.info->events)
    add(py::dict("n_events"_a = 0,
                 "events"_a = py::dict("senders"_a = py::array_t<double>(0), "times"_a = py::array_t<double>(0))));
  if (!m.info->receptors.empty()) add(py::dict("receptor_types"_a = to_python(m.info->receptor_types())));
  if (m.info->can_record()) {
    std::vector<std::string> names;
    for (auto& r : m.store ? m.store->default_recordables() : m.info->recordables) names.push_back(r.name);
    std::sort(names.begin(), names.end());
    add(py::dict("recordables"_a = names));
  }
}

void bind_models(py::class_<Simulation>& c) {
  c.def("model_names", [](Simulation& s) {
    std::vector<std::pair<std::string, std::string>> out;
    for (auto& m : s.models())
      out.emplace_back(m->name, m->info->element_is_neuron ? "neuron" : kind_name(m->info->kind));
    return out;
  });
  c.def("model_id", [](Simulation& s, const std::string& name) { return s.find_model(name).id; });
  c.def("instances", [](Simulation& s, const std::string& name) { return s.find_model(name).instances; });
  c.def("base_model", [](Simulation& s, const std::string& name) { return s.find_model(name).info->name; });
  c.def(
      "copy_model",
      [](Simulation& s, const std::string& from, const std::string& to, py::object params) {
        const Settings p = to_settings(params);
        behind_gate(s, [&] { s.copy_model(from, to, p); });
      },
      py::arg("existing"), py::arg("new"), py::arg("params") = py::none());
  c.def("get_defaults", [](Simulation& s, const std::string& name) {
    py::dict out;
    const ModelInfo& info = *s.find_model(name).info;
    for (auto& [key, v] : behind_gate(s, [&] { return s.get_defaults(name); })) {
      const FieldInfo* f = info.find(key);
      out[py::str(key)] = f ? to_python(*f, v) : to_python(v);
    }
    add_model_facts(s, s.find_model(name), out);
    return out;
  });
  c.def("set_defaults", [](Simulation& s, const std::string& name, py::dict params) {
    const Settings p = to_settings(params);
    behind_gate(s, [&] { s.set_defaults(name, p); });
  });
}

void bind_nodes(py::class_<Simulation>& c) {
  c.def(
      "create",
      [](Simulation& s, const std::string& model, std::int64_t n, py::object params) {
        const Settings p = to_settings(params);
        return behind_gate(s, [&] { return s.create(model, n, p); });
      },
      py::arg("model"), py::arg("n") = 1, py::arg("params") = py::none());
  c.def_property_readonly("num_nodes", &Simulation::num_nodes);
  c.def("runs", [](Simulation& s, py::handle ids) {
    const Ids i = to_ids(ids);
    return behind_gate(s, [&] { return s.runs(i); });
  });
  c.def("get", &get_of_nodes);
  c.def("get_all_names", [](Simulation& s, const std::string& model) {
    s.find_model(model);
    return s.names_of(model);
  });
  c.def("get_names", [](Simulation& s, NodeId id) { return behind_gate(s, [&] { return s.names_of(id); }); });
  c.def("set", [](Simulation& s, py::handle ids, py::dict params) {
    const Ids i = to_ids(ids);
    const Settings p = to_settings(params);
    behind_gate(s, [&] { s.set(i, p); });
  });
  c.def("loc", [](Simulation& s, py::handle h) {
    const Ids ids = to_ids(h);
    std::vector<double> t;
    for (std::int64_t i = 0; i < ids.size(); ++i) t.push_back(s.thread_of(ids[i]));
    return cast_array<std::int64_t>(t);
  });
  c.def("draw", [](Simulation& s, const Parameter& p, std::int64_t n) {
    return to_array(behind_gate(s, [&] { return s.draw(p, n); }));
  });
  c.def("events", &events_dict, py::arg("id"), py::arg("start") = 0);
  c.def("streaming", [](Simulation& s) { return behind_gate(s, [&] { return s.streaming(); }); });
  c.def("kept", [](Simulation& s, NodeId id) { return behind_gate(s, [&] { return s.kept(id); }); });
  c.def("forget", [](Simulation& s, NodeId id, std::int64_t n) { behind_gate(s, [&] { s.forget(id, n); }); });
  c.def_readwrite("data_path", &Simulation::data_path);
  c.def_readwrite("data_prefix", &Simulation::data_prefix);
}

void bind_connect(py::class_<Simulation>& c) {
  c.def("connect_again", [](Simulation& s, py::handle source, py::handle target, py::handle conn, py::handle syn) {
    const auto one = to_single(source, target, conn, syn);
    return one && s.connect_again(*one);
  });
  c.def("connect", [](Simulation& s, py::handle sources, py::handle targets, py::dict conn, py::dict syn) {
    const std::vector<Connecting> one{{to_ids(sources), to_ids(targets), to_call(s, conn, syn)}};
    behind_gate(s, [&] { s.connect(one, false); });
  });
  using Call = std::tuple<py::object, py::object, py::dict, py::dict>;  // as for connect
  c.def(
      "connect_all",
      [](Simulation& s, const std::vector<Call>& calls, bool only_check) {
        std::vector<Connecting> all;
        for (auto& [sources, targets, conn, syn] : calls)
          all.push_back({to_ids(sources), to_ids(targets), to_call(s, conn, syn)});
        behind_gate(s, [&] { s.connect(all, only_check); });
      },
      py::arg("calls"), py::arg("only_check") = false);
  // Sources and targets of what a rule would connect, and for each a value of a Parameter, or of an array that the rule takes.
  c.def("pairs", [](Simulation& s, py::handle sources, py::handle targets, py::dict conn, py::object value,
                    const std::string& name) {
    const Ids from = to_ids(sources), to = to_ids(targets);
    ConnectCall call = to_call(s, conn, py::dict());
    call.has_weight = true;
    call.weight = to_strength(value, name.c_str(), call.weight_shape);
    Pairs pairs = behind_gate(s, [&] { return s.draw_pairs(from, to, call, name); });
    return py::make_tuple(to_array(std::move(pairs.source)), to_array(std::move(pairs.target)),
                          to_array(std::move(pairs.value)));
  });
  c.def_property_readonly("num_connections",
                          [](Simulation& s) { return behind_gate(s, [&] { return s.num_connections(-1); }); });
  c.def(
      "connections",
      [](Simulation& s, py::handle sources, py::handle targets, std::optional<std::string> model,
         std::optional<std::int64_t> label) {
        const ConnectionFilter f{maybe_ids(sources), maybe_ids(targets), model, label};
        return behind_gate(s, [&] { return s.connections(f); });
      },
      py::arg("sources") = py::none(), py::arg("targets") = py::none(), py::arg("synapse_model") = py::none(),
      py::arg("label") = py::none(), py::keep_alive<0, 1>());
  c.def("disconnect", [](Simulation& s, const Connections& x) { behind_gate(s, [&] { s.disconnect(x); }); });
  c.def("disconnect_pairs", [](Simulation& s, py::handle sources, py::handle targets, py::dict conn, py::dict syn) {
    const Ids from = to_ids(sources), to = to_ids(targets);
    const std::string rule = conn.contains("rule") ? std::string(py::str(conn["rule"])) : "one_to_one";
    const std::string model =
        syn.contains("synapse_model") ? std::string(py::str(syn["synapse_model"])) : "static_synapse";
    behind_gate(s, [&] { s.disconnect_pairs(from, to, rule, model); });
  });
}

void bind_relaxation(py::class_<Simulation>& c) {
  auto setting = [&c](const char* name, auto member) {
    c.def_property(
        name, [member](Simulation& s) { return s.relaxation().*member; },
        [member](Simulation& s, std::remove_cvref_t<decltype(Relaxation{}.*member)> value) {
          behind_gate(s, [&] {
            Relaxation r = s.relaxation();
            r.*member = value;
            s.set_relaxation(r);
          });
        });
  };
  setting("use_wfr", &Relaxation::use);
  setting("wfr_comm_interval", &Relaxation::interval);
  setting("wfr_tol", &Relaxation::tolerance);
  setting("wfr_max_iterations", &Relaxation::most_iterations);
  setting("wfr_interpolation_order", &Relaxation::order);
  c.def_property_readonly("unconverged", &Simulation::unconverged);
}

void bind_learning(py::class_<Simulation>& c) {
  auto setting = [&c](const char* name, auto member) {
    c.def_property(
        name, [member](Simulation& s) { return s.learning().*member; },
        [member](Simulation& s, std::remove_cvref_t<decltype(Simulation::Learning{}.*member)> value) {
          behind_gate(s, [&] {
            Simulation::Learning l = s.learning();
            l.*member = value;
            s.set_learning(l);
          });
        });
  };
  setting("eprop_update_interval", &Simulation::Learning::interval);
  setting("eprop_learning_window", &Simulation::Learning::window);
  setting("eprop_reset_neurons_on_update", &Simulation::Learning::reset);
}

}  // namespace

void bind_simulation(py::module_& m) {
  py::class_<Simulation> c(m, "Simulation");
  c.def(py::init<double, std::uint64_t, int>(), py::arg("resolution") = 0.1, py::arg("seed") = 143202461,
        py::arg("threads") = 0);
  bind_nodes(c);
  bind_models(c);
  bind_connect(c);
  bind_relaxation(c);
  bind_learning(c);
  bind_structure(c);
  bind_space(m, c);
  c.def("prepare", [](Simulation& s) { behind_gate(s, [&] { s.prepare(); }); });
  c.def("cleanup", &Simulation::cleanup);
  c.def_property_readonly("prepared", &Simulation::prepared);
  c.def("run", &run, py::arg("ms"), py::arg("progress") = py::none());
  c.def("expect_run", &Simulation::expect_run);
  c.def("stop", &Simulation::stop);
  c.def_property_readonly("running", &Simulation::running);
  c.def_property_readonly("precise", [](Simulation& s) {
    return behind_gate(s, [&] {
      return std::any_of(s.models().begin(), s.models().end(),
                         [](auto& m) { return m->info->precise && m->instances > 0; });
    });
  });
  c.def_property("time", &Simulation::time, &Simulation::set_time);
  c.def_property_readonly("steps", &Simulation::steps);
  c.def_readwrite("memory_reserve", &Simulation::memory_reserve);
  c.def_property("resolution", &Simulation::resolution, &Simulation::set_resolution);
  c.def_property("seed", &Simulation::seed, &Simulation::set_seed);
  c.def_property("threads", &Simulation::threads, &Simulation::set_threads);
  c.def_property_readonly("min_delay", &Simulation::min_delay);
  c.def_property_readonly("max_delay", &Simulation::max_delay);
  c.def("set_delay_extrema", &Simulation::set_delay_extrema);
  c.def_property_readonly("spike_count", &Simulation::spike_count);
  c.def("memory", [](Simulation& s) { return bytes_by_part(behind_gate(s, [&] { return s.memory(); })); });
  c.def("estimate", [](Simulation& s) { return bytes_by_part(behind_gate(s, [&] { return s.estimate(); })); });
}

}  // namespace nl
