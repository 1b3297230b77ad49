// SPDX-License-Identifier: Apache-2.0
// The table of XNNPACK micro-kernels that this build has, and the choice among
// them. A kernel is chosen because it computed a small product with extreme
// values rightly on this very machine, not because of what it is called: relaxed
// dot products differ between engines and processors.

#ifndef SIMILE_PRODUCTS_MICRO_KERNELS_H_
#define SIMILE_PRODUCTS_MICRO_KERNELS_H_

#include <cstddef>
#include <cstdint>

#include "products/packing.h"
#include "products/quantized_rows.h"

union xnn_f32_minmax_params;
struct xnn_qd8_quantization_params;

namespace simile {

// a: rows in the entry's form, a_stride bytes apart.
// y[m, n] = (sum_k (x[m, k] - zero_point[m]) * w[n, k]) * scale[m] * w_scale[n]
// + bias[n], in that order, each step rounded once: all kernels give equal bits.
using Int8Kernel = void (*)(size_t mr, size_t nc, size_t kc, const int8_t* a, size_t a_stride,
                            const void* w, float* c, size_t cm_stride, size_t cn_stride,
                            const xnn_f32_minmax_params* params,
                            const xnn_qd8_quantization_params* quantization);
using F32Kernel = void (*)(size_t mr, size_t nc, size_t kc, const float* a, size_t a_stride,
                           const float* w, float* c, size_t cm_stride, size_t cn_stride,
                           const xnn_f32_minmax_params* params);

// Names decode as in XNNPACK's doc/microkernel-naming-conventions.md: mr rows by
// nr columns, kr consecutive values of k together.
struct Int8KernelEntry {
  const char* name;
  Int8Kernel many_rows;  // up to mr rows
  Int8Kernel one_row;    // same packing
  size_t mr, nr, kr;
  QuantizedForm form = QuantizedForm::kInt8;  // of the activations at `a`
  // Computes just the rows it is asked for. XNNPACK's compute the last one again
  // for each that the tile has too many, with the parameters that follow.
  bool reads_no_further_rows = false;

  PackedShape packing() const { return {nr, kr}; }
};
struct F32KernelEntry {
  const char* name;
  F32Kernel many_rows;
  F32Kernel one_row;
  size_t mr, nr;

  PackedShape packing() const { return {nr, 1}; }
};

// Best first; the last one is scalar and always right.
const Int8KernelEntry* Int8KernelTable(size_t* count);
const F32KernelEntry& F32KernelChoice();

// The first entry of the table that passes IsExact.
const Int8KernelEntry& Int8KernelChoice();

// Whether the kernel's sums are exact for operands at the ends of their ranges.
bool IsExact(const Int8KernelEntry& kernel);

// Output bounds that bound nothing.
const xnn_f32_minmax_params* Unbounded();

}  // namespace simile

#endif  // SIMILE_PRODUCTS_MICRO_KERNELS_H_
