// SPDX-License-Identifier: Apache-2.0
// Linear: y = x W^T + b on packed weights, by XNNPACK's micro-kernels and
// packing, driven directly (no operator objects): blocks of columns whose
// weights stay in the first-level cache go over all rows.

#ifndef SIMILE_PRODUCTS_LINEAR_H_
#define SIMILE_PRODUCTS_LINEAR_H_

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/status.h"
#include "products/quantized_rows.h"
#include "products/thread_pool.h"

namespace simile {

class Linear {
 public:
  Linear() = default;

  // Makes room for N outputs of K inputs; then every output is packed once.
  // N is a multiple of 8 or all outputs are packed in one call. kOutOfMemory.
  // two_parts: its rows come in two parts.
  Status InitInt8(size_t N, size_t K, bool two_parts = false);
  Status InitF32(size_t N, size_t K);

  // Packs outputs [first, first + count) from w: [count, K] row-major,
  // scale: [count], bias: [count]; first is a multiple of 8. Copies.
  void PackInt8(size_t first, size_t count, const int8_t* w, const float* scale,
                const float* bias);
  void PackF32(size_t first, size_t count, const float* w, const float* bias);

  // y: [x.T, N] f32 row-major, caller-owned. x.K == K; x has a remainder if the product
  // takes two parts. Then y = (product of the first + product of the remainder) + b.
  void Run(ThreadPool& pool, const QuantizedRows& x, float* y) const;
  // x: [T, K] f32 row-major.
  void Run(ThreadPool& pool, const float* x, size_t T, float* y) const;

  // How the int8 products read their activations.
  static QuantizedForm form();

  size_t N() const { return N_; }
  size_t K() const { return K_; }
  bool two_parts() const { return !bias_.empty(); }
  size_t size_bytes() const { return packed_.size_bytes() + bias_.size_bytes(); }

 private:
  Status Init(size_t N, size_t K, size_t packed_bytes);

  size_t N_ = 0;
  size_t K_ = 0;
  Buffer<uint8_t> packed_;
  Buffer<float> bias_;  // [N] of a product of two parts, whose packed bias is 0
};

// Name of the int8 micro-kernel in use, as XNNPACK names it.
const char* Int8KernelName();

}  // namespace simile

#endif  // SIMILE_PRODUCTS_LINEAR_H_
