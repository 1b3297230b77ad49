// SPDX-License-Identifier: Apache-2.0
#include "products/linear.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "products/micro_kernels.h"
#include "simd/row_kernels.h"

namespace simile {
namespace {

// Packed weights of one block of columns: small enough to stay in a 32 KB
// first-level cache beside the rows that pass over them.
constexpr size_t kColumnBlockBytes = 16 * 1024;
// Rows of one parallel task: enough to pay for starting it.
constexpr size_t kRowsPerTask = 32;

// A tile of the second part's product, on the stack: 4 KB.
constexpr size_t kMaxTileRows = 8;
constexpr size_t kMaxTileColumns = 128;

// How one product is cut into tasks, columns outermost.
struct Grid {
  Grid(size_t T, size_t N, size_t column_bytes, size_t mr, size_t nr, size_t threads,
       size_t max_block = SIZE_MAX)
      : rows(T), columns(N) {
    block = std::min(max_block, std::max(nr, kColumnBlockBytes / column_bytes / nr * nr));
    // With one thread a task is a block of columns and all rows.
    row_block = threads == 1 ? std::max<size_t>(T, 1) : kRowsPerTask / mr * mr;
    row_blocks = (T + row_block - 1) / row_block;
    column_blocks = (N + block - 1) / block;
  }
  size_t tasks() const { return row_blocks * column_blocks; }
  size_t first_row(size_t task) const { return task % row_blocks * row_block; }
  size_t end_row(size_t task) const { return std::min(rows, first_row(task) + row_block); }
  size_t first_column(size_t task) const { return task / row_blocks * block; }
  size_t column_count(size_t task) const { return std::min(block, columns - first_column(task)); }

  size_t rows, columns, block, row_block, row_blocks, column_blocks;
};

// Calls body(first, count) for tiles of at most mr rows. Even tiles are nearly
// alike: two of four rows rather than one of six and one of two, which would
// hardly be cheaper than the one of six.
template <typename F>
void ForTiles(size_t first, size_t end, size_t mr, bool even, const F& body) {
  const size_t tiles = (end - first + mr - 1) / mr;
  for (size_t tile = 0; tile < tiles; ++tile) {
    const size_t rest = end - first;
    const size_t count = even ? (rest + tiles - tile - 1) / (tiles - tile) : std::min(mr, rest);
    body(first, count);
    first += count;
  }
}

}  // namespace

QuantizedForm Linear::form() { return Int8KernelChoice().form; }

const char* Int8KernelName() { return Int8KernelChoice().name; }

Status Linear::Init(size_t N, size_t K, size_t packed_bytes) {
  N_ = N;
  K_ = K;
  return packed_.Resize(packed_bytes);
}

Status Linear::InitInt8(size_t N, size_t K, bool two_parts) {
  SIMILE_RETURN_IF_ERROR(bias_.Resize(two_parts ? N : 0));
  return Init(N, K, PackedInt8Bytes(Int8KernelChoice().packing(), N, K));
}

Status Linear::InitF32(size_t N, size_t K) {
  return Init(N, K, PackedF32Bytes(F32KernelChoice().packing(), N, K));
}

void Linear::PackInt8(size_t first, size_t count, const int8_t* w, const float* scale,
                      const float* bias) {
  const Int8KernelEntry& kernel = Int8KernelChoice();
  if (two_parts()) {
    std::memcpy(bias_.data() + first, bias, count * sizeof *bias);
    bias = nullptr;
  }
  simile::PackInt8(kernel.packing(), count, K_, w, scale, bias,
                   packed_.data() + PackedInt8Bytes(kernel.packing(), first, K_));
}

void Linear::PackF32(size_t first, size_t count, const float* w, const float* bias) {
  const F32KernelEntry& kernel = F32KernelChoice();
  uint8_t* target = packed_.data() + PackedF32Bytes(kernel.packing(), first, K_);
  simile::PackF32(kernel.packing(), count, K_, w, bias, reinterpret_cast<float*>(target));
}

void Linear::Run(ThreadPool& pool, const QuantizedRows& x, float* y) const {
  const Int8KernelEntry& kernel = Int8KernelChoice();
  const Grid grid(x.T, N_, PackedInt8Bytes(kernel.packing(), kernel.nr, K_) / kernel.nr, kernel.mr,
                  kernel.nr, pool.threads(), two_parts() ? kMaxTileColumns : SIZE_MAX);
  const size_t stride = QuantizedStride(K_, kernel.form);
  pool.For(grid.tasks(), [&](size_t task) {
    const size_t n = grid.first_column(task), columns = grid.column_count(task);
    const uint8_t* weights = packed_.data() + PackedInt8Bytes(kernel.packing(), n, K_);
    const auto run = [&](const void* rows, const RowQuantization* params, size_t m, size_t count,
                         float* out, size_t out_stride) {
      (count == 1 ? kernel.one_row : kernel.many_rows)(
          count, columns, K_, static_cast<const int8_t*>(rows) + m * stride, stride, weights, out,
          out_stride * sizeof(float), kernel.nr * sizeof(float), Unbounded(),
          reinterpret_cast<const xnn_qd8_quantization_params*>(params + m));
    };
    ForTiles(grid.first_row(task), grid.end_row(task), kernel.mr, kernel.reads_no_further_rows,
             [&](size_t m, size_t count) {
      float* out = y + m * N_ + n;
      run(x.data, x.params, m, count, out, N_);
      if (!two_parts()) return;
      float rest[kMaxTileRows * kMaxTileColumns];
      run(x.remainder, x.remainder_params, m, count, rest, columns);
      for (size_t i = 0; i < count; ++i) {
        AddTo(rest + i * columns, columns, out + i * N_);
        AddTo(bias_.data() + n, columns, out + i * N_);
      }
    });
  });
}

void Linear::Run(ThreadPool& pool, const float* x, size_t T, float* y) const {
  const F32KernelEntry& kernel = F32KernelChoice();
  const Grid grid(T, N_, PackedF32Bytes(kernel.packing(), kernel.nr, K_) / kernel.nr, kernel.mr,
                  kernel.nr, pool.threads());
  pool.For(grid.tasks(), [&](size_t task) {
    const size_t n = grid.first_column(task);
    const float* weights =
        reinterpret_cast<const float*>(packed_.data() + PackedF32Bytes(kernel.packing(), n, K_));
    ForTiles(grid.first_row(task), grid.end_row(task), kernel.mr, /*even=*/true,
             [&](size_t m, size_t count) {
      (count == 1 ? kernel.one_row : kernel.many_rows)(
          count, grid.column_count(task), K_ * sizeof(float), x + m * K_, K_ * sizeof(float),
          weights, y + m * N_ + n, N_ * sizeof(float), kernel.nr * sizeof(float), Unbounded());
    });
  });
}

}  // namespace simile
