// What all models have in common when they describe themselves; compiled here once, not with each model.
#include <nest_lab/device.hpp>
#include <nest_lab/growth_curve.hpp>
#include <nest_lab/plastic.hpp>
#include <nest_lab/rule.hpp>
#include <nest_lab/store.hpp>

namespace nl {

FieldInfo describe(const FieldRow& row) {
  const std::string_view symbol = row.symbol;
  FieldInfo info{row.name, row.unit, row.doc, row.type, {}, row.bounds, row.state};
  if (row.bounds.never) info.doc += "; inf: never reached";
  info.fixed = symbol == "default";
  info.readonly = !info.fixed && !symbol.empty();
  if (row.type == Type::flag) info.fallback = row.fallback != 0;
  else if (row.type == Type::integer) info.fallback = std::int64_t(row.fallback);
  else info.fallback = row.fallback;
  if (!row.choices.empty()) {
    info.type = Type::text;
    info.fallback = std::string(row.choices[std::size_t(row.fallback)]);
    info.choices.assign(row.choices.begin(), row.choices.end());
  }
  return info;
}

ModelInfo::ModelInfo() = default;
ModelInfo::ModelInfo(const ModelInfo&) = default;
ModelInfo::ModelInfo(ModelInfo&&) noexcept = default;
ModelInfo::~ModelInfo() = default;

const FieldInfo* ModelInfo::find(const std::string& field) const {
  for (auto& f : params)
    if (f.name == field) return &f;
  return nullptr;
}

Value ModelInfo::receptor_types() const {
  auto all = std::make_shared<Dict>();
  for (auto& [receptor, port] : receptors) all->items.emplace_back(receptor, port);
  return DictPtr(all);
}

bool ModelInfo::is_plastic() const { return plastic && plastic->always; }

// Every connection has room for a label, and none is stored less compactly than another: it takes no more than the names. A
// model that learns by gradients has no label in the reference simulator.
std::vector<ModelInfo> ModelInfo::variants() const {
  std::vector<ModelInfo> all;
  if (!is_plastic()) return all;
  auto add = [&](const char* suffix, const char* more) -> ModelInfo& {
    ModelInfo& m = all.emplace_back(*this);
    m.variant_of = name;
    m.name += suffix;
    m.doc += more;
    return m;
  };
  add("_hpc", "\n\nThe name is kept for existing programs: connections are stored compactly in any case.");
  if (plastic->learns) return all;
  ModelInfo& labelled = add("_lbl", "\n\nCarries a label.");
  FieldInfo label{"synapse_label", "", "Label to select connections by", Type::integer, std::int64_t{-1}, at_least(-1)};
  labelled.params.insert(labelled.params.begin() + std::ptrdiff_t(labelled.own++), std::move(label));
  return all;
}

FieldInfo& ModelInfo::add(FieldInfo&& info) { return params.emplace_back(std::move(info)); }

void ModelInfo::add_recordable(const char* name, const char* unit, const char* doc) {
  recordables.push_back({name, unit, doc});
}

bool Registry::add(ModelInfo&& info) {
  for (ModelInfo& m : info.variants()) get().models.emplace(m.name, std::move(m));
  return get().models.emplace(info.name, std::move(info)).second;
}
bool Registry::add(RuleInfo&& info) { return get().rules.emplace(info.name, std::move(info)).second; }
bool Registry::add(GrowthCurveInfo&& info) { return get().growth_curves.emplace(info.name, std::move(info)).second; }

NeuronStore::~NeuronStore() = default;

double NeuronStore::number_at(std::size_t field, const Value& v) const { return number_of(info->params[field], v); }
Value NeuronStore::get_value(std::size_t lane, std::size_t field) const {
  return info->params[field].choices[std::size_t(get(lane, field))];
}
void NeuronStore::set_value(std::size_t lane, std::size_t field, const Value& v) {
  set(lane, field, number_at(field, v));
}
Value NeuronStore::get_default_value(std::size_t field) const {
  return info->params[field].choices[std::size_t(get_default(field))];
}
void NeuronStore::set_default_value(std::size_t field, const Value& v) { set_default(field, number_at(field, v)); }

void NeuronStore::copy_defaults(const NeuronStore& from) {
  for (std::size_t f = 0; f < info->own; ++f) {
    if (is_number(info->params[f].type)) set_default(f, from.get_default(f));
    else set_default_value(f, from.get_default_value(f));
  }
}

}  // namespace nl
