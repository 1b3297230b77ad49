// SPDX-License-Identifier: Apache-2.0
#include "products/parallel_plan.h"

#include <gtest/gtest.h>

namespace simile {
namespace {

// A machine on which a token takes so many seconds with threads and without.
struct Machine {
  double threads, serial;

  // How many of `passes` passes used the threads.
  size_t Run(ParallelPlan& plan, size_t tokens, size_t passes) const {
    size_t with_threads = 0;
    for (size_t i = 0; i < passes; ++i) {
      const bool uses = plan.UsesThreads(tokens);
      with_threads += uses;
      plan.Record(tokens, uses, (uses ? threads : serial) * static_cast<double>(tokens));
    }
    return with_threads;
  }
};

constexpr Machine kIdle{0.5, 1.0};
constexpr Machine kBusy{3.0, 1.0};

TEST(ParallelPlan, UsesThreadsWhereTheyAreFaster) {
  ParallelPlan plan;
  EXPECT_GE(kIdle.Run(plan, 128, 1000), 985u);
}

TEST(ParallelPlan, LeavesThemWhereTheyAreSlower) {
  ParallelPlan plan;
  EXPECT_LE(kBusy.Run(plan, 128, 1000), 15u);
}

TEST(ParallelPlan, ComesBackWhenACoreIsFreeAgain) {
  ParallelPlan plan;
  kBusy.Run(plan, 128, 100);
  kIdle.Run(plan, 128, 130);  // at the latest after 128 passes it is tried
  EXPECT_GE(kIdle.Run(plan, 128, 100), 98u);
}

TEST(ParallelPlan, LeavesThemWithinAFewPassesWhenACoreIsTaken) {
  ParallelPlan plan;
  kIdle.Run(plan, 128, 1000);
  EXPECT_LE(kBusy.Run(plan, 128, 20), 4u);
}

TEST(ParallelPlan, IsNotLedAstrayByOnePassInFourThatIsHeldUp) {
  ParallelPlan plan;
  size_t with_threads = 0;
  for (size_t i = 0; i < 250; ++i) {
    kBusy.Run(plan, 128, 1);
    with_threads += Machine{0.4, 1.0}.Run(plan, 128, 3);
  }
  EXPECT_GE(with_threads, 600u);
}

TEST(ParallelPlan, JudgesEachLengthByItself) {
  ParallelPlan plan;
  kBusy.Run(plan, 32, 100);
  kIdle.Run(plan, 256, 100);
  EXPECT_LE(kBusy.Run(plan, 32, 100), 5u);
  EXPECT_GE(kIdle.Run(plan, 256, 100), 95u);
}

TEST(ParallelPlan, RunsShortTextsOnTheCaller) {
  ParallelPlan plan;
  EXPECT_EQ(kIdle.Run(plan, ParallelPlan::kMinTokens - 1, 100), 0u);
}

TEST(ParallelPlan, TakesAnyNumberOfTokens) {
  ParallelPlan plan;
  EXPECT_GE(kIdle.Run(plan, size_t{1} << 20, 100), 95u);
}

}  // namespace
}  // namespace simile
