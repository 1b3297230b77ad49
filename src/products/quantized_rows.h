// SPDX-License-Identifier: Apache-2.0
// Activations as the int8 products read them: rows of signed bytes, each with a
// zero point and a scale of its own, so that a row never depends on another.

#ifndef SIMILE_PRODUCTS_QUANTIZED_ROWS_H_
#define SIMILE_PRODUCTS_QUANTIZED_ROWS_H_

#include <cstddef>
#include <cstdint>

#include "simd/row_kernels.h"

namespace simile {

// value = (quantised - zero_point) * scale. Laid out as XNNPACK's
// xnn_qd8_quantization_params (whose inv_scale is this scale).
struct RowQuantization {
  int32_t zero_point;
  float scale;
};

// Parameters that must follow the last row's and equal them: where rows are left
// over, a kernel computes the last row again in place of those that its tile has
// too many.
inline constexpr size_t kRowParamsSlack = 8;

// Bytes from one row of K values to the next: kernels read in blocks of 16.
inline constexpr size_t QuantizedStride(size_t K, QuantizedForm form) {
  return (K + 15) / 16 * 16 * BytesOf(form);
}

// A view of T rows in the form that Linear::form() asks for. data: T *
// QuantizedStride(K, form) bytes and kReadSlackBytes; params: T + kRowParamsSlack
// entries. The second part (QuantizeRowInTwo) likewise, where the rows have one.
struct QuantizedRows {
  const void* data = nullptr;
  const RowQuantization* params = nullptr;
  const void* remainder = nullptr;
  const RowQuantization* remainder_params = nullptr;
  size_t T = 0;
  size_t K = 0;
};

}  // namespace simile

#endif  // SIMILE_PRODUCTS_QUANTIZED_ROWS_H_
