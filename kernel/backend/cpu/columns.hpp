// What plastic synapses have besides target and weight: a column for each member of their structs. Most columns are short,
// because synapses agree: then it is one number, or one for each source.
#pragma once
#include <vector>

#include <nest_lab/plastic.hpp>

namespace nl {

struct SynapseColumn {
  double common = 0;
  std::vector<double> of_source, each;  // used where not empty, `each` before `of_source`
  double get(std::size_t source, std::size_t at) const {
    return !each.empty() ? each[at] : !of_source.empty() ? of_source[source] : common;
  }
};

// Of the rows of one page; synapses are told by their place, sources by their number.
class SynapseColumns {
 public:
  const PlasticInfo* info;
  std::vector<SynapseColumn> columns;  // of the members, in order
  std::vector<std::uint16_t> twin;     // of models that draw: number among synapses of one pair, where pairs repeat
  std::vector<std::uint32_t> port;     // for recorders: number among the connections of the model
  std::vector<ColumnView> views;
  bool shared = true;  // synapses of a source agree in parameters and source state

  // nan stands for a member whose values come with put().
  SynapseColumns(const PlasticInfo& i, const std::vector<double>& common);
  void resize(std::size_t synapses);
  void put(std::size_t column, std::size_t at, double x) { columns[column].each[at] = x; }
  // When all is there, and after changes: columns are kept as short as they can be. first(source) is the place of its first
  // synapse, first(sources) the end.
  template <class First>
  void settle(std::size_t sources, First&& first);
  std::size_t bytes() const;

 private:
  template <class First>
  static void shorten(SynapseColumn&, std::size_t sources, First&& first);
  template <class First>
  static void lengthen(SynapseColumn&, std::size_t sources, First&& first);
};

template <class First>
void SynapseColumns::shorten(SynapseColumn& c, std::size_t sources, First&& first) {
  if (c.each.empty()) return;
  bool same_in_source = true, same = true;
  std::vector<double> of_source(sources, c.each[0]);
  for (std::size_t s = 0; s < sources && same_in_source; ++s) {
    const std::size_t begin = first(s), end = first(s + 1);
    if (begin < end) of_source[s] = c.each[begin];
    for (std::size_t i = begin; i < end; ++i) same_in_source &= c.each[i] == of_source[s];
    same &= of_source[s] == of_source[0];
  }
  if (!same_in_source) return c.each.shrink_to_fit();
  c.common = of_source[0];
  if (same) c.of_source = {};
  else c.of_source = std::move(of_source);
  c.each = {};
}

template <class First>
void SynapseColumns::lengthen(SynapseColumn& c, std::size_t sources, First&& first) {
  if (!c.each.empty()) return;
  std::vector<double> each(first(sources));
  for (std::size_t s = 0; s < sources; ++s)
    for (std::size_t i = first(s); i < first(s + 1); ++i) each[i] = c.get(s, i);
  c.each = std::move(each);
  c.of_source = {};
}

template <class First>
void SynapseColumns::settle(std::size_t sources, First&& first) {
  shared = true;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (info->members[k].part == Part::state) continue;
    shorten(columns[k], sources, first);
    shared &= columns[k].each.empty();
  }
  for (std::size_t k = 0; k < columns.size(); ++k) {
    SynapseColumn& c = columns[k];
    const Part part = info->members[k].part;
    if (part == Part::state || (part == Part::source_state && !shared)) lengthen(c, sources, first);
    else if (part == Part::source_state && c.of_source.empty()) c.of_source.assign(sources, c.common);
  }
  views.clear();
  for (SynapseColumn& c : columns)
    views.push_back(
        {c.common, c.of_source.empty() ? nullptr : c.of_source.data(), c.each.empty() ? nullptr : c.each.data()});
}

}  // namespace nl
