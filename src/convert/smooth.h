// SPDX-License-Identifier: Apache-2.0
// SmoothQuant (Xiao et al. 2022, arXiv:2211.10438): an input channel with large
// activations costs its whole row of activations precision. Dividing it by s and
// multiplying the weights that read it by s moves the difficulty to the weights,
// which have scales per row and GPTQ. What a LayerNorm of BERT puts out also
// feeds the residual, so s cannot be folded into gamma and beta; the model
// multiplies by 1/s in the pass that quantises.

#ifndef SIMILE_CONVERT_SMOOTH_H_
#define SIMILE_CONVERT_SMOOTH_H_

#include <cstddef>

namespace simile {

// s stays within [1/kMaxSmoothing, kMaxSmoothing]; what lies outside comes from
// a channel that calibration hardly saw.
inline constexpr float kMaxSmoothing = 1024.0f;

// Raises max_abs[k] to max_n |w[n, k]|; w: [N, K] row-major.
void RaiseColumnMax(const float* w, size_t N, size_t K, float* max_abs);

// How much of a large channel the weights take over: SmoothQuant's exponent.
enum class Alpha { kHalf, kFiveEighths };

// s[k] = input_max[k]^alpha / weight_max[k]^(1 - alpha), 1 where either is 0.
// inverse[k] = 1 / s[k], rounded once: the tensor that the model stores; s is
// the reciprocal of that rounded value. All [K], caller-owned.
void SmoothingFactors(const float* input_max, const float* weight_max, size_t K, Alpha alpha,
                      float* s, float* inverse);

// w[n, k] *= s[k].
void ScaleColumns(const float* s, size_t N, size_t K, float* w);

}  // namespace simile

#endif  // SIMILE_CONVERT_SMOOTH_H_
