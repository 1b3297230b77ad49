// SPDX-License-Identifier: Apache-2.0
// A small random BERT for tests: two layers, H = 32, a vocabulary of 40 words.

#ifndef SIMILE_TESTS_CPP_TINY_MODEL_H_
#define SIMILE_TESTS_CPP_TINY_MODEL_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/model_tensors.h"
#include "model/model_config.h"

namespace simile {

struct TinyModel {
  ModelConfig config;
  std::map<std::string, std::vector<uint8_t>> tensors;  // by name, as in a file

  Buffer<uint8_t> Bytes(const TensorSpec& spec) const;
  // A weight in f32 as the forward pass means it: int8 weights dequantised, and
  // smoothing folded back into the rows that it was taken out of.
  const std::vector<float>& Floats(const std::string& name) const;

  // The whole file, byte for byte.
  std::vector<uint8_t> File() const;

 private:
  mutable std::map<std::string, std::vector<float>> floats_;
};

TinyModel MakeTinyModel(WeightPrecision precision, uint64_t seed, bool smoothed = false);

// After a change of its configuration: random tensors where there are none of that name
// and size yet, and no others.
void CompleteTinyModel(TinyModel* model, uint64_t seed);

// As MakeTinyModel, with golden vectors computed by the engine itself, so that it loads.
TinyModel MakeLoadableModel(WeightPrecision precision, uint64_t seed, bool smoothed = false);

}  // namespace simile

#endif  // SIMILE_TESTS_CPP_TINY_MODEL_H_
