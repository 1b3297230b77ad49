// SPDX-License-Identifier: Apache-2.0
#include "convert/gptq.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "convert/quantize.h"

namespace simile {
namespace {

// Doubles that one update holds in registers: four 128-bit accumulators.
constexpr size_t kTile = 8;
// Rows of U factored before the rest is updated: 64 rows of 1,536 doubles are
// 768 KB, which stays in a second-level cache while the rest passes once.
constexpr size_t kBlock = 64;
// Weight rows rounded side by side, one to a SIMD lane.
constexpr size_t kLanes = 16;
// Shares of the mean diagonal added to the diagonal; the first is the paper's,
// the others are for inputs so few that rounding made H indefinite.
constexpr double kDamping[] = {0.01, 0.1, 1.0};

// A square matrix whose rows begin at multiples of kTile doubles.
struct Matrix {
  Buffer<double> values;
  size_t K = 0;
  size_t stride = 0;
  double* row(size_t i) { return values.data() + i * stride; }
};

Status Fill(const float* hessian, const float* input_scale, double damping, Matrix* a) {
  const size_t K = a->K;
  a->stride = (K + kTile - 1) / kTile * kTile;
  SIMILE_RETURN_IF_ERROR(a->values.Resize(K * a->stride));
  std::memset(a->values.data(), 0, a->values.size_bytes());
  double trace = 0;
  for (size_t i = 0; i < K; ++i) {
    const double scale_i = input_scale == nullptr ? 1 : input_scale[i];
    for (size_t j = i; j < K; ++j) {
      const double scale_j = input_scale == nullptr ? 1 : input_scale[j];
      a->row(i)[j] = hessian[i * K + j] * scale_i * scale_j;
    }
    trace += a->row(i)[i];
  }
  // Inputs that were zero throughout: plain rounding.
  const double added = trace > 0 ? damping * trace / static_cast<double>(K) : 1.0;
  for (size_t i = 0; i < K; ++i) a->row(i)[i] += added;
  return Status();
}

// Rows [begin, end) of U, whose updates by the rows before are done already.
bool FactorBlock(size_t begin, size_t end, Matrix* a) {
  for (size_t k = begin; k < end; ++k) {
    double* u = a->row(k);
    if (!(u[k] > 0)) return false;  // NaN too
    const double pivot = std::sqrt(u[k]);
    u[k] = pivot;
    for (size_t j = k + 1; j < a->K; ++j) u[j] /= pivot;
    for (size_t i = k + 1; i < end; ++i) {
      double* target = a->row(i);
      for (size_t j = i; j < a->K; ++j) target[j] -= u[i] * u[j];
    }
  }
  return true;
}

// a[i, j] -= sum over rows k in [begin, end) of u[k, i] * u[k, j], for j >= i.
void UpdateRow(size_t i, size_t begin, size_t end, Matrix* a) {
  double* target = a->row(i);
  for (size_t j = i / kTile * kTile; j < a->K; j += kTile) {
    double sum[kTile];
    std::memcpy(sum, target + j, sizeof sum);
    for (size_t k = begin; k < end; ++k) {
      const double* u = a->row(k);
      for (size_t t = 0; t < kTile; ++t) sum[t] -= u[i] * u[j + t];
    }
    std::memcpy(target + j, sum, sizeof sum);
  }
}

// In place, A = U^T U; false if A is not positive definite.
bool Cholesky(ThreadPool& pool, Matrix* a) {
  for (size_t begin = 0; begin < a->K; begin += kBlock) {
    const size_t end = std::min(a->K, begin + kBlock);
    if (!FactorBlock(begin, end, a)) return false;
    pool.For(a->K - end, [&](size_t i) { UpdateRow(end + i, begin, end, a); });
  }
  return true;
}

// Rounds up to kLanes rows. error: [K, kLanes], w - q * scale of what is done.
void RoundRows(const float* unit_upper, size_t K, const float* w, const float* scale,
               size_t rows, float* error, int8_t* q) {
  for (size_t k = K; k-- > 0;) {
    const float* u = unit_upper + k * K;
    float feedback[kLanes] = {};
    for (size_t j = k + 1; j < K; ++j) {
      const float* e = error + j * kLanes;
      for (size_t r = 0; r < kLanes; ++r) feedback[r] += u[j] * e[r];
    }
    float* e = error + k * kLanes;
    for (size_t r = 0; r < rows; ++r) {
      const float value = w[r * K + k];
      const int8_t level = QuantizeValue(value + feedback[r], scale[r]);
      q[r * K + k] = level;
      e[r] = value - static_cast<float>(level) * scale[r];
    }
    for (size_t r = rows; r < kLanes; ++r) e[r] = 0;
  }
}

}  // namespace

Status Gptq::Init(ThreadPool& pool, const float* hessian, const float* input_scale, size_t K) {
  K_ = K;
  Matrix a;
  a.K = K;
  bool factored = false;
  for (double damping : kDamping) {
    SIMILE_RETURN_IF_ERROR(Fill(hessian, input_scale, damping, &a));
    factored = Cholesky(pool, &a);
    if (factored) break;
  }
  if (!factored) return BadModel("GPTQ: the model's activations are not finite");
  SIMILE_RETURN_IF_ERROR(unit_upper_.Resize(K * K));
  for (size_t k = 0; k < K; ++k) {
    const double* u = a.row(k);
    for (size_t j = k; j < K; ++j) unit_upper_[k * K + j] = static_cast<float>(u[j] / u[k]);
  }
  return Status();
}

Status Gptq::Round(ThreadPool& pool, const float* w, const float* scale, size_t N,
                   int8_t* q) const {
  const size_t groups = (N + kLanes - 1) / kLanes;
  Buffer<float> error;
  SIMILE_RETURN_IF_ERROR(error.Resize(groups * K_ * kLanes));
  pool.For(groups, [&](size_t group) {
    const size_t first = group * kLanes;
    RoundRows(unit_upper_.data(), K_, w + first * K_, scale + first,
              std::min(kLanes, N - first), error.data() + group * K_ * kLanes,
              q + first * K_);
  });
  return Status();
}

}  // namespace simile
