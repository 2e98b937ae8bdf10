// Synapses that change by pairs of spikes alone, many at a time: what their targets remember is collected first, so that the
// functions of a model run over arrays. The same numbers come out as one by one, to the last bit.
//
//   double potentiate(V, Pre before, double w, double interval)   weight after a spike of the target, which came back to the
//                               synapse -interval ms after the last spike of the source
//   double depress(V, double w, double trace)                     ... after a spike of the source, with the target's trace
#pragma once
#include "plastic.hpp"

namespace nl::plastic {

template <class M>
concept Pairwise = requires { &M::potentiate; };

// advance of such a model.
template <class M>
void pairs_so_far(const typename M::V& v, const typename M::Pre& pre, double& weight, const Spike& x, Post& post) {
  for (const PostSpike& s : post.since_last(x)) weight = M::potentiate(v, pre, weight, x.last - x.delay - s.t);
}

// on_pre of such a model.
template <class M>
double by_pairs(const typename M::V& v, const typename M::Pre& before, double weight, const Spike& x, Post& post) {
  pairs_so_far<M>(v, before, weight, x, post);
  return M::depress(v, weight, post.trace(x));
}

template <class M>
class PairBlock {
 public:
  static constexpr int size = 64;

  // Takes n synapses of one delay from number i on.
  void take(const RowCall& r, const Spike& x, const typename M::V& v, const typename M::Pre& before, std::uint32_t i,
            int n) {
    const double from = x.last - x.delay, to = x.t - x.delay;
    const std::uint32_t end = r.runs[r.delays - 1].end;
    std::fill_n(length_, most_, 0);
    n_ = n;
    for (int l = 0; l < n; ++l) {
      fetch_archive(r, i + std::uint32_t(l), end);
      const char* synapse = r.synapses + (i + std::uint32_t(l)) * stride_;
      std::memcpy(&slot_[l], synapse, sizeof slot_[l]);
      std::memcpy(&weight_[l], synapse + sizeof slot_[l], sizeof weight_[l]);
      PostArchive& a = r.archive[slot_[l]];
      int k = 0;
      for (const PostSpike& s : a.read(from, to)) {
        const double interval = from - s.t;
        if (k == most_) {  // the first ones cannot wait any longer
          for (int j = 0; j < most_; ++j) weight_[l] = M::potentiate(v, before, weight_[l], withdraw(j));
          weight_[l] = M::potentiate(v, before, weight_[l], interval);
          ++k;
        } else if (k > most_) {
          weight_[l] = M::potentiate(v, before, weight_[l], interval);
        } else {
          lane_[k][length_[k]] = l;
          interval_[k][length_[k]++] = interval;
          ++k;
        }
      }
      const PostSpike* s = a.before(to);
      trace_[l] = s ? s->trace : 0;
      age_[l] = s ? (s->t - to) * a.rate : 0;
    }
  }

  void change(const typename M::V v, const typename M::Pre before) {
    for (int k = 0; k < most_ && length_[k] > 0; ++k) {
      alignas(64) double w[size];
      const int n = length_[k], whole = whole_groups(n);
      for (int j = 0; j < n; ++j) w[j] = weight_[lane_[k][j]];
      for (int j = n; j < whole; ++j) w[j] = 1, interval_[k][j] = 0;
      for (int j = 0; j < whole; ++j) w[j] = M::potentiate(v, before, w[j], interval_[k][j]);
      for (int j = 0; j < n; ++j) weight_[lane_[k][j]] = w[j];
    }
    const int whole = whole_groups(n_);
    for (int l = n_; l < whole; ++l) weight_[l] = 1, trace_[l] = age_[l] = 0;
    for (int l = 0; l < whole; ++l) trace_[l] *= PostArchive::decay(age_[l]);
    for (int l = 0; l < whole; ++l) weight_[l] = M::depress(v, weight_[l], trace_[l]);
  }

  void send(const RowCall& r, std::uint32_t i, double* positive, double*& negative, Step arrival) const {
    for (int l = 0; l < n_; ++l) {
      char* synapse = r.synapses + (i + std::uint32_t(l)) * stride_;
      std::memcpy(synapse + sizeof slot_[l], &weight_[l], sizeof weight_[l]);
      r.archive[slot_[l]].looked_up = trace_[l];
      add(r, positive, negative, arrival, slot_[l], weight_[l]);
      if (r.log) r.log->push_back({i + std::uint32_t(l), weight_[l]});
    }
  }

 private:
  static constexpr int most_ = 4;  // spikes of a target that wait for their turn
  static constexpr std::size_t stride_ = sizeof(std::uint16_t) + sizeof(double);

  // Spike number j of the last synapse taken.
  double withdraw(int j) { return interval_[j][--length_[j]]; }

  alignas(64) double weight_[size], trace_[size], age_[size];
  alignas(64) double interval_[most_][size];
  int lane_[most_][size], length_[most_], n_;
  std::uint16_t slot_[size];
};

// As `deliver`, for synapses that agree in everything but their weights.
template <class M>
void deliver_pairs(const RowCall& r) {
  if (!r.shared) return deliver<M>(r);
  constexpr std::size_t n_p = member_count<typename M::P>, n_pre = member_count<typename M::Pre>;
  const ColumnView *of_pre = r.columns + n_p, *of_last = of_pre + n_pre;
  const auto v = prepare<M>(from<Common<M>>(r.common), load<typename M::P>(r.columns, r.source, r.at));
  const auto before = load<typename M::Pre>(of_pre, r.source, r.at);
  auto now = before;
  Spike x = r.spike;
  x.last = of_last->get(r.source, r.at);
  M::on_spike(v, now, x);
  save(of_pre, r.source, &ColumnView::of_source, now);
  of_last->of_source[r.source] = x.t;
  PairBlock<M> block;
  std::uint32_t i = 0;
  for (std::uint32_t d = 0; d < r.delays; ++d) {
    const Step delay = r.runs[d].delay;
    x.delay = to_ms(delay, x.h);
    double *positive = ring_row(*r.ring, r.page, r.step + delay), *negative = nullptr;
    while (i < r.runs[d].end) {
      const int n = int(std::min<std::uint32_t>(PairBlock<M>::size, r.runs[d].end - i));
      block.take(r, x, v, before, i, n);
      block.change(v, before);
      block.send(r, i, positive, negative, r.step + delay);
      i += std::uint32_t(n);
    }
  }
}

}  // namespace nl::plastic
