// SPDX-License-Identifier: Apache-2.0
#include "convert/input_errors.h"

#include <algorithm>
#include <numeric>

#include "convert/product_groups.h"
#include "convert/source_tensors.h"

namespace simile {
namespace {

// Sums of errors, over the golden texts and without calibration: 0.0008 to 0.0090 for the
// models whose vectors are near enough as they are (docs/models.md), 0.014 for
// all-mpnet-base-v2 and 0.052 for SmolLM2-135M, which are not.
constexpr double kMostAsTheyAre = 0.01;
// What is left of it where that is more. Weights that are rounded to nearest are off by
// more themselves.
constexpr double kMostLeftCalibrated = 0.01, kMostLeft = 0.0025;

// smoothing: [K] or nullptr. 0 for a row of zeros.
double RowError(const float* row, const float* smoothing, size_t K) {
  float low = 0, high = 0;
  double squares = 0;
  for (size_t k = 0; k < K; ++k) {
    const float v = smoothing == nullptr ? row[k] : row[k] * smoothing[k];
    low = std::min(low, v);
    high = std::max(high, v);
    squares += double{v} * v;
  }
  if (!(squares > 0)) return 0;
  const double step = (double{high} - low) / 255;
  return static_cast<double>(K) * step * step / 12 / squares;
}

}  // namespace

InputErrors::InputErrors(const EncoderConfig& shape, const OutputFile& file)
    : file_(file), seen_(shape.layers * kProductInputs), layers_(shape.layers) {}

Status InputErrors::Observe(int layer, ProductInput input, const float* rows, size_t T,
                            size_t K) {
  const float* smoothing = file_.Floats(SmoothingOf(input), layer);
  Seen& seen = seen_[static_cast<size_t>(input) * layers_ + static_cast<size_t>(layer)];
  for (size_t t = 0; t < T; ++t) {
    const double error = RowError(rows + t * K, smoothing, K);
    if (!(error > 0)) continue;  // nor those that overflowed, which fail by themselves
    seen.error += error;
    ++seen.rows;
  }
  return Status();
}

double InputErrors::Sum() const {
  return std::accumulate(seen_.begin(), seen_.end(), 0.0,
                         [](double sum, const Seen& seen) { return sum + seen.mean(); });
}

std::vector<LayerInput> InputErrors::InTwoParts(bool is_calibrated) const {
  const double most_left = is_calibrated ? kMostLeftCalibrated : kMostLeft;
  double left = Sum();
  if (left <= kMostAsTheyAre) return {};
  std::vector<double> errors;  // 0 once in two parts
  for (const Seen& seen : seen_) errors.push_back(seen.mean());
  while (left > most_left) {
    const auto worst = std::max_element(errors.begin(), errors.end());
    if (*worst == 0) break;  // all are
    left -= *worst;
    *worst = 0;
  }
  std::vector<LayerInput> inputs;
  for (size_t i = 0; i < errors.size(); ++i) {
    if (errors[i] == seen_[i].mean()) continue;
    inputs.push_back({static_cast<ProductInput>(i / layers_), static_cast<uint32_t>(i % layers_)});
  }
  return inputs;
}

}  // namespace simile
