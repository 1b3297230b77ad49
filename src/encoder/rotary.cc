// SPDX-License-Identifier: Apache-2.0
#include "encoder/rotary.h"

#include "encoder/scalar_math.h"

namespace simile {

void RotaryTable::Init(double base, size_t d) {
  base_ = base;
  d_ = d;
}

Status RotaryTable::Grow(size_t count) {
  if (count <= count_) return Status();
  SIMILE_RETURN_IF_ERROR(values_.Resize(count * d_));
  const double step = -2.0 * NaturalLog(base_) / static_cast<double>(d_);
  for (size_t i = 0; i < d_ / 2; ++i) {
    const float frequency = static_cast<float>(Exponential(step * static_cast<double>(i)));
    for (size_t t = count_; t < count; ++t) {
      const float angle = static_cast<float>(t) * frequency;
      const SineCosine turn = SineAndCosine(static_cast<double>(angle));
      values_[t * d_ + i] = static_cast<float>(turn.cosine);
      values_[t * d_ + d_ / 2 + i] = static_cast<float>(turn.sine);
    }
  }
  count_ = count;
  return Status();
}

}  // namespace simile
