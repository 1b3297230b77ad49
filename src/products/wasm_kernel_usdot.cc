// SPDX-License-Identifier: Apache-2.0
// Relaxed SIMD: i32x4.relaxed_dot_i8x16_i7x16_add_s, which on x86 with VNNI is
// one vpdpbusd. Six rows: 12 accumulators, two weights and an activation fit the
// 16 registers that V8 allocates from; unrolling made it slower.
#include "products/wasm_kernel_tile.h"
#include "products/wasm_kernels.h"

namespace simile {
namespace {

template <size_t R>
struct Usdot {
  static void Run(size_t nc, size_t K, const uint8_t* a, size_t a_stride, const int8_t* w,
                  float* c, size_t cm_stride, const RowQuantization* rows) {
    const size_t quads = (K + 3) / 4;
    for (;; c += kTileColumns) {
      Int8Tile<R> tile;
      const v128_t sums_left = wasm_v128_load(w), sums_right = wasm_v128_load(w + 16);
      SIMILE_UNROLL
      for (size_t r = 0; r < R; ++r) {
        const v128_t zero = wasm_i32x4_splat(rows[r].zero_point + 128);
        tile.left[r] = wasm_i32x4_mul(sums_left, zero);
        tile.right[r] = wasm_i32x4_mul(sums_right, zero);
      }
      w += kTileColumns * sizeof(int32_t);
      for (size_t k = 0; k < quads; ++k, w += 32) {
        const v128_t b_left = wasm_v128_load(w);
        const v128_t b_right = wasm_v128_load(w + 16);
        SIMILE_UNROLL
        for (size_t r = 0; r < R; ++r) {
          const v128_t a_r = wasm_v128_load32_splat(a + r * a_stride + 4 * k);
          tile.left[r] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(b_left, a_r, tile.left[r]);
          tile.right[r] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(b_right, a_r, tile.right[r]);
        }
      }
      StoreTile(tile, rows, reinterpret_cast<const float*>(w), nc, c, cm_stride);
      if (nc <= kTileColumns) return;
      nc -= kTileColumns;
      w += 2 * kTileColumns * sizeof(float);
    }
  }
};

}  // namespace

void Int8Gemm6x8c4Usdot(size_t mr, size_t nc, size_t kc, const int8_t* a, size_t a_stride,
                        const void* w, float* c, size_t cm_stride, size_t /*cn_stride*/,
                        const xnn_f32_minmax_params*,
                        const xnn_qd8_quantization_params* quantization) {
  ForRowCount<Usdot, 6>(mr, nc, kc, reinterpret_cast<const uint8_t*>(a), a_stride,
                        static_cast<const int8_t*>(w), c, cm_stride,
                        reinterpret_cast<const RowQuantization*>(quantization));
}

}  // namespace simile
