// Learning by gradients: what neurons remember of each step, the spikes of the sources, and the intervals between updates.
//
// The event-based scheme of Korcsak-Gorzo et al. (2025): a synapse is updated when its source spikes for the first time in an
// interval after one in which it has spiked. What is different here is that gradients are found by one pass back through the
// interval for each neuron, instead of one forward for each synapse (learning.hpp).
#include <nest_lab/learning.hpp>
#include <nest_lab/store.hpp>

#include <cmath>

#include "src/connections.hpp"

namespace nl {

// --- what a neuron remembers

void LearningArchive::belong(const NeuronStore& of, std::size_t its_lane, const LearningClock& c, double resolution) {
  store = &of;
  lane = its_lane;
  info = of.info->learner;
  clock = c;
  h = resolution;
  incoming = 0;
  stamps_ = {};
  slope_now_ = signal_now_ = nullptr;
  waiting_.clear();
  for (Episode& e : episodes_) e.waiting = 0;
}

// Spikes are stamped with the end of their step.
void LearningArchive::find(Step stamp) {
  const Step number = clock.place(stamp - 1, info.shift).interval, end = info.shift + 1 + (number + 1) * clock.interval;
  stamps_ = {number < 0 ? -forever : end - clock.interval, end, number};
}

LearningArchive::Episode& LearningArchive::episode(Step number) {
  std::size_t at = episodes_.size();
  while (at > 0 && episodes_[at - 1].number > number) --at;
  if (at > 0 && episodes_[at - 1].number == number) return episodes_[at - 1];
  Episode e;
  e.number = number;
  e.signal.resize(std::size_t(clock.interval));
  if (info.slopes) e.slope.resize(std::size_t(clock.interval));
  return *episodes_.insert(episodes_.begin() + std::ptrdiff_t(at), std::move(e));
}

void LearningArchive::forget(Step before) {
  std::erase_if(episodes_, [&](const Episode& e) { return e.number < before && e.waiting == 0; });
  slope_now_ = signal_now_ = nullptr;
}

void LearningArchive::open(LearningClock::Place now) {
  if (now.at == 0) forget(now.interval - 1);
  slope_now_ = episode(now.interval).slope.data();
}

void LearningArchive::hold(Step interval) { ++episode(interval).waiting; }

const std::vector<double>& LearningArchive::influence(Episode& e, double tau) {
  const Step heard = std::min(heard_ - e.number * clock.interval, clock.interval);
  for (auto& i : e.influences)
    if (i.tau == tau && i.heard == heard) return i.of;
  std::erase_if(e.influences, [&](auto& i) { return i.heard != heard; });
  if (e.influences.size() == 8) e.influences.erase(e.influences.begin());  // so that memory stays bounded
  auto& made = e.influences.emplace_back(tau, heard, std::vector<double>(std::size_t(clock.interval)));
  store->influence(lane, {e.slope, e.signal, clock.interval, e.spikes, std::exp(-h / tau), h}, made.of.data());
  return made.of;
}

double LearningArchive::gradient(Step interval, std::span<const Step> train, Step from, double tau) {
  Episode& e = episode(interval);
  const double* of = influence(e, tau).data();
  const Step first = interval * clock.interval + info.shift + 1;
  const Step* stamp = std::lower_bound(train.data(), train.data() + train.size(), std::max(from, first));
  double sum = 0;
  for (const Step* end = train.data() + train.size(); stamp < end && *stamp < first + clock.interval; ++stamp)
    sum += of[*stamp - first];
  if (e.waiting > 0) --e.waiting;
  return sum;
}

// --- where there are no intervals

std::pair<Step, std::uint32_t>& LearningArchive::waiting(Step spike) {
  auto at = std::ranges::lower_bound(waiting_, spike, {}, &std::pair<Step, std::uint32_t>::first);
  if (at == waiting_.end() || at->first != spike) at = waiting_.insert(at, {spike, 0});
  return *at;
}

// What is older than the last spike of every source is needed no more. It goes in large pieces, so that this costs little.
void LearningArchive::forget_steps(Step now) {
  const Step latest = now - info.lag - 1, least = std::max<Step>(256, Step(moments_.size()) / 2);
  if (latest - first_ < least) return;
  waiting_.erase(waiting_.begin(), std::ranges::find_if(waiting_, [](auto& w) { return w.second > 0; }));
  const Step needed = waiting_.empty() ? latest : std::min(latest, waiting_.front().first);
  if (needed - first_ < least) return;
  moments_.erase(moments_.begin(), moments_.begin() + std::min<Step>(needed - first_, Step(moments_.size())));
  first_ = needed;
}

std::span<const double> LearningArchive::gradients(Step from, Step to, Eligibility& e) {
  thread_local std::vector<double> out;
  const std::size_t n = std::size_t(to - from);
  moment(to);
  out.resize(std::max(out.size(), n));
  const Past past = std::span(moments_).subspan(std::size_t(from - first_), n);
  const Step told = store->gradients(lane, past, e, out.data());
  if (auto& held = waiting(from).second; held > 0) --held;
  return std::span(out).first(std::size_t(told));
}

Step LearningArchive::remembered(LearningClock::Place now) const {
  if (info.by_spikes) return Step(moments_.size());
  return episodes_.empty() ? 0 : Step(episodes_.size() - 1) * clock.interval + now.at + 1;
}

// --- settings

void Simulation::set_learning(const Learning& l) {
  refuse_while_running("changing the intervals of learning");
  if (now_ > 0)
    throw Error("State", "the intervals of learning cannot change once the network has run",
                number(to_ms(now_, h_)) + " ms simulated", "before the first Simulate",
                "Call ResetKernel first, then set them.");
  for (auto [name, ms] : {std::pair{"eprop_update_interval", l.interval}, {"eprop_learning_window", l.window}}) {
    if (!(ms >= h_ * (1 - 1e-9)) || !std::isfinite(ms))
      throw Error("BadValue", std::string(name) + " must be at least the resolution", number(ms) + " ms",
                  "at least " + number(h_) + " ms", "Choose a longer time.");
    if (!on_grid(ms, h_))
      throw Error("BadValue", std::string(name) + " must be a multiple of the resolution", number(ms) + " ms",
                  "multiples of " + number(h_) + " ms", "Choose a time on the grid.");
  }
  learning_ = l;
}

// The two are set one after the other, so they are compared when they are used.
void Simulation::start_learning() {
  if (learning_.window > learning_.interval &&
      std::ranges::any_of(stores_, [](auto* s) { return s->info->learner.learns && !s->info->learner.by_spikes; }))
    throw Error("BadValue", "eprop_learning_window must not be longer than eprop_update_interval",
                number(learning_.window) + " ms", "at most " + number(learning_.interval) + " ms",
                "Shorten the window or lengthen the interval.");
  clock_ = {std::max<Step>(1, to_steps(learning_.interval, h_)), std::max<Step>(1, to_steps(learning_.window, h_)),
            learning_.reset};
}

// --- connecting

void Simulation::check_learner(const Recipe& r, const Model& node) const {
  const Model& synapse = *models_[std::size_t(r.synapse)];
  const PlasticInfo* info = plastic_of(synapse);
  if (!info || !info->learns) return;
  const auto [shortest, longest] = r.delay.bounds();
  for (double ms : {shortest, longest}) check_one_step(synapse, ms);
  auto fits = [&](const Model& m) { return m.info->learner.learns && m.info->learner.by_spikes == info->by_spikes; };
  if (fits(node)) return;
  std::string names;
  for (auto& m : models_)
    if (fits(*m)) names += (names.empty() ? "" : ", ") + m->name;
  throw Error("IllegalConnection",
              with_article(synapse.name) + " cannot end at " + with_article(node.name) +
                  ", which does not learn by gradients as this synapse does",
              node.name, names, "Use static_synapse for it, or another model of neurons.");
}

void Simulation::check_one_step(const Model& synapse, double ms) const {
  const PlasticInfo* info = plastic_of(synapse);
  if (!info || !info->learns || std::abs(ms - h_) < 1e-9 * h_) return;
  throw Error("BadValue", "the delay of " + with_article(synapse.name) + " must be one step of the resolution",
              number(ms) + " ms", number(h_) + " ms", "Give this delay: gradients are aligned for it.");
}

// --- layout

void Simulation::build_learning(ThreadState& team) {
  auto& archive = team.plastic.learning;
  team.plastic.learners.clear();
  const bool any = std::any_of(team.plastic.paths.begin(), team.plastic.paths.end(),
                               [](const PlasticPath& p) { return p.rows->columns->info->learns; });
  if (!any) return archive.clear();
  archive.resize(team.node_at.size());
  for (std::size_t slot = 0; slot < archive.size(); ++slot) {
    LearningArchive& a = archive[slot];
    if (auto kept = kept_learning_.extract(team.node_at[slot]); !kept.empty()) a = std::move(kept.mapped());
    if (team.node_at[slot] == 0) continue;
    const Place& p = where_[team.node_at[slot]];
    a.belong(*stores_[p.store], p.lane, clock_, h_);
  }
  for (const PlasticPath& path : team.plastic.paths) {
    const Rows& r = *path.rows;
    const PlasticInfo& info = *r.columns->info;
    if (!info.learns) continue;
    const std::size_t pending = std::size_t(info.pending);
    for (NodeId s = r.first; s < r.last; ++s)
      for (std::uint64_t i = r.of(s).first; i < r.end(r.of(s)); ++i) {
        LearningArchive& a = archive[team.pages.slot(r.page, r.target(i))];
        ++a.incoming;
        const double interval = r.columns->columns[pending].get(s - r.first, i);
        if (interval < 0) continue;
        if (info.by_spikes) a.hold_step(Step(interval));
        else a.hold(Step(interval));
      }
  }
  for (std::size_t k = 0; k < team.chunks.size(); ++k) {
    const ChunkRef& ref = team.chunks[k];
    const NeuronStore& store = *stores_[ref.store];
    if (!store.info->learner.learns) continue;
    PlasticThread::Learners l{k, {}};
    for (int i = 0; i < store.lanes(ref.chunk); ++i)
      if (archive[ref.slot + std::uint32_t(i)].incoming > 0) l.lanes.push_back(std::uint32_t(i));
    if (!l.lanes.empty()) team.plastic.learners.push_back(std::move(l));
  }
}

void Simulation::keep_learning() {
  for (auto& team : team_)
    for (std::size_t slot = 0; slot < team.plastic.learning.size(); ++slot)
      if (team.plastic.learning[slot].incoming > 0)
        kept_learning_[team.node_at[slot]] = std::move(team.plastic.learning[slot]);
  for (auto& team : team_) team.plastic.learning.clear();
}

// Sources whose spikes are kept.
void Simulation::mark_trains() {
  remembers_.assign(where_.size(), 0);
  for (auto& l : layers_) {
    if (!l.plastic || !l.plastic->learns || l.plastic->by_spikes) continue;
    for (auto& r : l.rows)
      for (NodeId s = r.first; s < r.last; ++s) remembers_[s] |= r.of(s).delays > 0;
  }
  trains_.resize(where_.size());
}

// --- during a run

// Of the past it is enough to know the intervals that the latest spike may be in: the latest that no neuron has lost, as one that
// is lost leaves synapses waiting for the interval of the one before.
void Simulation::remember_train(NodeId source, Step stamp) {
  if (const auto f = flushes_.find(source); f != flushes_.end()) f->second.last = stamp;
  if (source >= remembers_.size() || !remembers_[source]) return;
  auto& train = trains_[source];
  if (!train.empty() && train.back() == stamp) return;
  if (!train.empty() && train.front() <= train.back() - 2 * clock_.interval) {
    const auto lost = [&](Step spike) {
      return std::ranges::any_of(stores_, [&](const auto* s) {
        return s->info->learner.loses_first && (spike - s->info->learner.shift) % clock_.interval == 0;
      });
    };
    const auto latest = std::find_if_not(train.rbegin(), train.rend(), lost);
    if (latest != train.rend()) {
      const Step oldest = *latest - clock_.interval;
      train.erase(train.begin(), std::upper_bound(train.begin(), train.end(), oldest));
    }
  }
  train.push_back(stamp);
}

// Sources that are silent for long would have their targets remember all that time.
void Simulation::find_flushes() {
  const auto before = std::move(flushes_);
  flushes_.clear();
  auto enter = [&](NodeId source) {
    const Place& p = where_[source];
    if (p.store == device_place) return;
    const auto& fields = stores_[p.store]->info->params;
    const auto field = std::ranges::find(fields, flush_interval, &FieldInfo::name);
    if (field == fields.end()) return;
    const double ms = stores_[p.store]->get(p.lane, std::size_t(field - fields.begin()));
    if (!std::isfinite(ms)) return;
    const auto old = before.find(source);
    flushes_[source] = {std::max<Step>(1, Step(std::ceil(ms / h_ - 1e-9))), old == before.end() ? 0 : old->second.last};
  };
  for (auto& l : layers_)
    if (l.plastic && l.plastic->by_spikes)
      for (auto& r : l.rows)
        for (NodeId s = r.first; s < r.last; ++s)
          if (r.of(s).delays > 0) enter(s);
}

void Simulation::queue_flushes(Step to) {
  flushing_.clear();
  for (auto& [source, f] : flushes_)
    if (f.last > 0 && to - f.last >= f.interval) {
      f.last = to;
      flushing_.emplace_back(source, to);
    }
}

void Simulation::flush(ThreadState& team) {
  for (const auto& [source, stamp] : flushing_)
    for (const PlasticPath& path : team.plastic.paths) {
      const Rows& r = *path.rows;
      if (!r.columns->info->by_spikes || source < r.first || source >= r.last) continue;
      const Spike end{to_ms(stamp, h_), 0, 0, h_, 1, {}, 0, stamp};
      if (const Row& row = r.of(source); row.delays > 0)
        r.columns->info->advance(row_call(team, path, source, row, end));
    }
}

static constexpr double silence[chunk_lanes] = {};

// Learning signals that arrive in this step: spikes that arrive, too, are to see them.
void Simulation::hear_teachers(ThreadState& team, Step step) {
  if (team.coupled.empty()) return;
  for (const auto& l : team.plastic.learners) {
    const ChunkRef& ref = team.chunks[l.chunk];
    const LearnerInfo& info = stores_[ref.store]->info->learner;
    if (info.teacher < 0) continue;
    const double* const* channel = gather(team, l.chunk, step);
    note_signals(team, l, step, channel ? channel[info.teacher] : silence);
  }
}

void Simulation::note_signals(ThreadState& team, const PlasticThread::Learners& l, Step step, const double* signal) {
  const ChunkRef& ref = team.chunks[l.chunk];
  const LearnerInfo& info = stores_[ref.store]->info->learner;
  LearningArchive* archive = team.plastic.learning.data() + ref.slot;
  if (info.by_spikes) {
    for (std::uint32_t lane : l.lanes) archive[lane].note_signal(step - info.lag, signal[lane]);
    return;
  }
  if (const auto now = clock_.place(step - info.lag, info.shift); now.interval >= 0)
    for (std::uint32_t lane : l.lanes) archive[lane].note_signal(now, signal[lane]);
}

void Simulation::remember_steps(ThreadState& team, Step step) {
  for (const auto& l : team.plastic.learners) {
    const ChunkRef& ref = team.chunks[l.chunk];
    const NeuronStore& store = *stores_[ref.store];
    const LearnerInfo& info = store.info->learner;
    const Observed seen = store.observed(ref.chunk);
    LearningArchive* archive = team.plastic.learning.data() + ref.slot;
    const auto now = clock_.place(step, info.shift);
    if (info.by_spikes)
      for (std::uint32_t lane : l.lanes)
        archive[lane].note_step(step, seen.slope ? seen.slope[lane] : 0,
                                seen.regularisation ? seen.regularisation[lane] : 0);
    else if (seen.slope && now.interval >= 0)
      for (std::uint32_t lane : l.lanes) archive[lane].note(now, seen.slope[lane], seen.spiked[lane]);
    if (seen.error) note_signals(team, l, step, seen.error);
    Step steps = -1;
    double ms = 0;
    for (std::uint32_t lane : l.lanes) {
      if (const Step kept = archive[lane].remembered(now); kept != steps) ms = to_ms(steps = kept, h_);
      if (seen.remembered) seen.remembered[lane] = ms;
    }
  }
}

}  // namespace nl
