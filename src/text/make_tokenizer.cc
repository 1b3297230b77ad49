// SPDX-License-Identifier: Apache-2.0
#include "text/make_tokenizer.h"

#include <utility>

#include "text/sentencepiece.h"
#include "text/steps_tokenizer.h"
#include "text/wordpiece.h"

namespace simile {

Result<std::unique_ptr<Tokenizer>> MakeTokenizer(const TokenizerConfig& config,
                                                 Buffer<uint8_t> vocab) {
  switch (config.kind) {
    case TokenizerKind::kWordPiece:
      if (!config.has_steps) return MakeWordPiece(std::move(vocab), config.wordpiece);
      return MakeStepsTokenizer(std::move(vocab), config);
    case TokenizerKind::kUnigram:
    case TokenizerKind::kBpe:
      return MakeStepsTokenizer(std::move(vocab), config);
    case TokenizerKind::kSentencepiece:
      return MakeSentencepiece(std::move(vocab), config.sentencepiece);
  }
  return InternalError("tokenizer: an unknown kind");
}

}  // namespace simile
