// SPDX-License-Identifier: Apache-2.0
// Normalizer: the normalisers of a tokenizer.json, one after the other.

#ifndef SIMILE_TEXT_NORMALIZER_H_
#define SIMILE_TEXT_NORMALIZER_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "text/aligned_text.h"
#include "text/charsmap.h"
#include "text/tokenizer_config.h"

namespace simile {

class Normalizer {
 public:
  Normalizer() = default;

  // charsmap: the vocabulary's, whose bytes stay the caller's. kBadModel if a step
  // needs it and it is not there, or replaces nothing.
  static Result<Normalizer> Make(const std::vector<NormalizerStep>& steps,
                                 std::string_view charsmap);

  Status Apply(AlignedText* text) const;
  // The normalised text alone.
  Result<std::string> Apply(std::string_view text) const;

 private:
  Status ApplyStep(const NormalizerStep& step, AlignedText* text) const;

  std::vector<NormalizerStep> steps_;
  Charsmap charsmap_;
};

}  // namespace simile

#endif  // SIMILE_TEXT_NORMALIZER_H_
