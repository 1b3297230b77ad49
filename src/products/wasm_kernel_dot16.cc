// SPDX-License-Identifier: Apache-2.0
// Plain SIMD: i32x4.dot_i16x8_s on weights widened as they are loaded. 8
// accumulators, two weights and an activation: more rows would spill.
#include "products/wasm_kernel_tile.h"
#include "products/wasm_kernels.h"

namespace simile {
namespace {

#if defined(SIMILE_RELAXED_SIMD)
// Here the kernel is for engines whose relaxed dot product the probe refuses. In
// Firefox on x86 four steps at once are twice as fast as one, and in V8 no slower.
constexpr size_t kSteps = 4;
#else
constexpr size_t kSteps = 1;
#endif

template <size_t R>
struct Dot16 {
  static void Run(size_t nc, size_t K, const int16_t* a, size_t a_stride, const int8_t* w,
                  float* c, size_t cm_stride, const RowQuantization* rows) {
    const size_t pairs = (K + 1) / 2;
    for (;; c += kTileColumns) {
      w += kTileColumns * sizeof(int32_t);  // sums of weights: the zero point is out
      Int8Tile<R> tile;
      const int16_t* row[R];
      SIMILE_UNROLL
      for (size_t r = 0; r < R; ++r) {
        tile.left[r] = tile.right[r] = wasm_i32x4_const_splat(0);
        row[r] = a + r * a_stride;
      }
      for (size_t k = 0; k < pairs / kSteps; ++k) w = Step<kSteps>(tile, row, w);
      for (size_t k = 0; k < pairs % kSteps; ++k) w = Step<1>(tile, row, w);
      StoreTile(tile, rows, reinterpret_cast<const float*>(w), nc, c, cm_stride);
      if (nc <= kTileColumns) return;
      nc -= kTileColumns;
      w += 2 * kTileColumns * sizeof(float);
    }
  }

 private:
  // Adds the next kCount pairs of each row; returns the weights after them.
  template <size_t kCount>
  [[gnu::always_inline]] static const int8_t* Step(Int8Tile<R>& tile, const int16_t* (&row)[R],
                                                   const int8_t* w) {
    SIMILE_UNROLL
    for (size_t i = 0; i < kCount; ++i, w += 16) {
      const v128_t b_left = wasm_i16x8_load8x8(w);
      const v128_t b_right = wasm_i16x8_load8x8(w + 8);
      SIMILE_UNROLL
      for (size_t r = 0; r < R; ++r) {
        const v128_t a_r = wasm_v128_load32_splat(row[r]);
        row[r] += 2;
        tile.left[r] = wasm_i32x4_add(tile.left[r], wasm_i32x4_dot_i16x8(b_left, a_r));
        tile.right[r] = wasm_i32x4_add(tile.right[r], wasm_i32x4_dot_i16x8(b_right, a_r));
      }
    }
    return w;
  }
};

}  // namespace

void Int8Gemm4x8c2Dot16(size_t mr, size_t nc, size_t kc, const int8_t* a, size_t a_stride,
                        const void* w, float* c, size_t cm_stride, size_t /*cn_stride*/,
                        const xnn_f32_minmax_params*,
                        const xnn_qd8_quantization_params* quantization) {
  ForRowCount<Dot16, 4>(mr, nc, kc, reinterpret_cast<const int16_t*>(a),
                        a_stride / sizeof(int16_t), static_cast<const int8_t*>(w), c, cm_stride,
                        reinterpret_cast<const RowQuantization*>(quantization));
}

}  // namespace simile
