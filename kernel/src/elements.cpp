// Lists of neurons at run time: reading, writing and checking them. Nothing here knows a model.
#include <nest_lab/elements.hpp>

#include <algorithm>

namespace nl {

namespace {

constexpr std::size_t most_elements = 10000;

const std::vector<double>& numbers_of(const Value& v) { return std::get<std::vector<double>>(v); }

void add_numbered(std::vector<RecordableInfo>& out, const PartTable& t, std::size_t count) {
  for (std::size_t k = 1; k <= count; ++k)
    for (auto& r : t.recordables) out.push_back({r.info.name + std::to_string(k), r.info.unit, r.info.doc});
}

using Lists = std::span<const std::pair<std::string, std::size_t>>;

std::string joined(Lists lists) {
  std::string out;
  for (auto& [name, size] : lists) out += (out.empty() ? "" : " and ") + name;
  return out;
}

}  // namespace

void check_same_length(const std::string& model, Lists lists) {
  std::string sizes;
  bool same = true;
  for (auto& [name, size] : lists) {
    if (size > most_elements)
      throw Error("BadValue", model + "." + name + " is too long", std::to_string(size) + " elements",
                  "at most " + std::to_string(most_elements) + " elements", "Give fewer.");
    sizes += (sizes.empty() ? "" : " and ") + std::to_string(size);
    same &= size == lists[0].second;
  }
  if (!same)
    throw Error("BadValue", model + ": " + joined(lists) + " must have the same number of elements",
                sizes + " elements", "lists of one length", "Set them together, with lists of the same length.");
}

Elements::Elements(std::vector<PartTable> tables) : tables_(std::move(tables)) {
  for (auto& t : tables_) {
    auto& list = fallback_.emplace_back();
    for (std::size_t k = 0; k < t.count; ++k)
      list.insert(list.end(), t.fresh.begin(), t.fresh.begin() + long(t.parameters));
  }
}

void Elements::describe(ModelInfo& m) const {
  for (auto& t : tables_)
    for (auto& f : t.fields) m.params.push_back(f.info);
  for (auto& t : tables_)
    if (!t.counts.empty())
      m.params.push_back(
          {t.counts, "", "How many there are", Type::integer, std::int64_t(t.count), any(), false, true});
  for (auto& t : tables_)
    if (t.ports)
      m.params.push_back({"has_connections", "", "Whether spikes can arrive", Type::flag, false, any(), true, true});
  for (auto& t : tables_) add_numbered(m.recordables, t, t.count);
}

std::size_t Elements::bytes_per_lane() const {
  std::size_t n = 0;
  for (std::size_t part = 0; part < tables_.size(); ++part)
    n += counts(nullptr, 0)[part] * tables_[part].numbers() * sizeof(double);
  return n;
}

Elements::Found Elements::find(std::size_t field) const {
  for (std::size_t part = 0; part < tables_.size(); ++part) {
    if (field < tables_[part].fields.size()) return {part, &tables_[part].fields[field]};
    field -= tables_[part].fields.size();
  }
  return {field, nullptr};  // the rest: numbers of elements
}

Elements::Counts Elements::counts(const ElementChunk* c, int lane) const {
  Counts n;
  for (std::size_t part = 0; part < tables_.size(); ++part)
    n.push_back(c ? c->parts[part].count[std::size_t(lane)] : fallback_[part].size() / tables_[part].parameters);
  return n;
}

double Elements::number(std::size_t field, const Counts& counts, bool connected) const {
  std::size_t rest = find(field).part;
  for (std::size_t part = 0; part < tables_.size(); ++part)
    if (!tables_[part].counts.empty() && rest-- == 0) return double(counts[part]);
  return connected;
}

int Elements::ports(const ElementChunk& c, int lane) const {
  for (std::size_t part = 0; part < tables_.size(); ++part)
    if (tables_[part].ports) return c.parts[part].count[std::size_t(lane)];
  return 0;
}

void Elements::start(ElementChunk& c, int lane) {
  c.parts.resize(tables_.size());
  c.connected[std::size_t(lane)] = c.recorded[std::size_t(lane)] = false;
  for (std::size_t part = 0; part < tables_.size(); ++part) {
    const PartTable& t = tables_[part];
    ElementChunk::Part& x = c.parts[part];
    resize(t, x, lane, 0);
    resize(t, x, lane, fallback_[part].size() / t.parameters);
    for (std::size_t i = 0; i < fallback_[part].size(); ++i)
      x.rows[i / t.parameters][i % t.parameters * chunk_lanes + std::size_t(lane)] = fallback_[part][i];
    if (t.ports) most_ports_ = std::max<int>(most_ports_, x.count[std::size_t(lane)]);
  }
}

// New elements are as a new node has them. The others keep their parameters; states begin anew.
void Elements::resize(const PartTable& t, ElementChunk::Part& x, int lane, std::size_t n) {
  const std::size_t before = x.count[std::size_t(lane)];
  if (n == before) return;
  while (x.rows.size() < n) x.rows.emplace_back(t.numbers() * chunk_lanes, 0.0);
  for (std::size_t k = 0; k < x.rows.size(); ++k)
    for (std::size_t i = 0; i < t.parameters + t.state; ++i) {
      double& number = x.rows[k][i * chunk_lanes + std::size_t(lane)];
      if (k >= n) number = 0;
      else if (k >= before || i >= t.parameters) number = t.fresh[i];
    }
  x.count[std::size_t(lane)] = std::uint16_t(n);
}

Value Elements::get_value(const ElementChunk& c, int lane, std::size_t field) const {
  const auto [part, number] = find(field);
  std::vector<double> out;
  for (std::size_t k = 0; k < c.parts[part].count[std::size_t(lane)]; ++k)
    out.push_back(c.parts[part].rows[k][number->member * chunk_lanes + std::size_t(lane)]);
  return out;
}

void Elements::set_value(ElementChunk& c, int lane, std::size_t field, const Value& v) {
  const auto [part, number] = find(field);
  const auto& list = numbers_of(v);
  ElementChunk::Part& x = c.parts[part];
  resize(tables_[part], x, lane, list.size());
  for (std::size_t k = 0; k < list.size(); ++k) x.rows[k][number->member * chunk_lanes + std::size_t(lane)] = list[k];
  if (tables_[part].ports) most_ports_ = std::max(most_ports_, int(list.size()));
}

Value Elements::get_default_value(std::size_t field) const {
  const auto [part, number] = find(field);
  const PartTable& t = tables_[part];
  std::vector<double> out;
  for (std::size_t k = 0; k < fallback_[part].size() / t.parameters; ++k)
    out.push_back(number->info.state ? t.fresh[number->member] : fallback_[part][k * t.parameters + number->member]);
  return out;
}

void Elements::set_default_value(std::size_t field, const Value& v) {
  const auto [part, number] = find(field);
  if (number->info.state) return;
  const PartTable& t = tables_[part];
  const auto& list = numbers_of(v);
  auto& fallback = fallback_[part];
  fallback.resize(std::min(fallback.size(), list.size() * t.parameters));
  while (fallback.size() < list.size() * t.parameters) fallback.push_back(t.fresh[fallback.size() % t.parameters]);
  for (std::size_t k = 0; k < list.size(); ++k) fallback[k * t.parameters + number->member] = list[k];
}

void Elements::check(const std::string& model, const ElementChunk* c, int lane, NeuronStore::Changes change,
                     std::size_t first) const {
  const Counts now = counts(c, lane);
  for (std::size_t part = 0; part < tables_.size(); ++part) {
    std::vector<std::pair<std::string, std::size_t>> lists;
    for (auto& f : tables_[part].fields) {
      std::size_t size = now[part];
      for (auto& [field, value] : change)
        if (field >= first && find(field - first).number == &f) size = numbers_of(value).size();
      if (f.info.readonly) continue;
      lists.emplace_back(f.info.name, size);
    }
    check_same_length(model, lists);
    const std::size_t size = lists[0].second;
    if (!c || size >= now[part]) continue;
    for (auto [relies, what] :
         {std::pair{c->connected[std::size_t(lane)] && tables_[part].ports, "connections end at"},
          {c->recorded[std::size_t(lane)] && !tables_[part].recordables.empty(), "a recorder reads the"}})
      if (relies)
        throw Error("BadValue",
                    model + ": " + joined(lists) + " cannot become shorter, because " + what + " elements of the node",
                    std::to_string(size) + (size == 1 ? " element" : " elements"),
                    std::to_string(now[part]) + (now[part] == 1 ? " element" : " elements") + " or more",
                    "Set " + joined(lists) + " before connecting.");
  }
}

const std::vector<RecordableInfo>& Elements::recordables(const ModelInfo& m, std::size_t own, const ElementChunk* c,
                                                         int lane) const {
  const Counts n = counts(c, lane);
  auto [known, fresh] = recordables_.try_emplace(n);
  if (fresh) {
    known->second.assign(m.recordables.begin(), m.recordables.begin() + long(own));
    for (std::size_t part = 0; part < tables_.size(); ++part) add_numbered(known->second, tables_[part], n[part]);
  }
  return known->second;
}

double Elements::read(const ElementChunk& c, int lane, std::size_t recordable) const {
  for (std::size_t part = 0; part < tables_.size(); ++part) {
    const auto& samples = tables_[part].recordables;
    const std::size_t n = c.parts[part].count[std::size_t(lane)] * samples.size();
    if (recordable < n)
      return c.parts[part].rows[recordable / samples.size()]
                               [samples[recordable % samples.size()].member * chunk_lanes + std::size_t(lane)];
    recordable -= n;
  }
  return 0;
}

void Elements::compare(ElementChunk& c, int lanes) const {
  for (std::size_t part = 0; part < tables_.size(); ++part) {
    const PartTable& t = tables_[part];
    ElementChunk::Part& x = c.parts[part];
    x.same = std::all_of(x.count.begin(), x.count.begin() + lanes, [&](auto n) { return n == x.count[0]; });
    for (auto& row : x.rows)
      for (std::size_t i = 0; i < t.numbers(); ++i)
        if (i < t.parameters || i >= t.parameters + t.state)
          for (std::size_t lane = 1; lane < std::size_t(lanes); ++lane)
            x.same &= row[i * chunk_lanes + lane] == row[i * chunk_lanes];
  }
}

std::vector<double> Elements::state(const ElementChunk& c, int lane) const {
  std::vector<double> out;
  for (std::size_t part = 0; part < tables_.size(); ++part)
    for (auto& row : c.parts[part].rows)
      for (std::size_t i = 0; i < tables_[part].state; ++i)
        out.push_back(row[(tables_[part].parameters + i) * chunk_lanes + std::size_t(lane)]);
  return out;
}

void Elements::set_state(ElementChunk& c, int lane, const std::vector<double>& state) const {
  auto next = state.begin();
  for (std::size_t part = 0; part < tables_.size(); ++part)
    for (auto& row : c.parts[part].rows)
      for (std::size_t i = 0; i < tables_[part].state; ++i)
        row[(tables_[part].parameters + i) * chunk_lanes + std::size_t(lane)] = *next++;
}

}  // namespace nl
