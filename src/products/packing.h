// SPDX-License-Identifier: Apache-2.0
// Weights in the order in which the micro-kernels read them, which is XNNPACK's
// (xnn_pack_qs8_gemm_goi_w and xnn_pack_f32_gemm_goi_w with zero point 1, no
// shuffling): a block of nr columns after the other; of each block first one number
// per column, then kr consecutive values of k of every column in turn. XNNPACK's own
// functions go value by value and take three to five times as long, natively.

#ifndef SIMILE_PRODUCTS_PACKING_H_
#define SIMILE_PRODUCTS_PACKING_H_

#include <cstddef>
#include <cstdint>

namespace simile {

// How a kernel wants its weights.
struct PackedShape {
  size_t nr;  // columns of a block
  size_t kr;  // consecutive values of k together: 1, 2, 4 or 8
};

// Bytes of `columns` packed columns (rounded up to nr) of K values.
size_t PackedInt8Bytes(PackedShape shape, size_t columns, size_t K);
size_t PackedF32Bytes(PackedShape shape, size_t columns, size_t K);

// w: [columns, K] row-major; packed: of the size above, of which every byte is
// written. Int8: minus the sums of the weights first, and after a block's weights its
// scales and its biases (nullptr: 0). F32: the biases first; kr must be 1. What a block
// lacks in columns and K in values is 0.
void PackInt8(PackedShape shape, size_t columns, size_t K, const int8_t* w, const float* scale,
              const float* bias, uint8_t* packed);
void PackF32(PackedShape shape, size_t columns, size_t K, const float* w, const float* bias,
             float* packed);

}  // namespace simile

#endif  // SIMILE_PRODUCTS_PACKING_H_
