// SPDX-License-Identifier: Apache-2.0
// The loop over rows of the passes between products.

#ifndef SIMILE_ENCODER_ROWS_H_
#define SIMILE_ENCODER_ROWS_H_

#include <algorithm>
#include <cstddef>

#include "products/thread_pool.h"

namespace simile {

// Calls body(row) for every row of [0, rows), blocks of rows in parallel.
template <typename F>
void ForRows(ThreadPool& pool, size_t rows, const F& body) {
  constexpr size_t kRowsPerTask = 8;
  pool.For((rows + kRowsPerTask - 1) / kRowsPerTask, [&](size_t task) {
    const size_t end = std::min(rows, (task + 1) * kRowsPerTask);
    for (size_t row = task * kRowsPerTask; row < end; ++row) body(row);
  });
}

}  // namespace simile

#endif  // SIMILE_ENCODER_ROWS_H_
