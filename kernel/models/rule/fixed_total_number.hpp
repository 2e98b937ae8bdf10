#pragma once
#include <algorithm>
#include <array>
#include <unordered_map>

#include <nest_lab/rule.hpp>

namespace nl {

struct fixed_total_number {
  static constexpr auto doc =
      "N connections between sources and targets drawn at random. Without multapses no pair is drawn twice: the pairs are then\n"
      "the first N of a random order, made by a keyed permutation (Feistel network with cycle walking; Black & Rogaway 2002,\n"
      "doi:10.1007/3-540-45760-7_9).";
  static constexpr bool by_target = false;
  static constexpr bool exact = true;
  static constexpr std::array required{"N"};

  static double pairs(const RuleCall& c) { return double(c.sources->size()) * double(c.targets->size()); }

  static void check(const RuleCall& c) {
    const std::int64_t N = c.args->N;
    if (N < 0)
      throw Error("BadRule", "fixed_total_number: N must not be negative", std::to_string(N), "0 or more",
                  "Give the number of connections.");
    const double room = N == 0 ? 0 : double(Pairs(c).size());
    if ((N > 0 && room == 0) || (!c.args->allow_multapses && double(N) > room))
      throw Error("BadRule", "fixed_total_number: N is larger than the number of different pairs",
                  std::to_string(N) + " of " + number(room) + " pairs", "at most " + number(room),
                  "Lower N, give more sources or targets, or set allow_multapses to True.");
  }
  static std::int64_t rows(const RuleCall& c) { return (c.args->N + edge_block - 1) / edge_block; }
  static double expected(const RuleCall& c) { return double(c.args->N); }
  static std::vector<std::int64_t> shape(const RuleCall& c) { return {c.args->N}; }

  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const std::int64_t end = std::min(c.args->N, (row + 1) * edge_block);
    if (c.args->allow_multapses) return repeated(c, row, end - row * edge_block, out);
    const Pairs pairs(c);
    for (std::int64_t i = row * edge_block; i < end; ++i)
      pairs.add(permuted(c.random, std::uint64_t(i), pairs.size()), out);
  }

  static void repeated(const RuleCall& c, std::int64_t row, std::int64_t count, Edges& out) {
    const std::uint32_t n = std::uint32_t(c.sources->size()), m = std::uint32_t(c.targets->size());
    Stream s = c.random;
    s.row = std::uint64_t(row);
    std::uint32_t element = 0;
    auto next = [&] { return draw1(s, element++); };
    while (count-- > 0) {
      NodeId source, target;
      do {
        source = (*c.sources)[bounded(next(), n, next)];
        target = (*c.targets)[bounded(next(), m, next)];
      } while (source == target && !c.args->allow_autapses);
      out.add(source, target);
    }
  }

  // The pairs that may be connected, in plain order.
  struct Pairs {
    const RuleCall& call;
    std::vector<std::int64_t> self;     // place of each target among the sources, or -1
    std::vector<std::uint64_t> before;  // allowed pairs with an earlier target

    explicit Pairs(const RuleCall& c) : call(c), self(std::size_t(c.targets->size()), -1), before{0} {
      std::unordered_map<NodeId, std::int64_t> place;
      if (!c.args->allow_autapses)
        for (std::int64_t j = 0; j < c.sources->size(); ++j) place[(*c.sources)[j]] = j;
      for (std::size_t t = 0; t < self.size(); ++t) {
        if (auto found = place.find((*c.targets)[std::int64_t(t)]); found != place.end()) self[t] = found->second;
        before.push_back(before.back() + std::uint64_t(c.sources->size() - (self[t] >= 0)));
      }
    }
    std::uint64_t size() const { return before.back(); }
    void add(std::uint64_t i, Edges& out) const {
      const std::size_t t = std::size_t(std::upper_bound(before.begin(), before.end(), i) - before.begin()) - 1;
      std::int64_t s = std::int64_t(i - before[t]);
      if (self[t] >= 0 && s >= self[t]) ++s;
      out.add((*call.sources)[s], (*call.targets)[std::int64_t(t)]);
    }
  };

  // Where number i of 0 ... size-1 stands in a random order.
  static std::uint64_t permuted(const Stream& random, std::uint64_t i, std::uint64_t size) {
    int half = 1;
    while ((std::uint64_t{1} << (2 * half)) < size) ++half;
    const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
    do {
      std::uint64_t left = i >> half, right = i & mask;
      for (std::uint32_t round = 0; round < 6; ++round) {
        Stream s = random;
        s.row = right;
        const std::uint64_t mixed = left ^ (draw1(s, 0x40000000u + round * 64) & mask);
        left = right;
        right = mixed;
      }
      i = (left << half) | right;
    } while (i >= size);
    return i;
  }
};

}  // namespace nl
