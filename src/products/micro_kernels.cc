// SPDX-License-Identifier: Apache-2.0
// The only file that includes XNNPACK's headers.
#include "products/micro_kernels.h"

#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

#include "products/wasm_kernels.h"
#include "xnnpack/gemm.h"
#include "xnnpack/microparams.h"

namespace simile {
namespace {

static_assert(sizeof(RowQuantization) == sizeof(xnn_qd8_quantization_params));
static_assert(offsetof(RowQuantization, zero_point) ==
              offsetof(xnn_qd8_quantization_params, zero_point));
static_assert(offsetof(RowQuantization, scale) ==
              offsetof(xnn_qd8_quantization_params, inv_scale));

#define SIMILE_INT8_KERNEL(mr, nr, kr, suffix)                              \
  {#mr "x" #nr "c" #kr "__" #suffix,                                        \
   xnn_qd8_f32_qc8w_gemm_minmax_ukernel_##mr##x##nr##c##kr##__##suffix,     \
   xnn_qd8_f32_qc8w_gemm_minmax_ukernel_1x##nr##c##kr##__##suffix, mr, nr, kr}

constexpr Int8KernelEntry kInt8Kernels[] = {
#if defined(SIMILE_RELAXED_SIMD)
    {"6x8c4__wasmusdot_unsigned", Int8Gemm6x8c4Usdot, Int8Gemm6x8c4Usdot, 6, 8, 4,
     QuantizedForm::kUint8, /*reads_no_further_rows=*/true},
    // Right where the second operand of the dot product counts as unsigned
    // (VNNI), respectively as signed (ARM's sdot).
    SIMILE_INT8_KERNEL(4, 8, 8, wasmusdot_u2),
    SIMILE_INT8_KERNEL(4, 8, 8, wasmsdot_u2),
#endif
#if defined(__wasm_simd128__)
    {"4x8c2__wasmsimd_dot16", Int8Gemm4x8c2Dot16, Int8Gemm4x8c2Dot16, 4, 8, 2,
     QuantizedForm::kInt16WithoutZero, /*reads_no_further_rows=*/true},
    SIMILE_INT8_KERNEL(4, 4, 8, wasmsimd_dot16x2_ld64),
#elif defined(__x86_64__)
    SIMILE_INT8_KERNEL(4, 4, 8, sse41_ld64),
#endif
    {"4x4__scalar", xnn_qd8_f32_qc8w_gemm_minmax_ukernel_4x4__scalar,
     xnn_qd8_f32_qc8w_gemm_minmax_ukernel_1x4__scalar, 4, 4, 1},
};

constexpr F32KernelEntry kF32Kernel =
#if defined(__wasm_simd128__)
    {"4x8__wasmsimd_x86_splat", xnn_f32_gemm_minmax_ukernel_4x8__wasmsimd_x86_splat,
     xnn_f32_gemm_minmax_ukernel_1x8__wasmsimd_x86_splat, 4, 8};
#elif defined(__x86_64__)
    {"4x8__sse_load1", xnn_f32_gemm_minmax_ukernel_4x8__sse_load1,
     xnn_f32_gemm_minmax_ukernel_1x8__sse_load1, 4, 8};
#else
    {"4x4__scalar", xnn_f32_gemm_minmax_ukernel_4x4__scalar,
     xnn_f32_gemm_minmax_ukernel_1x4__scalar, 4, 4};
#endif

#if defined(__x86_64__)
bool RunsHere(const Int8KernelEntry& kernel) {
  return std::strstr(kernel.name, "sse41") == nullptr || __builtin_cpu_supports("sse4.1");
}
#else
bool RunsHere(const Int8KernelEntry&) { return true; }
#endif

const Int8KernelEntry& Choose() {
  for (const Int8KernelEntry& kernel : kInt8Kernels) {
    if (RunsHere(kernel) && IsExact(kernel)) return kernel;
  }
  return std::end(kInt8Kernels)[-1];
}

}  // namespace

const Int8KernelEntry* Int8KernelTable(size_t* count) {
  *count = std::size(kInt8Kernels);
  return kInt8Kernels;
}

const F32KernelEntry& F32KernelChoice() { return kF32Kernel; }

const Int8KernelEntry& Int8KernelChoice() {
  static const Int8KernelEntry& choice = Choose();
  return choice;
}

const xnn_f32_minmax_params* Unbounded() {
  static const xnn_f32_minmax_params params = [] {
    xnn_f32_minmax_params p;
    std::memset(&p, 0, sizeof p);
    p.scalar.min = -std::numeric_limits<float>::infinity();
    p.scalar.max = std::numeric_limits<float>::infinity();
    return p;
  }();
  return &params;
}

namespace {

// A small product of operands at the ends and in the middle of their ranges: two
// blocks of columns, more than one unrolled step of k, and a rest.
struct Probe {
  static constexpr size_t kRows = 6, kColumns = 16, K = 40;
  static constexpr int8_t kValues[] = {-128, 127, -127, 126, 0, 1, -1, 64};

