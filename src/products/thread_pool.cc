// SPDX-License-Identifier: Apache-2.0
#include "products/thread_pool.h"

#include <pthreadpool.h>

namespace simile {
namespace {

struct Call {
  ThreadPool::Task task;
  void* context;
};

void RunOne(void* call, size_t thread, size_t index) {
  const Call& c = *static_cast<const Call*>(call);
  c.task(c.context, thread, index);
}

}  // namespace

Result<std::unique_ptr<ThreadPool>> ThreadPool::Create(size_t threads) {
  if (threads < 1 || threads > 64) {
    return InvalidArgument("threads: expected 1 to 64, got " + std::to_string(threads));
  }
  pthreadpool_t pool = nullptr;
#if defined(__wasm__) && !defined(_REENTRANT)
  threads = 1;  // a module built without threads
#endif
  if (threads > 1) {
    pool = pthreadpool_create(threads);
    if (pool == nullptr) return OutOfMemory("cannot start " + std::to_string(threads) + " threads");
  }
  return std::unique_ptr<ThreadPool>(new ThreadPool(pool, threads));
}

ThreadPool::~ThreadPool() {
  if (pool_ != nullptr) pthreadpool_destroy(static_cast<pthreadpool_t>(pool_));
}

void ThreadPool::Run(size_t count, Task task, void* context) {
  if (pool_ == nullptr || count <= 1) {
    for (size_t i = 0; i < count; ++i) task(context, /*thread=*/0, i);
    return;
  }
  Call call{task, context};
  // No denormal flushing: every thread computes plain IEEE arithmetic.
  pthreadpool_parallelize_1d_with_thread(static_cast<pthreadpool_t>(pool_), RunOne, &call,
                                         count, /*flags=*/0);
}

}  // namespace simile
