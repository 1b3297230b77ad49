// SPDX-License-Identifier: Apache-2.0
// ThreadPool: pthreadpool behind a small interface. With one thread (or in a
// module without threads) everything runs on the caller. No result of ours
// depends on how work is split.

#ifndef SIMILE_PRODUCTS_THREAD_POOL_H_
#define SIMILE_PRODUCTS_THREAD_POOL_H_

#include <cstddef>
#include <memory>
#include <type_traits>

#include "base/status.h"

namespace simile {

class ThreadPool {
 public:
  // threads: 1…64 including the caller; a module without threads has one.
  static Result<std::unique_ptr<ThreadPool>> Create(size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  size_t threads() const { return threads_; }

  // Calls task(context, thread, i) for every i in [0, count) and returns when all
  // are done; thread < threads() says which one runs it. One parallel call at a time.
  using Task = void (*)(void* context, size_t thread, size_t index);
  void Run(size_t count, Task task, void* context);

  // The same for any callable taking an index, or a thread and an index.
  template <typename F>
  void For(size_t count, const F& body) {
    Run(count,
        [](void* context, size_t thread, size_t index) {
          const F& call = *static_cast<const F*>(context);
          if constexpr (std::is_invocable_v<F, size_t, size_t>) {
            call(thread, index);
          } else {
            call(index);
          }
        },
        const_cast<F*>(&body));
  }

 private:
  ThreadPool(void* pool, size_t threads) : pool_(pool), threads_(threads) {}
  void* pool_;  // pthreadpool_t, nullptr with one thread
  size_t threads_;
};

}  // namespace simile

#endif  // SIMILE_PRODUCTS_THREAD_POOL_H_