  Probe() {
    for (size_t m = 0; m < kRows; ++m) {
      rows[m] = {static_cast<int32_t>(m * 51) - 128, 1.0f};  // -128 … 127
      for (size_t k = 0; k < K; ++k) a[m][k] = kValues[(k + 3 * m) % 8];
    }
    for (size_t n = 0; n < kColumns; ++n) {
      ones[n] = 1.0f;
      for (size_t k = 0; k < K; ++k) {
        const int8_t value = kValues[(k * (n + 1) + n / 2) % 8];
        w[n][k] = value == -128 ? -127 : value;  // weights are symmetric
      }
    }
  }

  // Row m as the kernel reads it.
  void StoreRow(size_t m, QuantizedForm form, uint8_t* out) const {
    for (size_t k = 0; k < K; ++k) {
      const int16_t without_zero = static_cast<int16_t>(a[m][k] - rows[m].zero_point);
      if (form == QuantizedForm::kInt16WithoutZero) {
        std::memcpy(out + 2 * k, &without_zero, sizeof without_zero);
      } else {
        out[k] = static_cast<uint8_t>(a[m][k] + (form == QuantizedForm::kUint8 ? 128 : 0));
      }
    }
  }

  float Expected(size_t m, size_t n) const {
    int32_t sum = 0;
    for (size_t k = 0; k < K; ++k) sum += (a[m][k] - rows[m].zero_point) * w[n][k];
    return static_cast<float>(sum);
  }

  int8_t a[kRows][K];
  int8_t w[kColumns][K];
  RowQuantization rows[kRows];
  float ones[kColumns], zeros[kColumns] = {};
};

}  // namespace

bool IsExact(const Int8KernelEntry& kernel) {
  const Probe probe;
  const size_t stride = QuantizedStride(Probe::K, kernel.form);
  alignas(16) uint8_t rows[Probe::kRows * 2 * 48 + 64] = {};
  for (size_t m = 0; m < kernel.mr; ++m) probe.StoreRow(m, kernel.form, rows + m * stride);
  alignas(16) uint8_t packed[Probe::kColumns * (Probe::K + 12) + 64] = {};
  PackInt8(kernel.packing(), Probe::kColumns, Probe::K, probe.w[0], probe.ones, probe.zeros,
           packed);
  float out[Probe::kRows * Probe::kColumns];
  kernel.many_rows(kernel.mr, Probe::kColumns, Probe::K, reinterpret_cast<int8_t*>(rows), stride,
                   packed, out, Probe::kColumns * sizeof(float), kernel.nr * sizeof(float),
                   Unbounded(),
                   reinterpret_cast<const xnn_qd8_quantization_params*>(probe.rows));
  for (size_t m = 0; m < kernel.mr; ++m) {
    for (size_t n = 0; n < Probe::kColumns; ++n) {
      if (out[m * Probe::kColumns + n] != probe.Expected(m, n)) return false;
    }
  }
  return true;
}

}  // namespace simile
