// SPDX-License-Identifier: Apache-2.0
// GPTQ (Frantar et al. 2022, arXiv:2210.17323): rounds a weight matrix so that
// its product with the calibration inputs changes least, not its values.
//
// For one row w of weights and its rounded q, with H = X^T X over the inputs
// X [T, K] and H = U^T U (U upper triangular):
//   |X (w - q)|^2 = |U (w - q)|^2 = sum_k (U_kk e_k + sum_{j>k} U_kj e_j)^2,
// e = w - q. From the last k to the first each term is least when
//   q_k = round(w_k + sum_{j>k} (U_kj / U_kk) e_j).
// That is GPTQ with its columns taken from the end (it is Babai's nearest plane,
// Chen et al. 2025, arXiv:2507.18553), and needs one Cholesky factor where the
// paper's form needs an inverse and the factor of that.

#ifndef SIMILE_CONVERT_GPTQ_H_
#define SIMILE_CONVERT_GPTQ_H_

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/status.h"
#include "products/thread_pool.h"

namespace simile {

class Gptq {
 public:
  // hessian: [K, K] f32 row-major, of which the upper triangle is read.
  // input_scale: [K], what the inputs are multiplied by before the product (the
  // smoothing), or nullptr. Factors in f64. kOutOfMemory; kBadModel if
  // the matrix is not positive definite even with heavy damping (a NaN in it).
  Status Init(ThreadPool& pool, const float* hessian, const float* input_scale, size_t K);

  // w: [N, K] row-major; scale: [N], fixed before; q: [N, K]. Caller-owned.
  // Rows do not influence each other. kOutOfMemory.
  Status Round(ThreadPool& pool, const float* w, const float* scale, size_t N,
               int8_t* q) const;

 private:
  size_t K_ = 0;
  Buffer<float> unit_upper_;  // [K, K]: U_kj / U_kk
};

}  // namespace simile

#endif  // SIMILE_CONVERT_GPTQ_H_
