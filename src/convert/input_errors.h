// SPDX-License-Identifier: Apache-2.0
// InputErrors: how coarse 8 bits are for the inputs of an int8 model's products, seen as
// it runs, and which inputs are quantised in two parts (QuantizeRowInTwo) because of it.
//
// A row's step is 1 / 255 of its range; its error, K step^2 / 12 over the sum of its
// squares, is large where a few channels stand out far and the others share what steps
// are left. The errors of all inputs add up on the way through the layers.

#ifndef SIMILE_CONVERT_INPUT_ERRORS_H_
#define SIMILE_CONVERT_INPUT_ERRORS_H_

#include <cstddef>
#include <vector>

#include "base/status.h"
#include "convert/output_file.h"
#include "encoder/encoder.h"
#include "model/model_config.h"

namespace simile {

class InputErrors : public ActivationObserver {
 public:
  // Borrows the file, which has the smoothing of the model that runs.
  InputErrors(const EncoderConfig& shape, const OutputFile& file);

  Status Observe(int layer, ProductInput input, const float* rows, size_t T,
                 size_t K) override;

  // The mean error of a row, over the rows that are not all 0, summed over all inputs.
  double Sum() const;
  // None where that is small; else those with the largest errors, until the others' are.
  // In a recipe's order.
  std::vector<LayerInput> InTwoParts(bool is_calibrated) const;

 private:
  struct Seen {
    double error = 0;
    size_t rows = 0;
    double mean() const { return rows == 0 ? 0 : error / static_cast<double>(rows); }
  };
  const OutputFile& file_;
  std::vector<Seen> seen_;  // [ProductInput, layers]
  size_t layers_;
};

}  // namespace simile

#endif  // SIMILE_CONVERT_INPUT_ERRORS_H_
