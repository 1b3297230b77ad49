// SPDX-License-Identifier: Apache-2.0
#include "products/parallel_plan.h"

#include <algorithm>
#include <bit>

namespace simile {

size_t ParallelPlan::BucketOf(size_t tokens) {
  return std::min(kBuckets - 1, static_cast<size_t>(std::bit_width(tokens)));
}

bool ParallelPlan::UsesThreads(size_t tokens) {
  if (tokens < kMinTokens) return false;
  Bucket& bucket = buckets_[BucketOf(tokens)];
  if (bucket.threads == 0) return true;
  if (bucket.serial == 0) return false;
  const bool faster = bucket.threads < bucket.serial;
  if (faster != bucket.threads_were_faster) {
    bucket.threads_were_faster = faster;
    bucket.retry = kFirstRetry;
    bucket.passes = 0;
  }
  if (++bucket.passes <= bucket.retry) return faster;
  bucket.passes = 0;
  bucket.retry = std::min(2 * bucket.retry, kLastRetry);
  return !faster;
}

void ParallelPlan::Record(size_t tokens, bool threads, double seconds) {
  Bucket& bucket = buckets_[BucketOf(tokens)];
  double& known = threads ? bucket.threads : bucket.serial;
  const double now = seconds / static_cast<double>(tokens);
  // The best of late: one pass that something else held up says little, several do.
  known = known == 0 || now < known ? now : (7 * known + now) / 8;
}

}  // namespace simile
