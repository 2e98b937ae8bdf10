#pragma once
#include <algorithm>
#include <array>
#include <unordered_map>

#include <nest_lab/rule.hpp>

namespace nl {

struct fixed_total_number {
  static constexpr auto doc =
      "N connections between sources and targets drawn at random. The sources of all are drawn first, which gives the number\n"
      "of connections of each, and then targets for one source after the other. Without multapses no pair is drawn twice: what\n"
      "is drawn are then the first N pairs of a random order, made by a keyed permutation (Feistel network with cycle walking;\n"
      "Black & Rogaway 2002, doi:10.1007/3-540-45760-7_9), of which a source keeps the number, and draws different targets.";
  static constexpr bool by_target = false;
  static constexpr bool to_devices = false;
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
  static std::int64_t rows(const RuleCall& c) { return c.sources->size(); }
  static double expected(const RuleCall& c) { return double(c.args->N); }
  static std::vector<std::int64_t> shape(const RuleCall& c) { return {c.args->N}; }

  // How many of the N connections each source makes, as the number of those before it.
  static std::vector<std::uint64_t> prepare(const RuleCall& c) {
    std::vector<std::uint64_t> count(std::size_t(c.sources->size()) + 1, 0);
    RuleCall draws = c;
    draws.random.purpose = std::uint32_t(Purpose::degree);
    if (!c.args->allow_multapses) {
      const Pairs pairs(c);
      for (std::int64_t i = 0; i < c.args->N; ++i)
        ++count[std::size_t(pairs.source(permuted(draws.random, std::uint64_t(i), pairs.size()))) + 1];
    } else if (!c.args->allow_autapses) {
      count_without_autapses(draws, count);
    } else {
      count_sources(draws, count);
    }
    for (std::size_t i = 1; i < count.size(); ++i) count[i] += count[i - 1];
    return count;
  }

  static void count_sources(const RuleCall& c, std::vector<std::uint64_t>& count) {
    alignas(64) std::uint32_t word[draw_group];
    const std::uint32_t n = std::uint32_t(c.sources->size());
    Stream s = c.random;
    std::uint32_t spare = 0x80000000u;
    auto again = [&] { return draw1(s, spare++); };
    for (std::int64_t i = 0; i < c.args->N; i += draw_group) {
      s.row = std::uint64_t(i / draw_group) >> 16;  // a stream ends after 2^32 numbers
      draw64(s, std::uint32_t(i / draw_group) & 0xffff, word);
      const int m = int(std::min<std::int64_t>(draw_group, c.args->N - i));
      for (int j = 0; j < m; ++j) ++count[bounded(word[j], n, again) + 1];
    }
  }

  // A pair is drawn until it is none of a node with itself.
  static void count_without_autapses(const RuleCall& c, std::vector<std::uint64_t>& count) {
    const std::uint32_t n = std::uint32_t(c.sources->size()), m = std::uint32_t(c.targets->size());
    Stream s = c.random;
    for (std::int64_t i = 0; i < c.args->N; ++i) {
      s.row = std::uint64_t(i);
      std::uint32_t element = 0, source, target;
      auto next = [&] { return draw1(s, element++); };
      do {
        source = bounded(next(), n, next);
        target = bounded(next(), m, next);
      } while ((*c.sources)[source] == (*c.targets)[target]);
      ++count[source + 1];
    }
  }

  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const std::int64_t k = std::int64_t((*c.starts)[std::size_t(row) + 1] - (*c.starts)[std::size_t(row)]);
    const NodeId source = (*c.sources)[row];
    Stream s = c.random;
    s.row = std::uint64_t(row);
    if (c.args->allow_multapses)
      return draw_repeated(s, *c.targets, k, source, c.args->allow_autapses, [&](NodeId t) { out.add(source, t); });
    thread_local std::vector<std::uint32_t> drawn;
    draw_distinct(s, c.targets->size(), k, c.args->allow_autapses ? -1 : find(*c.targets, source), drawn);
    for (std::uint32_t j : drawn) out.add(source, (*c.targets)[j]);
  }
  static std::int64_t place(const RuleCall& c, std::int64_t row, std::int64_t k, const Edges&) {
    return std::int64_t((*c.starts)[std::size_t(row)]) + k;
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
    std::int64_t source(std::uint64_t i) const {
      const std::size_t t = std::size_t(std::upper_bound(before.begin(), before.end(), i) - before.begin()) - 1;
      const std::int64_t s = std::int64_t(i - before[t]);
      return s + (self[t] >= 0 && s >= self[t]);
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
