// Neurons that are trees of compartments: how they are stored in blocks and how a step is solved. How they are built from what
// users write: src/compartment_plans.cpp.
#include <algorithm>
#include <array>
#include <bit>
#include <bitset>

#include "src/compartments.hpp"

namespace nl {

namespace {

constexpr int widest = 16, run = 8;  // neurons in a block; elements of channels are worked on in runs

int padded(int n) { return (n + run - 1) / run * run; }

// Neurons of the next block, when so many of a shape are left: a power of two, with at most a quarter of it idle.
int width_for(std::size_t left) {
  int w = widest;
  while (w > 1 && std::size_t(w) * 3 / 4 + (w < 4) > left) w /= 2;
  return w;
}

}  // namespace

CompartmentBlock::CompartmentBlock(const CompartmentShape& s, std::vector<int> lanes)
    : shape(s),
      used(int(lanes.size())),
      width(width_for(lanes.size())),
      lane(std::move(lanes)),
      V_th(std::size_t(width)),
      worst(std::size_t(width)) {
  lane.resize(std::size_t(width), lane.back());  // idle columns repeat the last neuron
  stride = std::size_t(padded(int(s.parent.size()) * width));
  std::size_t state_size = stride, rest = 4 * stride;
  for (auto& group : s.groups) {
    const std::size_t n = std::size_t(padded(int(group.compartment.size()) * width));
    state_size += n * group.kind->states.size();
    rest += n * (group.kind->params.size() + group.kind->derived);
  }
  state = Buffer<double>(state_size, 0.0);
  constants = Buffer<double>(rest, 0.0);
  v = state.data();
  capacity = constants.data();
  leak = capacity + stride;
  diagonal = leak + stride;
  axial = diagonal + stride;
  double *s_next = v + stride, *c_next = axial + stride;
  for (auto& group : s.groups) {
    const std::size_t n = std::size_t(padded(int(group.compartment.size()) * width));
    Part part{c_next, c_next + n * group.kind->params.size(), s_next, n};
    c_next = part.derived + n * group.kind->derived;
    s_next += n * group.kind->states.size();
    parts.push_back(part);
  }
}

std::size_t CompartmentBlock::scratch() const {
  std::size_t longest = stride;
  for (auto& part : parts) longest = std::max(longest, part.stride);
  return 2 * stride + 4 * longest;
}

void CompartmentBlock::step(const ChunkStep& x, double* scratch) {
  switch (width) {
    case 1:
      return work<1>(x, scratch);
    case 2:
      return work<2>(x, scratch);
    case 4:
      return work<4>(x, scratch);
    case 8:
      return work<8>(x, scratch);
    default:
      return work<widest>(x, scratch);
  }
}

template <int W>
void CompartmentBlock::work(const ChunkStep& x, double* scratch) {
  double* __restrict sum_g = scratch, * __restrict sum_i = scratch + stride;
  for (std::size_t k = 0; k < stride; ++k) {
    sum_g[k] = diagonal[k];
    sum_i[k] = capacity[k] * v[k] + leak[k];
  }
  for (std::size_t k = 0; k < parts.size(); ++k)
    if (!shape.groups[k].compartment.empty()) add_currents<W>(k, x, sum_g, sum_i);
  if (x.currents)
    for (std::size_t c = 0; c < shape.parent.size(); ++c)
      for (int l = 0; l < W; ++l) sum_i[c * W + std::size_t(l)] += x.currents[c][lane[std::size_t(l)]];
  double* before = sum_i + stride;
  std::copy_n(v, stride, before);
  solve<W>(sum_g, sum_i);
  find_failed(before);
  fired = 0;
  for (int l = 0; l < used; ++l)
    fired |= std::uint32_t(before[l] < V_th[std::size_t(l)] && v[l] >= V_th[std::size_t(l)]) << l;
}

// Advances one channel or kind of receptor, and adds its conductances and currents to those of the compartments.
template <int W>
void CompartmentBlock::add_currents(std::size_t k, const ChunkStep& x, double* __restrict sum_g,
                                    double* __restrict sum_i) {
  const auto& group = shape.groups[k];
  const Part& part = parts[k];
  const std::size_t elements = group.compartment.size();
  double* at_v = sum_i + stride;
  double *input = at_v + part.stride, *__restrict g = input + part.stride, *__restrict i = g + part.stride;
  if (!group.everywhere) {
    for (std::size_t e = 0; e < elements; ++e) std::copy_n(v + std::size_t(group.compartment[e]) * W, W, at_v + e * W);
    std::fill(at_v + elements * W, at_v + part.stride, 0.0);
  }
  for (std::size_t e = 0; e < group.receptor.size(); ++e) {
    const double* row = x.spikes[group.receptor[e]];
    for (int l = 0; l < W; ++l) input[e * W + std::size_t(l)] = row[lane[std::size_t(l)]];
  }
  if (!group.receptor.empty()) std::fill(input + group.receptor.size() * W, input + part.stride, 0.0);
  group.kind->advance({part.parameters, part.derived, part.state, part.stride, group.everywhere ? v : at_v, input, g, i,
                       int(part.stride)});
  if (group.everywhere) {
    for (std::size_t e = 0; e < stride; ++e) {
      sum_g[e] += g[e];
      sum_i[e] += i[e];
    }
    return;
  }
  for (std::size_t e = 0; e < elements; ++e) {
    double *to_g = sum_g + std::size_t(group.compartment[e]) * W, *to_i = sum_i + std::size_t(group.compartment[e]) * W;
    for (int l = 0; l < W; ++l) {
      to_g[l] += g[e * W + std::size_t(l)];
      to_i[l] += i[e * W + std::size_t(l)];
    }
  }
}

// Negative conductances, of negative weights, can drive a neuron to infinity. It then keeps its last voltages.
void CompartmentBlock::find_failed(const double* before) {
  failed = 0;
  std::int64_t far = 0;
  for (std::size_t k = 0; k < stride; ++k) far |= !(v[k] * v[k] <= most_voltage * most_voltage);
  if (!far) [[likely]]
    return;
  for (int column = 0; column < width; ++column)
    for (std::size_t k = std::size_t(column); k < stride; k += std::size_t(width)) {
      if (std::abs(v[k]) <= most_voltage) continue;
      failed |= 1u << column;
      worst[std::size_t(column)] = v[k];
      for (k = std::size_t(column); k < stride; k += std::size_t(width)) v[k] = before[k];
    }
}

// A compartment comes after its parent, so backwards is from the leaves to the root.
template <int W>
void CompartmentBlock::solve(double* __restrict d, double* __restrict r) {
  const int n = int(shape.parent.size());
  for (int c = n - 1; c > 0; --c) {
    double *at_d = d + c * W, *at_r = r + c * W;
    double *up_d = d + shape.parent[std::size_t(c)] * W, *up_r = r + shape.parent[std::size_t(c)] * W;
    const double* g = axial + c * W;
    for (int l = 0; l < W; ++l) {
      const double inverse = 1 / at_d[l];
      const double share = g[l] * inverse, own = at_r[l] * inverse;
      at_d[l] = share;
      at_r[l] = own;
      up_d[l] -= g[l] * share;
      up_r[l] += g[l] * own;
    }
  }
  for (int l = 0; l < W; ++l) {
    r[l] /= d[l];
    v[l] = 2 * r[l] - v[l];
  }
  for (int c = 1; c < n; ++c) {
    const double *up = r + shape.parent[std::size_t(c)] * W, *share = d + c * W;
    double *at = r + c * W, *v_at = v + c * W;
    for (int l = 0; l < W; ++l) {
      at[l] += share[l] * up[l];
      v_at[l] = 2 * at[l] - v_at[l];
    }
  }
}

// --- the store

struct CompartmentStore::Chunk {
  std::vector<std::unique_ptr<CompartmentBlock>> blocks;
  Buffer<double> scratch, kept;
  std::vector<std::uint8_t> frozen;  // by lane, where there are any
  bool stale = true;                 // a neuron was built or changed its shape
};

CompartmentStore::CompartmentStore(const CompartmentModel& m) : model_(m) { fallback_.plan = finished({}); }

CompartmentStore::~CompartmentStore() = default;

void CompartmentStore::grow(NodeId first, std::size_t n) {
  fallback_.common = fallback_common;
  for (std::size_t i = 0; i < n; ++i) {
    if (lanes_.size() % chunk_lanes == 0) chunks_.push_back(std::make_unique<Chunk>());
    chunks_.back()->stale = true;
    lanes_.push_back(fallback_);
    ids.push_back(first + NodeId(i));
  }
}

void CompartmentStore::mark_stale(std::size_t lane) { chunks_[lane / chunk_lanes]->stale = true; }

void CompartmentStore::shrink(std::size_t n) {
  lanes_.resize(lanes_.size() - n);
  ids.resize(lanes_.size());
  chunks_.resize(chunks());
  if (!chunks_.empty()) chunks_.back()->stale = true;
}

void CompartmentStore::prepare(double h) {
  for (std::size_t k = 0; k < chunks_.size(); ++k) {
    Chunk& c = *chunks_[k];
    if (c.stale || h != prepared_h_) pack(k, h);
    c.frozen.clear();
    for (int l = 0; l < lanes(k); ++l) {
      const Lane& lane = lanes_[k * chunk_lanes + std::size_t(l)];
      lane.block->V_th[std::size_t(lane.column)] = lane.V_th;
      if (!lane.common.frozen) continue;
      c.frozen.resize(chunk_lanes);
      c.frozen[std::size_t(l)] = 1;
    }
  }
  prepared_h_ = h;
}

// On average, of the neurons as they are; their blocks are made before the first run.
std::size_t CompartmentStore::bytes_per_lane() const {
  std::size_t bytes = 0;
  for (auto& c : chunks_)
    for (auto& b : c->blocks) bytes += b->state.bytes() + b->constants.bytes() + sizeof(CompartmentBlock);
  return sizeof(Lane) + sizeof(NodeId) + 16 + (lanes_.empty() ? 0 : bytes / lanes_.size());
}

// Puts the neurons of a chunk into blocks anew; what they are doing goes with them.
void CompartmentStore::pack(std::size_t chunk, double h) {
  Chunk& c = *chunks_[chunk];
  std::vector<std::pair<const CompartmentShape*, std::vector<int>>> by_shape;  // in order of the first neuron
  for (int l = 0; l < lanes(chunk); ++l) {
    const Lane& lane = lanes_[chunk * chunk_lanes + std::size_t(l)];
    if (lane.plan->parent.empty())
      throw Error("State", name + " has no compartments",
                  "node " + std::to_string(ids[chunk * chunk_lanes + std::size_t(l)]), "at least one compartment",
                  "Set compartments, for example to [{'parent_idx': -1}].");
    const CompartmentShape* shape = lane.plan->shape.get();
    auto same = std::ranges::find_if(by_shape, [&](auto& members) { return members.first == shape; });
    if (same == by_shape.end()) same = by_shape.insert(same, {shape, {}});
    same->second.push_back(l);
  }
  std::vector<std::unique_ptr<CompartmentBlock>> blocks;
  std::size_t scratch = 0;
  for (auto& [shape, members] : by_shape)
    for (std::size_t from = 0; from < members.size();) {
      const auto n = std::min(members.size() - from, std::size_t(width_for(members.size() - from)));
      const auto begin = members.begin() + std::ptrdiff_t(from);
      blocks.push_back(std::make_unique<CompartmentBlock>(*shape, std::vector<int>(begin, begin + std::ptrdiff_t(n))));
      scratch = std::max(scratch, blocks.back()->scratch());
      for (int column = 0; column < blocks.back()->width; ++column)
        fill(*blocks.back(), column,
             lanes_[chunk * chunk_lanes + std::size_t(blocks.back()->lane[std::size_t(column)])], h);
      from += n;
    }
  for (auto& b : blocks)
    for (int column = 0; column < b->used; ++column) {
      Lane& lane = lanes_[chunk * chunk_lanes + std::size_t(b->lane[std::size_t(column)])];
      lane.block = b.get();
      lane.column = column;
    }
  c.blocks = std::move(blocks);
  c.scratch = Buffer<double>(scratch, 0.0);
  c.stale = false;
}

// One neuron into one column of a block: constants from its plan; its state is kept where it has one, else at rest.
void CompartmentStore::fill(CompartmentBlock& b, int column, const Lane& from, double h) const {
  const CellPlan& plan = *from.plan;
  const std::size_t n = plan.parent.size(), W = std::size_t(b.width), at = std::size_t(column);
  for (std::size_t c = 0; c < n; ++c) {
    const auto& [C_m, g_C, g_L, e_L, v_comp] = plan.membrane[c];
    const std::size_t k = c * W + at;
    b.capacity[k] = 2 * C_m / h;
    b.leak[k] = g_L * e_L;
    b.diagonal[k] += b.capacity[k] + g_L;
    b.axial[k] = c > 0 ? g_C : 0;
    if (c > 0) b.diagonal[k] += g_C;
    if (c > 0) b.diagonal[std::size_t(plan.parent[c]) * W + at] += g_C;
    b.v[k] = from.block && c < from.block->shape.parent.size() ? from.block->v_of(c, from.column) : v_comp;
  }
  std::vector<double> values;
  for (std::size_t group = 0; group < b.parts.size(); ++group) {
    const auto& g = b.shape.groups[group];
    const CompartmentBlock::Part& part = b.parts[group];
    for (std::size_t e = 0; e < g.compartment.size(); ++e) {
      const std::size_t c = std::size_t(g.compartment[e]), k = e * W + at;
      const double* p = g.receptor.empty() ? plan.channels[c].data() + g.offset
                                           : plan.receptors[std::size_t(g.receptor[e])].parameters.data();
      for (std::size_t i = 0; i < g.kind->params.size(); ++i) part.parameters[i * part.stride + k] = p[i];
      values.resize(g.kind->derived);
      g.kind->prepare(p, h, values.data());
      for (std::size_t i = 0; i < values.size(); ++i) part.derived[i * part.stride + k] = values[i];
      const int old = !from.block          ? -1
                      : g.receptor.empty() ? from.block->shape.element_of_channel(group, c)
                                           : from.block->shape.element_of_receptor(std::size_t(g.receptor[e]));
      values.resize(g.kind->states.size());
      g.kind->rest(plan.membrane[c][4], values.data());
      for (std::size_t i = 0; i < values.size(); ++i)
        part.state[i * part.stride + k] =
            old < 0 ? values[i] : from.block->state_of(group, i, std::size_t(old), from.column);
    }
  }
}

void CompartmentStore::update(std::size_t chunk, const ChunkStep& x) {
  Chunk& c = *chunks_[chunk];
  std::vector<std::uint8_t> standing = c.frozen;
  for (const Failure& f : *x.failed) {  // of this slice
    if (f.store != index || f.lane / chunk_lanes != chunk) continue;
    standing.resize(chunk_lanes);
    standing[f.lane % chunk_lanes] = 1;
  }
  std::bitset<chunk_lanes> fired;
  for (auto& b : c.blocks) {
    if (!standing.empty()) c.kept = b->copy_state();
    b->step(x, c.scratch.data());
    if (!standing.empty()) b->restore(c.kept, standing);
    for (std::uint32_t left = b->fired; left; left &= left - 1)
      fired.set(std::size_t(b->lane[std::size_t(std::countr_zero(left))]));
    for (int column = 0; column < b->used && b->failed; ++column)
      if (b->failed >> column & 1) report(*b, column, chunk, x);
  }
  if (fired.none()) return;
  for (std::size_t l = 0; l < chunk_lanes; ++l)
    if (fired[l]) fire(chunk * chunk_lanes + l, x);
}

void CompartmentStore::report(const CompartmentBlock& b, int column, std::size_t chunk, const ChunkStep& x) const {
  const std::size_t lane = chunk * chunk_lanes + std::size_t(b.lane[std::size_t(column)]);
  const double most = CompartmentBlock::most_voltage;
  x.failed->push_back({x.step,
                       ids[lane],
                       index,
                       std::uint32_t(lane),
                       false,
                       "v_comp",
                       b.worst[std::size_t(column)],
                       "mV",
                       -most,
                       most,
                       {}});
}

Buffer<double> CompartmentBlock::copy_state() const {
  Buffer<double> copy(state.size());
  std::copy_n(state.data(), state.size(), copy.data());
  return copy;
}

// Frozen neurons stay as they were and do not spike.
void CompartmentBlock::restore(const Buffer<double>& kept, const std::vector<std::uint8_t>& frozen) {
  for (int column = 0; column < used; ++column) {
    if (!frozen[std::size_t(lane[std::size_t(column)])]) continue;
    fired &= ~(1u << column);
    failed &= ~(1u << column);
    for (std::size_t k = std::size_t(column); k < state.size(); k += std::size_t(width)) state[k] = kept[k];
  }
}

void CompartmentStore::fire(std::size_t lane, const ChunkStep& x) {
  Lane& l = lanes_[lane];
  const Step now = x.step + 1;  // a spike is stamped with the end of its step
  l.calcium = calcium(lane, now, x.h) + l.common.beta_Ca;
  l.calcium_from = l.last_spike = now;
  x.emitted->push_back(ids[lane]);
}

// By number: voltages, then channels by channel, variable and compartment, then receptors by number and variable.
double CompartmentStore::read(std::size_t number, std::size_t r) const {
  const Lane& lane = lanes_[number];
  const CellPlan& plan = *lane.plan;
  const std::size_t n = plan.parent.size();
  const CompartmentBlock& b = *lane.block;
  if (r < n) return b.v_of(r, lane.column);
  r -= n;
  for (std::size_t k = 0; k < model_.channels.size(); ++k) {
    const Mechanism& m = model_.channels[k];
    if (r >= m.states.size() * n) {
      r -= m.states.size() * n;
      continue;
    }
    const int element = b.shape.element_of_channel(k, r % n);
    if (element >= 0) return b.state_of(k, r / n, std::size_t(element), lane.column);
    std::vector<double> rest(m.states.size());  // a compartment without the channel shows what it would start from
    m.rest(plan.membrane[r % n][4], rest.data());
    return rest[r / n];
  }
  for (std::size_t k = 0; k < plan.receptors.size(); ++k) {
    const std::size_t group = model_.channels.size() + std::size_t(plan.receptors[k].kind);
    const std::size_t states = b.shape.groups[group].kind->states.size();
    if (r < states) return b.state_of(group, r, std::size_t(b.shape.element_of_receptor(k)), lane.column);
    r -= states;
  }
  return 0;
}

double CompartmentStore::t_spike(std::size_t lane, double h) const {
  const Step s = lanes_[lane].last_spike;
  return s < 0 ? -1.0 : to_ms(s, h);
}

double CompartmentStore::calcium(std::size_t lane, Step now, double h) const {
  const Lane& l = lanes_[lane];
  return l.calcium * vexp(-std::min(600.0, double(now - l.calcium_from) * h / l.common.tau_Ca));
}

void CompartmentStore::set_calcium(std::size_t lane, double value, Step now) {
  lanes_[lane].calcium = value;
  lanes_[lane].calcium_from = now;
}

}  // namespace nl
