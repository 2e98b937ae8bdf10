// The contract of synapse models. Static synapses have no state beyond weight and delay: the kernel keeps those in rows.
// Plastic ones are described in plastic.hpp, those that change by pairs of spikes in pairs.hpp.
#pragma once
#include "pairs.hpp"

namespace nl {

// What every static synapse has; a model adds its doc, and whether one weight is shared by all its connections.
struct StaticSynapse {
  struct P {
    double weight = 1, delay = 1;
    std::int64_t receptor_type = 0;
    NodeList weight_recorder;
  };
  static constexpr auto params =
      table(field("weight", &P::weight, "", any(), "Strength, in the unit of the target's input"),
            field("delay", &P::delay, "ms", above(0), "Time from spike to effect, at least one step"),
            field("receptor_type", &P::receptor_type, "", at_least(0), "Port of the target"),
            field("weight_recorder", &P::weight_recorder, "", any(), "Recorder of what is delivered"));
};

struct LabelledSynapse {
  struct P : StaticSynapse::P {
    std::int64_t synapse_label = -1;
  };
  static constexpr auto params = std::tuple_cat(
      StaticSynapse::params,
      table(field("synapse_label", &P::synapse_label, "", at_least(-1), "Label to select connections by")));
};

template <class M>
concept Plastic = requires { typename M::Pre; };

namespace plastic {

template <class M>
Complaint check(const double* common, const double* values, double weight) {
  constexpr std::size_t n_p = member_count<typename M::P>, n_pre = member_count<typename M::Pre>;
  if constexpr (requires { M::check; }) {
    const auto p = from<typename M::P>(values);
    const auto pre = from<typename M::Pre>(values + n_p);
    const auto s = from<typename M::S>(values + n_p + n_pre);
    if constexpr (has_common<M>) return M::check(from<Common<M>>(common), p, pre, s, weight);
    else return M::check(p, pre, s, weight);
  }
  return {};
}

// Enters the names that a table has for members of T, which are the last ones of the list.
template <class T>
void list_names(const auto& fields, std::vector<PlasticInfo::Member>& out) {
  const std::size_t first = out.size() - member_count<T>;
  auto name = [&]<class Owner, class X>(const Field<Owner, X>& f) {
    if constexpr (std::is_same_v<Owner, T>) {
      out[first + member_index<T>(f.member)].name = f.name;
      out[first + member_index<T>(f.member)].type = type_of<X>();
    }
  };
  std::apply([&](auto&... f) { (name(f), ...); }, fields);
}

// Name and type of each member of T, from the table, in order.
template <class M, class T>
void list_members(Part part, std::vector<PlasticInfo::Member>& out) {
  T t;
  auto m = members(t);
  for_each_member<T>([&](auto i) { out.push_back({"", part, double(std::get<i>(m)), Type::real}); });
  list_names<T>(M::params, out);
}

// Shared parameters that users find in a dictionary: `items` is the table of the fields, `dictionary` the name. A field of that
// name is the choice that decides which others have a meaning, see `item_when`.
template <class M>
FieldInfo describe_items() {
  FieldInfo all{M::dictionary, "", M::dictionary_doc, Type::dictionary, {}, any()};
  all.shared = true;
  auto dict = std::make_shared<Dict>();
  auto add = [&](auto& f) {
    all.inner.push_back(nl::describe(f, false));
    if (const std::string when = M::item_when(all.inner.back().name); !when.empty()) all.inner.back().when = {when};
    if (all.inner.back().when.empty()) dict->items.emplace_back(f.name, all.inner.back().fallback);
  };
  std::apply([&](auto&... f) { (add(f), ...); }, M::items);
  all.fallback = DictPtr(dict);
  return all;
}

template <class M>
std::shared_ptr<const PlasticInfo> describe(bool always) {
  auto info = std::make_shared<PlasticInfo>();
  info->always = always;
  list_members<M, typename M::P>(Part::parameter, info->members);
  list_members<M, typename M::Pre>(Part::source_state, info->members);
  list_members<M, typename M::S>(Part::state, info->members);
  info->members.push_back({"", Part::source_state, 0, Type::real});
  if constexpr (has_common<M>) {
    std::vector<PlasticInfo::Member> common;
    list_members<M, typename M::C>(Part::parameter, common);
    if constexpr (requires { M::items; }) list_names<typename M::C>(M::items, common);
    for (auto& c : common) {
      info->common.push_back(c.name);
      info->common_initial.push_back(c.initial);
      info->common_within.emplace_back();
      if constexpr (requires { M::items; })
        std::apply(
            [&](auto&... f) { ((c.name == f.name ? void(info->common_within.back() = M::dictionary) : void()), ...); },
            M::items);
    }
  }
  info->looks_back = M::looks_back;
  if constexpr (requires { M::learns; }) {
    info->learns = true;
    info->by_spikes = requires { M::by_spikes; };
    info->rests = Rests<M>;
    if constexpr (requires { M::by_spikes; }) info->advance = advance<M>;
    info->pending = int(member_count<typename M::P> + member_count<typename M::Pre> + member_index(&M::S::pending));
  }
  if constexpr (requires { M::modulator; }) {
    info->modulator = M::modulator;
    info->since = int(member_count<typename M::P> + member_count<typename M::Pre> + member_index(&M::S::since));
    info->advance = advance<M>;
  }
  if constexpr (requires { &M::fade; }) info->settle = settle<M>;
  if constexpr (requires { M::draws; }) info->draws = M::draws;
  if constexpr (requires { M::asks_for; }) info->asks_for = M::asks_for;
  if constexpr (Pairwise<M>) info->deliver = deliver_pairs<M>;
  else info->deliver = deliver<M>;
  info->check = check<M>;
  return info;
}

// Static synapses that somebody looks at go the way of plastic ones.
struct Unchanged {
  struct P {};
  struct Pre {};
  struct S {};
  using V = None;
  static constexpr auto params = table();
  static constexpr bool looks_back = false;
  static V prepare(const P&) { return {}; }
  static void on_spike(const V&, Pre&, const Spike&) {}
  static double on_pre(const V&, const Pre&, const Pre&, S&, double& weight, const Spike& x, Post&) {
    return weight * x.factor;
  }
};

}  // namespace plastic

template <class M>
ModelInfo describe_synapse(const char* name) {
  ModelInfo m;
  m.name = name;
  m.doc = M::doc;
  m.kind = Kind::synapse;
  auto add = [&]<class Owner, class T>(const Field<Owner, T>& f) {
    FieldInfo& info = m.add(describe(f, false));
    info.shared = info.type == Type::nodes;
    if constexpr (plastic::has_common<M>) info.shared |= std::is_same_v<Owner, plastic::Common<M>>;
  };
  if constexpr (Plastic<M>) {
    std::apply([&](auto&... f) { (add(f), ...); }, StaticSynapse::params);
    m.plastic = plastic::describe<M>(true);
  } else {
    m.plastic = plastic::describe<plastic::Unchanged>(false);
    m.common_weight = M::common_weight;
  }
  if constexpr (requires { M::carries; }) {
    m.carries = M::carries;
    m.has_delay = M::has_delay;
    m.both_ways = M::both_ways;
    m.factors.assign(M::factors.begin(), M::factors.end());
  }
  std::apply([&](auto&... f) { (add(f), ...); }, M::params);
  if constexpr (requires { M::items; }) m.params.push_back(plastic::describe_items<M>());
  m.own = m.params.size();
  return m;
}

}  // namespace nl
