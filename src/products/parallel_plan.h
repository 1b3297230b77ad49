// SPDX-License-Identifier: Apache-2.0
// ParallelPlan: whether a pass runs on all threads or on the caller alone, by what
// each took before for about as many tokens. Threads win where the cores are free;
// where one is taken, every meeting of the threads waits for it, and two are slower
// than one. The slower way is tried again now and then, ever more seldom while it
// stays slower. No result depends on the choice.

#ifndef SIMILE_PRODUCTS_PARALLEL_PLAN_H_
#define SIMILE_PRODUCTS_PARALLEL_PLAN_H_

#include <cstddef>

namespace simile {

class ParallelPlan {
 public:
  // Fewer tokens are not worth waking a thread for.
  static constexpr size_t kMinTokens = 16;

  // Whether the next pass over `tokens` tokens should use the threads.
  bool UsesThreads(size_t tokens);

  // A pass took `seconds`, with threads or without.
  void Record(size_t tokens, bool threads, double seconds);

 private:
  static constexpr size_t kFirstRetry = 8;
  static constexpr size_t kLastRetry = 128;
  static constexpr size_t kBuckets = 16;

  // Passes of 2^n … 2^(n + 1) - 1 tokens.
  struct Bucket {
    double serial = 0;  // seconds a token; 0: not known
    double threads = 0;
    size_t retry = kFirstRetry;  // passes between two tries of the slower way
    size_t passes = 0;           // since the last one
    bool threads_were_faster = true;
  };

  static size_t BucketOf(size_t tokens);

  Bucket buckets_[kBuckets];
};

}  // namespace simile

#endif  // SIMILE_PRODUCTS_PARALLEL_PLAN_H_
