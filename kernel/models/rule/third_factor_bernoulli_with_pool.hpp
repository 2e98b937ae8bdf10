#pragma once
#include <nest_lab/rule.hpp>

namespace nl {

struct third_factor_bernoulli_with_pool {
  static constexpr auto doc =
      "Each primary connection gets a third node with probability p, drawn from a pool that belongs to its target. Pools of type\n"
      "random are pool_size different nodes of the third population, drawn for each target; pools of type block are its\n"
      "consecutive parts: of pool_size nodes each, or, where pool_size is 1, of one node for as many targets as there are for\n"
      "each third node.";
  static constexpr bool third_factor = true;

  static std::int64_t pool_size(const ThirdFactorCall& c) {
    return c.args->pool_size < 0 ? c.third->size() : c.args->pool_size;
  }
  static bool drawn(const ThirdFactorCall& c) {
    return c.args->pool_type == "random" && pool_size(c) < c.third->size();
  }

  static void check(const ThirdFactorCall& c) {
    const std::int64_t size = pool_size(c), thirds = c.third->size(), targets = c.targets->size();
    if (!(c.args->p >= 0 && c.args->p <= 1))
      throw Error("BadRule", "third_factor_bernoulli_with_pool: p must be a probability", number(c.args->p),
                  "from 0 to 1", "Give the probability that a primary connection gets a third node.");
    if (c.args->pool_type != "random" && c.args->pool_type != "block")
      throw unknown_name("BadRule", "third_factor_bernoulli_with_pool: there is no pool_type of this name",
                         c.args->pool_type, {"block", "random"});
    if (size < 1 || size > thirds)
      throw Error("BadRule", "third_factor_bernoulli_with_pool: pool_size does not fit the third population",
                  std::to_string(size), "from 1 to " + std::to_string(thirds) + ", the number of third nodes",
                  "Choose smaller pools, or give more third nodes.");
    if (c.args->pool_type == "block" && (size == 1 ? targets % thirds != 0 : size * targets != thirds))
      throw Error("BadRule", "third_factor_bernoulli_with_pool: blocks do not fit the populations",
                  "pool_size " + std::to_string(size) + ", " + std::to_string(targets) + " targets, " +
                      std::to_string(thirds) + " third nodes",
                  "pool_size 1 and a multiple of " + std::to_string(thirds) +
                      " targets, or pool_size times targets third nodes",
                  "Choose sizes that fit, or pool_type 'random'.");
  }

  // Positions in the third population of the pools of all targets, one pool after the other.
  static std::vector<std::uint32_t> prepare(const ThirdFactorCall& c) {
    std::vector<std::uint32_t> pools, one;
    if (!drawn(c)) return pools;
    Stream s = c.random;
    s.purpose = std::uint32_t(Purpose::degree);
    for (std::int64_t t = 0; t < c.targets->size(); ++t) {
      s.row = std::uint64_t(t);
      draw_distinct(s, c.third->size(), pool_size(c), -1, one);
      pools.insert(pools.end(), one.begin(), one.end());
    }
    return pools;
  }
  static double expected(const ThirdFactorCall& c) { return c.args->p; }

  static void row(const ThirdFactorCall& c, std::int64_t row, const Edges& primary, std::vector<NodeId>& third) {
    Stream s = c.random;
    s.row = std::uint64_t(row);
    const std::int64_t size = pool_size(c);
    const std::int64_t sharing = std::max<std::int64_t>(1, c.targets->size() / c.third->size());
    alignas(64) std::uint32_t chance[draw_group], which[draw_group];
    std::uint32_t spare = 0x80000000u;
    auto again = [&] { return draw1(s, spare++); };
    third.assign(primary.size(), 0);
    for (std::size_t k = 0; k < primary.size(); ++k) {
      if (k % draw_group == 0) {
        draw64(s, std::uint32_t(k / draw_group) * 2, chance);
        draw64(s, std::uint32_t(k / draw_group) * 2 + 1, which);
      }
      if (to_uniform(chance[k % draw_group]) >= c.args->p) continue;
      const std::int64_t member = bounded(which[k % draw_group], std::uint32_t(size), again);
      const std::int64_t t = position_of(*c.targets, primary.target[k]);
      const std::int64_t at = drawn(c)                        ? (*c.made)[std::size_t(t * size + member)]
                              : c.args->pool_type == "random" ? member
                              : size == 1                     ? t / sharing
                                                              : t * size + member;
      third[k] = (*c.third)[at];
    }
  }
};

}  // namespace nl
