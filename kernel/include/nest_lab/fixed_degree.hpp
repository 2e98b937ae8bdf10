// Rules by which each node at one end draws how many partners it finds at the other, and which.
#pragma once
#include <array>
#include <cmath>
#include <string>

#include "rule.hpp"

namespace nl {

template <bool to_targets>  // what has the degree: each target; or each source
struct FixedDegree {
  static constexpr bool by_target = to_targets;
  static constexpr bool exact = true;
  static constexpr bool in_space = true;
  static constexpr const char* name = to_targets ? "fixed_indegree" : "fixed_outdegree";
  static constexpr const char* key = to_targets ? "indegree" : "outdegree";
  static constexpr const char* node = to_targets ? "target" : "source";
  static constexpr const char* partner = to_targets ? "source" : "target";

  static const Ids& nodes(const RuleCall& c) { return to_targets ? *c.targets : *c.sources; }
  static const Ids& partners(const RuleCall& c) { return to_targets ? *c.sources : *c.targets; }
  static const Parameter& wanted(const RuleCall& c) { return to_targets ? c.args->indegree : c.args->outdegree; }

  static std::int64_t degree(const RuleCall& c, std::int64_t row) {
    if (wanted(c).is_constant()) return whole_degree(wanted(c).value());
    double k;
    Stream s = c.random;
    s.purpose = std::uint32_t(Purpose::degree);
    wanted(c).draw(s, std::uint32_t(row), {&k, 1});
    return std::max<std::int64_t>(0, whole_degree(k));
  }

  static void check(const RuleCall& c) {
    if (whole_degree(std::ceil(wanted(c).bounds().second)) < 0)
      throw Error("BadRule", of_name(": ") + key + " must not be negative", number(wanted(c).value()), "0 or more",
                  std::string("Give the number of connections each ") + node + (to_targets ? " receives." : " makes."));
    if (c.space) return check_reached(c, name, [&](std::int64_t row) { return degree(c, row); });
    std::int64_t most = 0;
    for (std::int64_t row = 0, last = wanted(c).is_constant() ? std::min<std::int64_t>(1, rows(c)) : rows(c);
         row < last; ++row)
      most = std::max(most, degree(c, row));
    if (most > 0) check_partners(c, most);
  }
  static std::int64_t rows(const RuleCall& c) { return nodes(c).size(); }
  static double expected(const RuleCall& c) {
    if (wanted(c).is_constant()) return double(rows(c)) * wanted(c).value();
    double sum = 0;
    for (std::int64_t row = 0; row < rows(c); ++row) sum += double(degree(c, row));
    return sum;
  }
  static std::vector<std::int64_t> shape(const RuleCall& c) { return {rows(c), degree(c, 0)}; }

  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const std::int64_t k = degree(c, row);
    const NodeId self = nodes(c)[row];
    auto& drawn = to_targets ? out.source : out.target;
    Stream s = c.random;
    s.row = std::uint64_t(row);
    if (c.space) draw_reached(c, row, k, drawn);
    else if (c.args->allow_multapses)
      draw_repeated(s, partners(c), k, self, c.args->allow_autapses, [&](NodeId id) { drawn.push_back(id); });
    else draw_once(c, s, k, self, drawn);
    (to_targets ? out.target : out.source).resize(drawn.size(), self);
  }
  static std::int64_t place(const RuleCall& c, std::int64_t row, std::int64_t k, const Edges&) {
    return row * degree(c, 0) + k;
  }

 private:
  static std::string of_name(const char* next) { return std::string(name) + next; }

  static void draw_once(const RuleCall& c, const Stream& s, std::int64_t k, NodeId self, std::vector<NodeId>& drawn) {
    thread_local std::vector<std::uint32_t> position;
    draw_distinct(s, partners(c).size(), k, c.args->allow_autapses ? -1 : find(partners(c), self), position);
    for (std::uint32_t j : position) drawn.push_back(partners(c)[j]);
  }

  // Whether each node finds as many partners as it draws at most.
  static void check_partners(const RuleCall& c, std::int64_t most) {
    const std::int64_t n = partners(c).size();
    const std::string all = std::string(partner) + "s", lower = std::string("Lower ") + key + ", give more " + all;
    if (n == 0)
      throw Error("BadRule", of_name(" needs at least one ") + partner, "0 " + all, "1 or more",
                  "Give the " + all + " to draw from.");
    if (!c.args->allow_multapses && most > n)
      throw Error("BadRule", of_name(" without multapses: ") + key + " is larger than the number of " + all,
                  std::to_string(most) + " of " + std::to_string(n) + " " + all, "at most " + std::to_string(n),
                  lower + ", or set allow_multapses to True.");
    if (c.args->allow_autapses || (c.args->allow_multapses ? n > 1 : most < n)) return;
    for (std::int64_t row = 0; row < rows(c); ++row) {
      const std::int64_t k = degree(c, row);
      if (k > (c.args->allow_multapses ? 0 : n - 1) && find(partners(c), nodes(c)[row]) >= 0)
        throw Error("BadRule", of_name(" without autapses: too few ") + all + " other than the " + node + " itself",
                    std::to_string(k) + " of " + std::to_string(n - 1) + " " + all, "at most " + std::to_string(n - 1),
                    lower + ", or allow autapses.");
    }
  }
};

}  // namespace nl
