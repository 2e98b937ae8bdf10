// Running the network: slices of at most min_delay, in which a thread needs nobody else. Between slices one thread merges
// spikes, lets devices speak, records, and lets other callers in.
#include <sched.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <set>

#include "src/connections.hpp"
#include "src/structure.hpp"

namespace nl {

int available_threads() {
  cpu_set_t set;
  int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : int(std::thread::hardware_concurrency());
  std::ifstream quota("/sys/fs/cgroup/cpu.max");
  std::string max;
  double period;
  if (quota >> max >> period && max != "max" && period > 0)
    n = std::min(n, std::max(1, int(std::ceil(std::stod(max) / period))));
  return std::max(1, n);
}

namespace {

const Registry& registry() { return Registry::get(); }

void check_resolution(double h) {
  if (!(h >= 0.001) || !on_grid(h, 0.001) || h > 1000)
    throw Error("BadValue", "the resolution must be a multiple of 0.001 ms", number(h) + " ms", "multiples of 0.001 ms",
                "Choose for example 0.1.");
}

}  // namespace

Simulation::Simulation(double resolution, std::uint64_t seed, int threads)
    : h_(resolution), seed_(seed), key_(stream_key(seed)), threads_(threads > 0 ? threads : available_threads()) {
  check_resolution(resolution);
  for (auto& [name, info] : registry().models) {
    auto m = std::make_unique<Model>();
    m->name = name;
    m->info = &info;
    m->id = int(models_.size());
    if (info.make_store) {
      m->store = info.make_store();
      m->store->info = &info;
      m->store->name = name;
    }
    if (info.make_device) {
      m->prototype = info.make_device();
      m->prototype->info = &info;
    }
    if (info.kind == Kind::synapse)
      for (auto& f : info.params) m->synapse[f.name] = f.fallback;
    by_name_[name] = m.get();
    models_.push_back(std::move(m));
  }
}

Simulation::~Simulation() = default;

void Simulation::set_resolution(double h) {
  refuse_while_running("changing the resolution");
  check_resolution(h);
  if (num_nodes() > 0 || now_ > 0)
    throw Error("State", "the resolution cannot change once there are nodes", number(h) + " ms",
                "before the first Create", "Call ResetKernel first, then set the resolution.");
  h_ = h;
  for (auto& m : models_) {  // defaults stay on the grid
    if (m->info->kind == Kind::synapse) m->synapse["delay"] = to_ms(std::max<Step>(1, steps_up(1.0, h)), h);
    if (m->prototype) m->prototype->adapt(h);
  }
}

void Simulation::set_seed(std::uint64_t seed) {
  if (seed < 1 || seed > 0xffffffffull)
    throw Error("BadValue", "rng_seed is out of bounds", std::to_string(seed), "from 1 to 4294967295",
                "Choose another seed.");
  seed_ = seed;
  key_ = stream_key(seed);
}

void Simulation::set_threads(int n) {
  refuse_while_running("changing the number of threads");
  if (n < 1 || n > 256)
    throw Error("BadValue", "local_num_threads is out of bounds", std::to_string(n), "from 1 to 256",
                "Choose the number of cores.");
  if (num_nodes() > 0 && n != threads_)
    throw Error("State", "local_num_threads cannot change once there are nodes", std::to_string(n),
                "before the first Create", "Call ResetKernel first, then set local_num_threads.");
  threads_ = n;
}

void Simulation::set_time(double ms) {
  refuse_while_running("setting biological_time");
  if (ms != 0 || now_ != 0)
    throw Error("BadValue", "biological_time can only be set to 0 before the first run", number(ms) + " ms", "0 ms",
                "Call ResetKernel to start anew.");
}

void Simulation::set_delay_extrema(double low, double high) {
  const Step a = delay_in_steps(low, h_), b = delay_in_steps(high, h_);
  if (a < 1 || b < a)
    throw Error("BadDelay", "min_delay and max_delay do not go together", number(low) + " and " + number(high) + " ms",
                "resolution <= min_delay <= max_delay", "Give both, in order.");
  if (delay_known() && (a > min_delay_ || b < max_delay_))
    throw Error("BadDelay", "connections exist with delays outside", number(low) + " to " + number(high) + " ms",
                "at most " + number(min_delay()) + ", at least " + number(max_delay()) + " ms",
                "Set the limits before connecting.");
  min_delay_ = a;
  max_delay_ = b;
  extrema_fixed_ = true;
}

Step Simulation::longest_slice() const { return delay_known() ? std::clamp<Step>(min_delay_, 1, 16) : 16; }

void Simulation::cleanup() {
  if (!prepared_)
    throw Error("State", "the simulation is not prepared", "Cleanup without Prepare", "Prepare, then Run, then Cleanup",
                "Call Prepare first, or use Simulate.");
  prepared_ = false;
}

void Simulation::prepare() {
  if (prepared_)
    throw Error("State", "the simulation is prepared already", "Prepare twice", "Prepare once, then Run, then Cleanup",
                "Call Cleanup first.");
  refresh();
  prepared_ = true;
}

// Brings everything derived up to date: rows, taps, propagators, windows of recorders.
void Simulation::refresh() {
  start_learning();
  build();
  build_taps();
  if (!touched_ && pathways_built_ && Step(history_.size()) >= max_delay_ + longest_slice() + 2) return;
  for (auto* s : stores_) s->prepare(h_);
  for (Instance& i : instances_) {
    i.first = i.device->window.first(h_);
    i.last = i.device->window.last(h_);
  }
  for (auto& [instance, log] : sample_logs_) {
    const Instance& i = instances_[instance];
    for (std::size_t f = 0; f < i.model->info->own; ++f) {
      if (i.model->info->params[f].name == "interval")
        log.interval = std::max<Step>(1, to_steps(std::get<double>(i.device->get(f)), h_));
      if (i.model->info->params[f].name == "offset") log.offset = to_steps(std::get<double>(i.device->get(f)), h_);
    }
    log.first = i.first;
    log.last = i.last;
    log.frozen = i.frozen();
  }
  tune_weight_logs();
  find_flushes();
  std::size_t size = 1;
  while (Step(size) < max_delay_ + longest_slice() + 2) size *= 2;
  if (history_.size() < size) {
    park_drawn();
    std::vector<std::vector<NodeId>> wider(size);
    std::vector<std::vector<WeightedSpike>> wider_weighted(size);
    for (std::size_t k = 1; k <= history_.size() && Step(k) <= now_; ++k) {
      const std::size_t step = std::size_t(now_) - k;
      wider[step & (size - 1)] = std::move(history_[step & history_mask_]);
      wider_weighted[step & (size - 1)] = std::move(weighted_[step & history_mask_]);
    }
    history_ = std::move(wider);
    weighted_ = std::move(wider_weighted);
    history_mask_ = size - 1;
    pathways_built_ = false;
  }
  build_pathways();
  tune_archives();
  for (auto& team : team_) {
    team.emitted.resize(std::size_t(longest_slice()));
    team.precise.resize(std::size_t(longest_slice()));
    team.drawn.resize(history_.size());
    team.store_end.assign(std::size_t(longest_slice()), std::vector<std::uint32_t>(stores_.size()));
  }
  recorder_set_.resize(where_.size());
  touched_ = false;
}

// Whatever goes wrong is kept: nobody may be left waiting at a barrier.
template <class F>
void Simulation::guarded(F&& work) {
  try {
    work();
  } catch (...) {
    const std::scoped_lock lock(failing_);
    if (!failure_) failure_ = std::current_exception();
  }
}

bool Simulation::run(double ms, const Progress& progress) {
  Gate gate(*this);
  refuse_while_running("Simulate");
  if (!std::isfinite(ms) || ms < 0)
    throw Error("BadValue", "the time to simulate must be finite and not negative", number(ms) + " ms", "0 ms or more",
                "Give the time in ms.");
  if (!on_grid(ms, h_))
    throw Error("BadValue", "the time to simulate must be a multiple of the resolution", number(ms) + " ms",
                "multiples of " + number(h_) + " ms",
                "Round the time, or choose a finer resolution before nodes are created.");
  check_structure();
  refresh();
  if (delay_known()) extrema_fixed_ = true;
  const Step begin = now_, end = now_ + to_steps(ms, h_);
  if (!expected_.exchange(false)) stop_ = false;
  failure_ = nullptr;
  coupling_failed_ = false;
  unconverged_ = 0;
  running_ = true;
  last_attended_ = std::chrono::steady_clock::now();
  std::atomic<bool> go{begin < end && !stop_};
  Step to = begin, pause = begin;  // connections may change at a pause
  auto next = [&] {
    const Step length = longest_slice();
    to = std::min(pause, (now_ / length + 1) * length);
    if (plastic_) to = std::min(to, (now_ / min_delay_ + 1) * min_delay_);  // a slice begins where spikes leave
  };
  std::atomic<bool> attend{false};
  auto attention_due = [&] {
    return waiting_ > 0 || std::chrono::steady_clock::now() - last_attended_ > std::chrono::milliseconds(50);
  };
  auto finish = [&] {
    guarded([&] { finish_slice(now_, to); });
    now_ = to;
    guarded([&] { report_failures(); });
    next();
    go = now_ < pause && !stop_ && !failure_;
    attend = go && attention_due();
  };
  while (go) {
    guarded([&] { pause = restructure(end); });
    if (failure_) break;
    next();
    pool_->run([&](int thread) {
      while (go) {
        guarded([&] { signals_.empty() ? slice(thread, now_, to) : coupled_slice(thread, now_, to); });
        pool_->barrier.wait(finish);
        if (!attend) continue;
        if (thread == 0) guarded([&] { attend_others(begin, end, progress); });
        pool_->barrier.wait([&] {
          attend = false;
          go = !stop_ && !failure_;
          next();
        });
      }
    });
    go = now_ < end && !stop_ && !failure_;
    if (go && attention_due()) guarded([&] { attend_others(begin, end, progress); });
    go = go && !stop_ && !failure_;
  }
  running_ = false;
  if (failure_) std::rethrow_exception(failure_);
  if (progress) {
    mutex_.unlock();
    progress(double(now_ - begin) * h_, double(end - begin) * h_);
    mutex_.lock();
  }
  return now_ == end;
}

// A few times per second, on the thread that called: watches memory, reports progress, and lets waiting callers in.
void Simulation::attend_others(Step begin, Step end, const Progress& progress) {
  last_attended_ = std::chrono::steady_clock::now();
  watch_memory();
  {
    struct Open {
      std::mutex& m;
      explicit Open(std::mutex& x) : m(x) { m.unlock(); }
      ~Open() { m.lock(); }
    } open(mutex_);
    if (progress) progress(double(now_ - begin) * h_, double(end - begin) * h_);
    for (int patience = 0; waiting_ > 0 && patience < 1000; ++patience) std::this_thread::yield();
  }
  if (touched_ || !taps_built_ || !pathways_built_) refresh();
}

// Recorders grow while a network runs. Where memory has an end the process would be killed, and all work lost.
void Simulation::watch_memory() {
  const double available = double(available_memory());
  if (available >= memory_reserve) return;
  failure_ = std::make_exception_ptr(Error(
      "Memory", "memory is nearly full: the run was stopped at " + number(time()) + " ms and can go on from there",
      gigabytes(available) + " available; recorders hold " + gigabytes(double(memory().back().second)),
      "at least " + gigabytes(memory_reserve),
      "Read the recorders and set n_events to 0, or record less; then go on."));
}

// --- one slice on one thread

void Simulation::slice(int thread, Step from, Step to) {
  ThreadState& team = team_[std::size_t(thread)];
  open_slice(team, from);
  for (Step step = from; step < to; ++step) {
    team.lag = std::size_t(step - from);
    open_step(team, step);
    update(team, step);
    close_step(team, step);
  }
}

void Simulation::open_slice(ThreadState& team, Step from) {
  team.failed.clear();
  launch(team);
  if (!pushes_at(from)) return;
  hear_teachers(team, from);
  push(team);
  if (!flushing_.empty()) flush(team);
}

void Simulation::open_step(ThreadState& team, Step step) {
  team.emitted[team.lag].clear();
  if (step < quiet_until_) deliver(team, step, false);
  if (!train_groups_.empty()) take_drawn(team, step, false);
}

void Simulation::close_step(ThreadState& team, Step step) {
  if (!team.plastic.archive.empty()) remember_spikes(team, step);
  if (!team.plastic.learners.empty()) remember_steps(team, step);
  if (modulated_) modulate(team, step + 1);
  if (!team.samplers.empty()) sample(team, step);
}

// What is added to the state of neurons itself, once they have made their step.
void Simulation::land(ThreadState& team, Step step) {
  if (step < quiet_until_) deliver(team, step, true);
  if (!train_groups_.empty()) take_drawn(team, step, true);
  for (const ChunkRef& c : team.chunks)
    if (stores_[c.store]->lands()) stores_[c.store]->landed(c.chunk);
}

// Adds to the input of this step what was emitted 1, 2, ... max_delay steps ago. For one target the order of additions is
// (layer, delay, source), whatever the number of threads; what plastic synapses have sent ahead comes last.
void Simulation::deliver(ThreadState& team, Step step, bool landing) {
  if (!arrivals_.empty())
    if (auto due = arrivals_.find(step); due != arrivals_.end())
      for (auto& a : due->second)
        if (&team_[owner_[a.target]] == &team && stores_[where_[a.target].store]->lands() == landing) arrive(team, a);
  for (Pathway& p : team.pathways) {
    if (team.pages.lands(p.parts[0]->page) != landing) continue;
    double* page = team.input.data() + std::size_t(p.parts[0]->page) * team.pages.stride;
    if (step < weighted_until_) deliver_weighted(team, p, step, page);
    p.deliver(step, std::min(team.launched, settle_before_), page);
  }
  const std::uint32_t split = team.pages.first_landing;
  team.plastic.ring.deliver(step, team.input.data(), landing ? split : 0, landing ? team.pages.pages : split);
}

void Simulation::deliver_weighted(ThreadState& team, const Pathway& p, Step step, double* page) {
  const bool transitions = p.parts[0]->transitions;
  for (Step delay = p.lowest; delay <= std::min(p.highest, step); ++delay) {
    if (step - delay >= settle_before_) continue;
    const auto& spikes = weighted_[std::size_t(step - delay) & history_mask_];
    for (std::size_t i = 0, n; i < spikes.size(); i += n) {
      const WeightedSpike& w = spikes[i];
      n = transitions ? run_of(spikes, i) : 1;
      const double factor = transitions ? w.factor * transition(n) : w.factor;
      for (const Rows* r : p.parts)
        if (w.source >= r->first && w.source < r->last) {
          if (r->precise && w.offset != 0) deliver_precise(team, *r, delay, w);
          else if (factor >= 0 || transitions) r->deliver(w.source, delay, factor, page);
          else deliver_negative(team, *r, delay, w);
        }
    }
  }
}

// Spikes that are new enter the pathways of this thread.
void Simulation::launch(ThreadState& team) {
  for (Step step = team.launched; step < now_; ++step)
    for (Pathway& p : team.pathways) p.launch(history_[std::size_t(step) & history_mask_], step);
  team.launched = now_;
  if (!train_groups_.empty()) draw_trains(team);
}

// A negative factor turns excitation into inhibition: every synapse is looked at, because its input may be another one.
void Simulation::deliver_negative(ThreadState& team, const Rows& r, Step delay, const WeightedSpike& spike) {
  const auto [begin, end] = r.segment(r.of(spike.source), delay);
  for (std::uint64_t i = begin; i < end; ++i) {
    const NodeId t = team.node_at[team.pages.slot(r.page, r.target(i))];
    const double w = r.counts ? 1.0 : spike.factor * r.weight(spike.source, i);
    const int channel = stores_[where_[t].store]->spike_channel(r.receptor, w < 0);
    if (channel >= 0) team.input[team.pages.at(channel, slot_[t])] += w;
  }
}

// Before connections change: what the spikes under way will do on arrival is worked out with the connections they left by.
void Simulation::settle_spikes(Step before) {
  if (settled_ || now_ >= quiet_until_ || history_.empty() || team_.empty()) return;
  if (laid_out_) build();
  if (before < now_) pathways_built_ = false;  // spikes that have not left may have been looked up
  build_pathways();
  for (ThreadState& team : team_) launch(team);
  settle_before_ = before;
  std::map<Step, std::vector<Arrival>> settled;
  std::vector<Buffer<double>> kept;  // what has landed is the state of neurons
  for (ThreadState& team : team_) kept.push_back(std::exchange(team.input, Buffer<double>(team.input.size(), 0.0)));
  for (Step step = now_; step < quiet_until_; ++step)
    for (ThreadState& team : team_) {
      for (const bool landing : {false, true}) deliver(team, step, landing);
      for (int ch = 0; ch < team.pages.channels; ++ch)
        for (std::uint32_t slot = 0; slot < team.node_at.size(); ++slot)
          if (team.pages.has(ch, slot))
            if (double& x = team.input[team.pages.at(ch, slot)]; x != 0) {
              settled[step].push_back({team.node_at[slot], ch, x});
              x = 0;
            }
      for (auto& e : team.inputs) settled[step].push_back({team.node_at[e.lane], e.channel, e.value, e.offset});
      team.inputs.clear();
    }
  for (std::size_t t = 0; t < team_.size(); ++t) team_[t].input = std::move(kept[t]);
  arrivals_ = std::move(settled);
  for (Step back = 1; back <= Step(history_.size()) && back <= now_; ++back) {
    if (now_ - back >= before) continue;
    history_[std::size_t(now_ - back) & history_mask_].clear();
    weighted_[std::size_t(now_ - back) & history_mask_].clear();
  }
  pathways_built_ = false;
  settle_before_ = forever;
  settled_ = before == now_;
}

void Simulation::update(ThreadState& team, Step step) {
  double** const spikes = team.spike_input.data();
  double** const currents = team.current_input.data();
  auto& end = team.store_end[team.lag];
  auto& emitted = team.emitted[team.lag];
  std::fill(end.begin(), end.end(), 0);
  if (!team.inputs.empty()) sort_inputs(team);
  for (std::size_t k = 0; k < team.chunks.size(); ++k) {
    const ChunkRef& c = team.chunks[k];
    NeuronStore& store = *stores_[c.store];
    const int channels = store.spike_channels();
    for (int ch = 0; ch < channels; ++ch) spikes[ch] = team.input.data() + team.pages.at(ch, c.slot);
    const bool current = !team.current[k].empty();
    if (current)
      for (int ch = 0; ch < store.current_channels(); ++ch)
        currents[ch] = team.current[k].data() + std::size_t(ch) * chunk_lanes;
    if (!team.coupled.empty() && team.coupled[k].repeats) {  // was updated already, many times
      const CoupledChunk& made = team.coupled[k];
      emitted.insert(emitted.end(), made.spikes.begin(), made.spikes.end());
      team.failed.insert(team.failed.end(), made.failed.begin() + std::ptrdiff_t(made.failed_before),
                         made.failed.end());
    } else {
      const bool lands = store.lands(), taps = !team.taps[k].empty();
      if (taps) add_taps(team, k, step, spikes, current ? currents : nullptr, lands ? Feeding::current : Feeding::all);
      const Stream random{key_, c.store, std::uint32_t(Purpose::escape), std::uint64_t(step)};
      const auto* coupled = team.coupled.empty() ? nullptr : gather(team, k, step);
      ChunkStep x{step, h_, random, spikes, current ? currents : nullptr, &emitted, &team.failed, coupled};
      x.clock = &clock_;
      if (store.precise()) {
        x.inputs = inputs_of(team, c.slot);
        x.precise = &team.precise[team.lag];
      }
      store.update(c.chunk, x);
      if (lands && taps) add_taps(team, k, step, spikes, nullptr, Feeding::spikes);
    }
    for (int ch = 0; ch < channels && !store.lands(); ++ch)
      std::memset(spikes[ch], 0, std::size_t(store.lanes(c.chunk)) * sizeof(double));
    end[c.store] = std::uint32_t(emitted.size());
  }
  for (std::size_t k = 1; k < end.size(); ++k) end[k] = std::max(end[k], end[k - 1]);
  team.inputs.clear();
  if (team.pages.first_landing < team.pages.pages) land(team, step);
}

// Currents of most models act one step later than spikes of the same delay: the step during which they flow comes after
// their arrival.
void Simulation::add_taps(ThreadState& team, std::size_t k, Step step, double* const* spikes, double* const* currents,
                          Feeding feeding) {
  const ChunkRef& c = team.chunks[k];
  const int used = whole_groups(stores_[c.store]->lanes(c.chunk));
  if (currents)
    for (int ch = 0; ch < stores_[c.store]->current_channels(); ++ch) std::fill_n(currents[ch], used, 0.0);
  const std::uint32_t first_element = stores_[c.store]->numbers[c.chunk] * chunk_lanes;
  const int lag = stores_[c.store]->current_lag();
  for (Tap& tap : team.taps[k]) {
    if (feeding != Feeding::all && (tap.role == Role::counts) != (feeding == Feeding::spikes)) continue;
    const auto& ring = instances_[tap.instance].ring;
    const Step emitted = step - tap.delay - (tap.role == Role::counts ? 0 : lag);
    if (emitted < tap.since || emitted >= tap.until) continue;
    const Emission& e = ring[std::size_t(emitted) & (ring.size() - 1)];
    if (!e.on) continue;
    const std::uint32_t purpose =
        std::uint32_t(tap.role == Role::counts ? Purpose::poisson : Purpose::noise) + (tap.repeat << 8);
    const std::uint64_t when = std::uint64_t(tap.role == Role::counts ? emitted : e.draw) & 0xffffffffu;
    const Stream s{key_, tap.call, purpose, when | std::uint64_t(tap.instance & 0xffff) << 32};
    if (tap.role == Role::counts) {
      add_counts(tap, e, s, first_element, spikes[tap.channel]);
      continue;
    }
    double* out = currents[tap.channel];
    if (tap.role == Role::noise && tap.drawn != e.draw) draw_noise(tap, e, s, first_element / draw_group);
    for (int lane = tap.begin; lane < tap.end; ++lane) {
      const std::size_t i = std::size_t(lane - tap.begin);
      out[lane] += (tap.weight.empty() ? tap.common : tap.weight[i]) * (tap.role == Role::noise ? tap.value[i] : e.a);
    }
  }
}

void Simulation::sample(ThreadState& team, Step step) {
  for (Sampler& s : team.samplers) {
    if (!sample_logs_.find(s.instance)->second.takes(step + 1)) continue;
    for (std::size_t i = 0; i < s.place.size(); ++i) {
      const NeuronStore& store = *stores_[s.place[i].first];
      if (store.common_value(s.place[i].second).frozen) {
        s.values.resize(s.values.size() + s.recordables[i].size(), std::bit_cast<double>(no_sample));
        continue;
      }
      for (std::uint32_t r : s.recordables[i]) s.values.push_back(store.read(s.place[i].second, r));
    }
  }
}

// --- between slices, on thread 0

void Simulation::finish_slice(Step from, Step to) {
  merge_spikes(from, to);
  settled_ = false;
  arrivals_.erase(arrivals_.begin(), arrivals_.lower_bound(to));
  for (Step step = from; step < to; ++step) {
    if (!instances_.empty()) emit_devices(step);
    const std::size_t at = std::size_t(step) & history_mask_;
    if (!history_[at].empty() || !weighted_[at].empty()) {
      quiet_until_ = step + max_delay_ + 1;
      if (!weighted_[at].empty()) weighted_until_ = quiet_until_;
      record_spikes(step);
    }
    if (!drawn_to_device_.empty()) record_drawn(step);
    if (!train_groups_.empty()) record_trains(step);
    if (structure_) note_growth(step);
  }
  if (plastic_) {
    merge_recorded();
    queue_spikes(from, to);
    queue_flushes(to);
    if (modulated_) forget_releases(to);
  }
  if (!sample_logs_.empty()) merge_samples(from, to);
}

// Spikes of a step in order of (store, lane), which threads own in contiguous parts.
void Simulation::merge_spikes(Step from, Step to) {
  for (Step step = from; step < to; ++step) {
    const std::size_t lag = std::size_t(step - from), at = std::size_t(step) & history_mask_;
    auto& all = history_[at];
    all.clear();
    weighted_[at].clear();
    if (team_size_ == 1) {
      all.swap(team_[0].emitted[lag]);
    } else {
      for (std::size_t k = 0; k < stores_.size(); ++k)
        for (auto& team : team_) {
          const auto& end = team.store_end[lag];
          all.insert(all.end(), team.emitted[lag].begin() + (k ? end[k - 1] : 0), team.emitted[lag].begin() + end[k]);
        }
    }
    spikes_ += std::int64_t(all.size());
    merge_precise(lag, weighted_[at]);
  }
}

void Simulation::emit_devices(Step step) {
  const std::size_t at = std::size_t(step) & history_mask_;
  for (std::uint32_t k = 0; k < instances_.size(); ++k) {
    Instance& i = instances_[k];
    Device& d = *i.device;
    const Role role = d.role();
    if (role >= Role::spike_recorder && role != Role::detector) continue;
    const Step first = i.first, last = i.last, stamp = step + 1;
    const Stream random{key_, k, std::uint32_t(Purpose::device), std::uint64_t(step) & 0xffffffffu};
    if (role == Role::spikes) {
      if (i.frozen()) continue;
      for (const OutSpike& s : d.spikes({step, h_, first < stamp && stamp <= last, random}))
        for (std::int64_t m = 0; m < s.multiplicity; ++m) {
          if (s.factor == 1 && s.offset == 0) history_[at].push_back(d.id);
          else weighted_[at].push_back({d.id, s.factor, s.offset});
        }
      continue;
    }
    const bool active = !i.frozen() && (role == Role::counts || role == Role::trains ? first < step && step <= last
                                                                                     : first <= stamp && stamp < last);
    Emission e = d.emit({step, h_, active, random});
    const bool few = e.varying && i.targets <= 8 && e.a <= largest_mean_without_table;
    if (role == Role::counts && e.on && !few) e.table = tables_.find(e.a, e.trials);
    if (role == Role::signal) store_value(d.id, step, e.on ? e.a : 0.0);
    i.ring[std::size_t(step) & (i.ring.size() - 1)] = std::move(e);
  }
  for (auto& [instance, log] : sample_logs_)
    if (log.takes(step + 1)) {
      std::vector<double> values;
      for (NodeId t : log.targets)
        if (is_device(t))
          for (auto& name : record_from(instance)) {
            const auto& r = model_of(t).info->recordables;
            for (std::size_t x = 0; x < r.size(); ++x)
              if (r[x].name == name) values.push_back(device(t).read(x));
          }
      if (!values.empty()) log.of_devices.push_back(std::move(values));
    }
}

void Simulation::merge_samples(Step from, Step to) {
  for (auto& [instance, log] : sample_logs_) {
    std::size_t sample = 0, device_sample = 0;
    for (Step step = from; step < to; ++step) {
      if (!log.takes(step + 1) || log.targets.empty() || log.columns == 0) continue;
      const std::size_t start = log.values.size();
      log.times.push_back(step + 1);
      log.count.push_back(std::uint32_t(log.targets.size()));
      log.values.resize(start + log.targets.size() * log.columns);
      for (auto& team : team_)
        for (Sampler& s : team.samplers)
          if (s.instance == instance)
            for (std::size_t i = 0; i < s.place.size(); ++i)
              std::copy_n(s.values.begin() + std::ptrdiff_t((sample * s.place.size() + i) * log.columns), log.columns,
                          log.values.begin() + std::ptrdiff_t(start + s.order[i] * log.columns));
      if (!log.of_devices.empty()) {
        const double* v = log.of_devices[device_sample++].data();
        for (std::size_t t = 0; t < log.targets.size(); ++t)
          if (is_device(log.targets[t]))
            for (std::size_t c = 0; c < log.columns; ++c) log.values[start + t * log.columns + c] = *v++;
      }
      ++sample;
    }
    log.of_devices.clear();
  }
  for (auto& team : team_)
    for (Sampler& s : team.samplers) s.values.clear();
}

}  // namespace nl
