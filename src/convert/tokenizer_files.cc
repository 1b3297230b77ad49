// SPDX-License-Identifier: Apache-2.0
#include "convert/tokenizer_files.h"

#include <string_view>
#include <utility>

#include "convert/sentencepiece_files.h"
#include "convert/tokenizer_model.h"
#include "convert/tokenizer_steps.h"
#include "convert/tokenizer_wordpiece.h"

namespace simile {
namespace {

constexpr std::string_view kVocabTxt = "vocab.txt";
constexpr std::string_view kTokenizerJson = "tokenizer.json";

Status ReadTokenizerJson(const CheckpointFiles& files, TokenizerFiles* result) {
  SIMILE_ASSIGN_OR_RETURN(const Json tokenizer, files.ParseJson(kTokenizerJson));
  if (IsPlainWordPiece(tokenizer)) {
    return ReadWordPieceFiles(files, tokenizer, &result->config.wordpiece, &result->vocab,
                              &result->vocab_size);
  }
  result->config.has_steps = true;
  Buffer<uint8_t> charsmap;
  SIMILE_RETURN_IF_ERROR(ReadTokenizerSteps(tokenizer, &result->config.steps, &charsmap));
  return ReadTokenizerModel(
      tokenizer, {reinterpret_cast<const char*>(charsmap.data()), charsmap.size()},
      &result->config, &result->vocab, &result->vocab_size);
}

Status ReadSentencepiece(const CheckpointFiles& files, TokenizerFiles* result) {
  SIMILE_ASSIGN_OR_RETURN(SentencepieceFiles sentencepiece, ReadSentencepieceFiles(files));
  result->config.kind = TokenizerKind::kSentencepiece;
  result->vocab_size = sentencepiece.config.vocab_size;
  result->config.sentencepiece = std::move(sentencepiece.config);
  result->vocab = std::move(sentencepiece.model);
  return Status();
}

}  // namespace

Result<TokenizerFiles> ReadTokenizerFiles(const CheckpointFiles& files) {
  TokenizerFiles result;
  Status status;
  if (files.Has(kTokenizerJson)) {
    status = ReadTokenizerJson(files, &result);
  } else if (files.Has(kVocabTxt)) {
    status = ReadWordPieceFiles(files, Json(), &result.config.wordpiece, &result.vocab,
                                &result.vocab_size);
  } else if (HasSentencepieceFile(files)) {
    status = ReadSentencepiece(files, &result);
  } else {
    status = BadModel(
        "the checkpoint has neither tokenizer.json nor vocab.txt nor a sentencepiece model; "
        "the pair of vocab.json and merges.txt is not supported");
  }
  if (!status.ok()) return status;
  return result;
}

}  // namespace simile
