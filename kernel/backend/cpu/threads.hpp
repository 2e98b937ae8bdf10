// A team of threads that run one function together. Waiting spins briefly, then sleeps: a pure spin collapses when another
// process takes a core.
#pragma once
#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace nl {

class Barrier {
  const int count_;
  std::atomic<int> arrived_{0};
  std::atomic<unsigned> round_{0};
  // Pauses before a thread sleeps: less after they were in vain, because the other one may be waiting for this very core; now
  // and then the longest time is tried again.
  static constexpr int shortest = 50, longest = 4000;
  std::atomic<int> patience_{longest};

 public:
  explicit Barrier(int count) : count_(count) {}
  void wait() {
    wait([] {});
  }
  // The thread that comes last calls `alone` before the others go on.
  template <class F>
  void wait(F&& alone) {
    const unsigned round = round_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
      arrived_.store(0, std::memory_order_relaxed);
      alone();
      round_.store(round + 1, std::memory_order_release);
      round_.notify_all();
      return;
    }
    const int patience = patience_.load(std::memory_order_relaxed), most = round % 64 ? patience : longest;
    for (int spin = 0; spin < most; ++spin) {
      if (round_.load(std::memory_order_acquire) != round) {
        if (4 * spin > patience) patience_.store(std::min(longest, 4 * spin), std::memory_order_relaxed);
        return;
      }
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
    patience_.store(std::max(shortest, patience / 2), std::memory_order_relaxed);
    while (round_.load(std::memory_order_acquire) == round) round_.wait(round, std::memory_order_acquire);
  }
};

class Threads {
  std::vector<std::jthread> workers_;
  std::function<void(int)> work_;
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
  bool quit_ = false;
  Barrier start_, end_;

  void guarded(int thread) {
    try {
      work_(thread);
    } catch (...) {
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
  }

 public:
  Barrier barrier;  // for the function to use
  const int size;

  explicit Threads(int n) : start_(n), end_(n), barrier(n), size(n) {
    for (int t = 1; t < n; ++t)
      workers_.emplace_back([this, t] {
        for (;;) {
          start_.wait();
          if (quit_) return;
          guarded(t);
          end_.wait();
        }
      });
  }
  ~Threads() {
    quit_ = true;
    start_.wait();
  }
  // The caller is thread 0. An exception of any thread is thrown here; the function must not leave others at a barrier.
  void run(std::function<void(int)> work) {
    work_ = std::move(work);
    failed_ = false;
    start_.wait();
    guarded(0);
    end_.wait();
    if (failed_) std::rethrow_exception(failure_);
  }
};

}  // namespace nl
