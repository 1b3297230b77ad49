// SPDX-License-Identifier: Apache-2.0
#include "pool/long_text.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "simd/row_kernels.h"

namespace simile {

Status LongText::Start(const Buffer<Token>& tokens, const SurroundingTokens& added,
                       size_t max_tokens, size_t D) {
  if (max_tokens <= added.count()) {
    return InvalidArgument("a long text has no pieces of " + std::to_string(max_tokens) +
                           " tokens: the special ones are " + std::to_string(added.count()));
  }
  SIMILE_RETURN_IF_ERROR(ids_.Resize(tokens.size()));
  SIMILE_RETURN_IF_ERROR(sum_.Resize(D));
  for (size_t i = 0; i < tokens.size(); ++i) ids_[i] = tokens[i].id;
  std::fill(sum_.begin(), sum_.end(), 0.0f);
  begin_ = next_ = added.before.size();
  end_ = tokens.size() - added.after.size();
  piece_tokens_ = max_tokens - added.count();
  tokens_done_ = 0;
  return Status();
}

Status LongText::NextPiece(Buffer<uint32_t>* ids) {
  const size_t count = std::min(piece_tokens_, end_ - next_);
  SIMILE_RETURN_IF_ERROR(ids->Append(ids_.data(), begin_));
  SIMILE_RETURN_IF_ERROR(ids->Append(ids_.data() + next_, count));
  SIMILE_RETURN_IF_ERROR(ids->Append(ids_.data() + end_, ids_.size() - end_));
  next_ += count;
  return Status();
}

void LongText::Add(const float* vector, size_t tokens) {
  const float weight = static_cast<float>(tokens);
  for (size_t i = 0; i < sum_.size(); ++i) sum_[i] += vector[i] * weight;
  tokens_done_ += tokens;
}

void LongText::Finish(float* out) {
  std::memcpy(out, sum_.data(), sum_.size_bytes());
  Scale(1.0f / static_cast<float>(tokens_done_), sum_.size(), out);
  *this = LongText();
}

}  // namespace simile
