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

LearningArchive::Episode& LearningArchive::episode(Step number) {
  std::size_t at = episodes_.size();
  while (at > 0 && episodes_[at - 1].number > number) --at;
  if (at > 0 && episodes_[at - 1].number == number) return episodes_[at - 1];
  Episode e;
  e.number = number;
  e.signal.reserve(std::size_t(clock.interval));
  return *episodes_.insert(episodes_.begin() + std::ptrdiff_t(at), std::move(e));
}

void LearningArchive::forget(Step before) {
  std::erase_if(episodes_, [&](const Episode& e) { return e.number < before && e.waiting == 0; });
}

void LearningArchive::note(Step step, double slope, double spiked) {
  if (step < info.shift) return;
  const Step number = (step - info.shift) / clock.interval;
  if ((step - info.shift) % clock.interval == 0) forget(number - 1);
  Episode& e = episode(number);
  e.spikes += spiked;
  e.slope.resize(std::size_t((step - info.shift) % clock.interval), 0.0);
  e.slope.push_back(slope);
}

void LearningArchive::note_signal(Step step, double signal) {
  const Step at = step - info.lag - info.shift;
  if (at < 0) return;
  const Step number = at / clock.interval;
  Episode& e = episode(number);
  e.signal.resize(std::size_t(at % clock.interval), 0.0);
  e.signal.push_back(signal);
  if (Step(e.signal.size()) == clock.interval) forget(number);
}

void LearningArchive::hold(Step interval) { ++episode(interval).waiting; }

void LearningArchive::hold_nothing() {
  for (Episode& e : episodes_) e.waiting = 0;
}

const std::vector<double>& LearningArchive::influence(Episode& e, double decay) {
  for (auto& i : e.influences)
    if (i.decay == decay && i.known == e.signal.size()) return i.of;
  std::erase_if(e.influences, [&](auto& i) { return i.known != e.signal.size(); });
  if (e.influences.size() == 8) e.influences.erase(e.influences.begin());  // so that memory stays bounded
  auto& made = e.influences.emplace_back();
  made.decay = decay;
  made.known = e.signal.size();
  made.of.resize(std::size_t(clock.interval));
  if (info.slopes) e.slope.resize(std::size_t(clock.interval), 0.0);
  store->influence(lane, {e.slope, e.signal, clock.interval, e.spikes, decay, h}, made.of.data());
  return made.of;
}

double LearningArchive::gradient(Step interval, std::span<const Step> train, Step from, double decay) {
  Episode& e = episode(interval);
  const auto& of = influence(e, decay);
  const Step first = interval * clock.interval + info.shift + 1;
  double sum = 0;
  for (Step stamp : train)
    if (stamp >= from && stamp >= first && stamp < first + clock.interval) sum += of[std::size_t(stamp - first)];
  if (e.waiting > 0) --e.waiting;
  return sum;
}

Step LearningArchive::remembered() const {
  Step steps = 0;
  for (const Episode& e : episodes_) steps += Step(std::max(e.slope.size(), e.signal.size()));
  return steps;
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
      std::ranges::any_of(stores_, [](auto* s) { return s->info->learner.learns; }))
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
  if (node.info->learner.learns) return;
  std::string names;
  for (auto& m : models_)
    if (m->info->learner.learns) names += (names.empty() ? "" : ", ") + m->name;
  throw Error("IllegalConnection",
              "a " + synapse.name + " cannot end at a " + node.name + ", which does not learn by gradients", node.name,
              names, "Use static_synapse for it, or another model of neurons.");
}

void Simulation::check_one_step(const Model& synapse, double ms) const {
  const PlasticInfo* info = plastic_of(synapse);
  if (!info || !info->learns || std::abs(ms - h_) < 1e-9 * h_) return;
  throw Error("BadValue", "the delay of a " + synapse.name + " must be one step of the resolution", number(ms) + " ms",
              number(h_) + " ms", "Give this delay: gradients are aligned for it.");
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
    a.store = stores_[p.store];
    a.lane = p.lane;
    a.info = a.store->info->learner;
    a.clock = clock_;
    a.h = h_;
    a.incoming = 0;
    a.hold_nothing();
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
        if (interval >= 0) a.hold(Step(interval));
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
    if (!l.plastic || !l.plastic->learns) continue;
    for (auto& r : l.rows)
      for (NodeId s = r.first; s < r.last; ++s) remembers_[s] |= r.of(s).delays > 0;
  }
  trains_.resize(where_.size());
}

// --- during a run

// Of the past it is enough to know the intervals that the latest spike may be in.
void Simulation::remember_train(NodeId source, Step stamp) {
  if (source >= remembers_.size() || !remembers_[source]) return;
  auto& train = trains_[source];
  if (!train.empty() && train.back() == stamp) return;
  if (!train.empty()) {
    const Step oldest = train.back() - clock_.interval;
    if (train.front() <= oldest - clock_.interval)
      train.erase(train.begin(), std::upper_bound(train.begin(), train.end(), oldest));
  }
  train.push_back(stamp);
}

// Learning signals that arrive in this step: spikes that arrive, too, are to see them.
void Simulation::hear_teachers(ThreadState& team, Step step) {
  if (team.coupled.empty()) return;
  for (const auto& l : team.plastic.learners) {
    const ChunkRef& ref = team.chunks[l.chunk];
    const int teacher = stores_[ref.store]->info->learner.teacher;
    if (teacher < 0) continue;
    const double* const* channel = gather(team, l.chunk, step);
    for (std::uint32_t lane : l.lanes)
      team.plastic.learning[ref.slot + lane].note_signal(step, channel ? channel[teacher][lane] : 0.0);
  }
}

void Simulation::remember_steps(ThreadState& team, Step step) {
  for (const auto& l : team.plastic.learners) {
    const ChunkRef& ref = team.chunks[l.chunk];
    const Observed seen = stores_[ref.store]->observed(ref.chunk);
    for (std::uint32_t lane : l.lanes) {
      LearningArchive& a = team.plastic.learning[ref.slot + lane];
      if (seen.slope) a.note(step, seen.slope[lane], seen.spiked[lane]);
      if (seen.error) a.note_signal(step, seen.error[lane]);
      if (seen.remembered) seen.remembered[lane] = to_ms(a.remembered(), h_);
    }
  }
}

}  // namespace nl
