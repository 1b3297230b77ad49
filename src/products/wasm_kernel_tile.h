// SPDX-License-Identifier: Apache-2.0
// What our WebAssembly kernels share: a tile of R rows by 8 columns of int32
// sums, and what becomes of them.

#ifndef SIMILE_PRODUCTS_WASM_KERNEL_TILE_H_
#define SIMILE_PRODUCTS_WASM_KERNEL_TILE_H_

#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "products/quantized_rows.h"

// Every loop over rows: only then do the sums stay in registers.
#define SIMILE_UNROLL _Pragma("clang loop unroll(full)")

namespace simile {

inline constexpr size_t kTileColumns = 8;

template <size_t R>
struct Int8Tile {
  v128_t left[R];   // columns 0…3 of each row
  v128_t right[R];  // columns 4…7
};

// row scale, column scale, bias: in this order, each step rounded once.
[[gnu::always_inline]] inline v128_t Finish(v128_t sums, v128_t row_scale,
                                            v128_t column_scale, v128_t bias) {
  v128_t value = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sums), row_scale);
  value = wasm_f32x4_mul(value, column_scale);
  return wasm_f32x4_add(value, bias);
}

// Writes the tile's first `columns` columns. tail: 8 column scales, 8 biases.
template <size_t R>
[[gnu::always_inline]] inline void StoreTile(const Int8Tile<R>& tile,
                                             const RowQuantization* rows, const float* tail,
                                             size_t columns, float* c, size_t cm_stride) {
  const v128_t scale_left = wasm_v128_load(tail), scale_right = wasm_v128_load(tail + 4);
  const v128_t bias_left = wasm_v128_load(tail + 8), bias_right = wasm_v128_load(tail + 12);
  SIMILE_UNROLL
  for (size_t r = 0; r < R; ++r) {
    const v128_t row_scale = wasm_v128_load32_splat(&rows[r].scale);
    const v128_t left = Finish(tile.left[r], row_scale, scale_left, bias_left);
    const v128_t right = Finish(tile.right[r], row_scale, scale_right, bias_right);
    float* out = reinterpret_cast<float*>(reinterpret_cast<char*>(c) + r * cm_stride);
    if (columns >= kTileColumns) {
      wasm_v128_store(out, left);
      wasm_v128_store(out + 4, right);
    } else {
      float lanes[kTileColumns];
      wasm_v128_store(lanes, left);
      wasm_v128_store(lanes + 4, right);
      std::memcpy(out, lanes, columns * sizeof(float));
    }
  }
}

// Calls run<R>(…) for R = mr, 1…kMax.
template <template <size_t> class Kernel, size_t kMax, typename... Args>
inline void ForRowCount(size_t mr, Args... args) {
  if constexpr (kMax > 1) {
    if (mr < kMax) return ForRowCount<Kernel, kMax - 1>(mr, args...);
  }
  Kernel<kMax>::Run(args...);
}

}  // namespace simile

#endif  // SIMILE_PRODUCTS_WASM_KERNEL_TILE_H_
