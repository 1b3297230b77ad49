// SPDX-License-Identifier: Apache-2.0
// What stands between two matrix products, one row at a time: norms, rotation,
// quantisation, sums (activations: activations.h). Rows are contiguous f32; any length >= 1, any alignment.
// Nothing here knows a model.

#ifndef SIMILE_SIMD_ROW_KERNELS_H_
#define SIMILE_SIMD_ROW_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace simile {

// y = (x - mean(x)) / sqrt(var(x) + eps) * gamma + beta; var is the population's.
// beta: nullptr for 0. y may be x.
void LayerNorm(const float* x, const float* gamma, const float* beta, float eps, size_t n,
               float* y);

// y = x / sqrt(mean(x^2) + eps) * gamma (Zhang and Sennrich 2019). y may be x.
void RmsNorm(const float* x, const float* gamma, float eps, size_t n, float* y);

// Turns the pairs (x[i], x[i + n / 2]) by an angle each (Su et al. 2021, in the order
// of Llama); cosines, sines: [n / 2]. n is a multiple of 8.
void RotateHalves(const float* cosines, const float* sines, size_t n, float* x);

// x += y.
void AddTo(const float* y, size_t n, float* x);

// x *= factor.
void Scale(float factor, size_t n, float* x);

// y = q * scale, added to y when `accumulate`.
void Dequantize(const int8_t* q, float scale, size_t n, bool accumulate, float* y);

// How a quantised value v, -128 … 127, is stored. Which one is for the product
// kernel to say: each stands for the same number, so the sums are the same.
enum class QuantizedForm {
  kInt8,             // v
  kUint8,            // v + 128
  kInt16WithoutZero  // v - zero point, 2 bytes
};

inline constexpr size_t BytesOf(QuantizedForm form) {
  return form == QuantizedForm::kInt16WithoutZero ? 2 : 1;
}

// Quantises one row to 8 bits with a zero point, after multiplying it by
// `smoothing` ([n], or nullptr for none). The range always holds 0; the
// parameters are XNNPACK's xnn_qd8_asymmetric_quantization_params (quantization.h).
// Writes n values to q. scale is what a quantised step is worth; NaN if the row holds
// an infinity, or values farther apart than f32 can say.
void QuantizeRow(const float* x, const float* smoothing, size_t n, QuantizedForm form, void* q,
                 int32_t* zero_point, float* scale);

// QuantizeRow in two parts, for rows that 8 bits are too coarse for: remainder (in the same
// form as q, with a zero point of 0) holds what is left over of each value, so that
// x * smoothing = (q - zero_point) * scale + remainder * *remainder_scale
// within a step of the remainder, 1 / 128 of a step of q.
void QuantizeRowInTwo(const float* x, const float* smoothing, size_t n, QuantizedForm form,
                      void* q, int32_t* zero_point, float* scale, void* remainder,
                      float* remainder_scale);

// sum_i a_i b_i, in four interleaved partial sums of four lanes.
float Dot(const float* a, const float* b, size_t n);

// Whether all values are finite.
bool AllFinite(const float* x, size_t n);

}  // namespace simile

#endif  // SIMILE_SIMD_ROW_KERNELS_H_
