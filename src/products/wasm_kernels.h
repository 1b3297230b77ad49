// SPDX-License-Identifier: Apache-2.0
// Our own int8 micro-kernels for WebAssembly, in XNNPACK's signature and packing
// (micro_kernels.h has both), where they are faster than XNNPACK's. A lane of an
// accumulator is one column, so that nothing is added across lanes at the end,
// and the quantising pass stores activations as the loop wants to read them.

#ifndef SIMILE_PRODUCTS_WASM_KERNELS_H_
#define SIMILE_PRODUCTS_WASM_KERNELS_H_

#include "products/micro_kernels.h"

namespace simile {

// Relaxed SIMD, activations unsigned (QuantizedForm::kUint8): exact where the
// relaxed dot product reads its second operand as unsigned bytes. 1…6 rows.
void Int8Gemm6x8c4Usdot(size_t mr, size_t nc, size_t kc, const int8_t* a, size_t a_stride,
                        const void* w, float* c, size_t cm_stride, size_t cn_stride,
                        const xnn_f32_minmax_params* params,
                        const xnn_qd8_quantization_params* quantization);

// Plain SIMD, activations as int16 without their zero point. 1…4 rows.
void Int8Gemm4x8c2Dot16(size_t mr, size_t nc, size_t kc, const int8_t* a, size_t a_stride,
                        const void* w, float* c, size_t cm_stride, size_t cn_stride,
                        const xnn_f32_minmax_params* params,
                        const xnn_qd8_quantization_params* quantization);

}  // namespace simile

#endif  // SIMILE_PRODUCTS_WASM_KERNELS_H_
