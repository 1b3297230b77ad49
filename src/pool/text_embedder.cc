// SPDX-License-Identifier: Apache-2.0
#include "pool/text_embedder.h"

#include <algorithm>
#include <string>
#include <vector>

#include "pool/cross_encoder.h"
#include "pool/pooling.h"
#include "simd/row_kernels.h"

namespace simile {
namespace {

Status FinishVector(size_t D, bool normalize, float* vector) {
  if (normalize) NormalizeL2(D, vector);
  if (AllFinite(vector, D)) return Status();
  return BadModel("the model's weights give a vector that is not finite");
}

}  // namespace

Status TextEmbedder::ComputeGolden(size_t count, float* out) {
  const std::vector<std::string>& golden = config().golden_texts;
  const std::vector<std::string_view> texts(golden.begin(),
                                            golden.begin() + static_cast<ptrdiff_t>(count));
  if (is_cross_encoder()) {
    return CrossEncoder(this)
        .ScoreSome(texts[0], texts.data(), texts.size(), SIZE_MAX, out, nullptr)
        .status();
  }
  // One by one: in a batch the same vectors would take more memory than the load itself.
  for (const std::string_view& text : texts) {
    SIMILE_RETURN_IF_ERROR(Embed(&text, 1, config().normalize, out, nullptr));
    out += config().dims();
  }
  return Status();
}

Result<size_t> TextEmbedder::EmbedSome(const std::string_view* texts, size_t count,
                                       size_t token_budget, bool normalize, float* out,
                                       TextUsage* usage, LongText* long_text) {
  SIMILE_RETURN_IF_ERROR(CheckUse(false));
  size_t done = 0;
  size_t tokens = 0;
  while (done < count && (tokens == 0 || tokens < token_budget)) {
    // A small budget is a caller who wants to be asked again soon.
    const size_t batch_tokens = std::min(kBatchTokens, token_budget - tokens);
    Result<size_t> batch = EmbedBatch(texts + done, count - done, batch_tokens, normalize,
                                      out + done * config().dims(),
                                      usage == nullptr ? nullptr : usage + done, long_text);
    if (!batch.ok()) {
      if (long_text != nullptr) *long_text = LongText();
      return batch;
    }
    done += batch.value();
    tokens += ids_.size();
  }
  return done;
}

Status TextEmbedder::Embed(const std::string_view* texts, size_t count, bool normalize,
                           float* out, TextUsage* usage) {
  SIMILE_RETURN_IF_ERROR(CheckUse(false));
  for (size_t done = 0; done < count;) {
    SIMILE_ASSIGN_OR_RETURN(
        const size_t batch,
        EmbedBatch(texts + done, count - done, kBatchTokens, normalize,
                   out + done * config().dims(),
                   usage == nullptr ? nullptr : usage + done, nullptr));
    done += batch;
  }
  return Status();
}

Result<size_t> TextEmbedder::EmbedTokens(const std::string_view* texts, size_t count,
                                         bool normalize, TokenVectors* out,
                                         TextUsage* usage) {
  SIMILE_RETURN_IF_ERROR(CheckUse(false));
  if (count == 0) return 0;
  SIMILE_RETURN_IF_ERROR(GatherBatch(texts, count, kBatchTokens, usage, nullptr));
  SIMILE_ASSIGN_OR_RETURN(const float* hidden, EncodeBatch());
  const size_t H = config().encoder.hidden_size;
  vectors_.Clear();
  SIMILE_RETURN_IF_ERROR(vectors_.Append(hidden, ids_.size() * H));
  for (size_t t = 0; t < ids_.size(); ++t) {
    SIMILE_RETURN_IF_ERROR(FinishVector(H, normalize, &vectors_[t * H]));
  }
  *out = {tokens_.data(), offsets_.data(), vectors_.data(),
          static_cast<uint32_t>(surrounding_tokens().before.size()),
          static_cast<uint32_t>(surrounding_tokens().after.size())};
  return offsets_.size() - 1;
}

void TextEmbedder::ClearBatch() {
  tokens_.Clear();
  ids_.Clear();
  offsets_.Clear();
}

// The tokens since the last text's are one more text.
Status TextEmbedder::EndText() {
  for (size_t i = ids_.size(); i < tokens_.size(); ++i) {
    SIMILE_RETURN_IF_ERROR(ids_.Append(tokens_[i].id));
  }
  if (offsets_[offsets_.size() - 1] == ids_.size()) {
    return InvalidArgument(
        "a text has no tokens: the model's tokenizer puts none of its own beside those of "
        "the text, which is empty");
  }
  return offsets_.Append(static_cast<uint32_t>(ids_.size()));
}

Status TextEmbedder::GatherBatch(const std::string_view* texts, size_t count, size_t batch_tokens,
                                 TextUsage* usage, LongText* long_text) {
  ClearBatch();
  SIMILE_RETURN_IF_ERROR(offsets_.Append(0));
  for (size_t i = 0; i < count && (i == 0 || ids_.size() < batch_tokens); ++i) {
    const size_t begin = tokens_.size();
    SIMILE_ASSIGN_OR_RETURN(const TokenizeResult result,
                            tokenizer().Tokenize(texts[i], config().max_tokens, &tokens_));
    if (result.truncated && long_text != nullptr) {
      if (i > 0) return Status();
      tokens_.Clear();
      SIMILE_RETURN_IF_ERROR(tokenizer().Tokenize(texts[i], SIZE_MAX, &tokens_).status());
      return long_text->Start(tokens_, surrounding_tokens(), config().max_tokens, config().dims());
    }
    SIMILE_RETURN_IF_ERROR(EndText());
    if (usage != nullptr) {
      usage[i] = {static_cast<uint32_t>(tokens_.size() - begin),
                  static_cast<uint32_t>(result.full_count)};
    }
  }
  return Status();
}

Result<size_t> TextEmbedder::EmbedBatch(const std::string_view* texts, size_t count,
                                        size_t batch_tokens, bool normalize, float* out,
                                        TextUsage* usage, LongText* long_text) {
  if (long_text == nullptr || !long_text->is_open()) {
    SIMILE_RETURN_IF_ERROR(GatherBatch(texts, count, batch_tokens, usage, long_text));
  }
  if (long_text != nullptr && long_text->is_open()) {
    return EmbedPieces(long_text, normalize, out, usage);
  }
  SIMILE_ASSIGN_OR_RETURN(const float* hidden, EncodeBatch());
  const size_t B = offsets_.size() - 1;
  for (size_t b = 0; b < B; ++b) {
    float* vector = out + b * config().dims();
    PoolSequence(hidden, b, vector);
    SIMILE_RETURN_IF_ERROR(FinishVector(config().dims(), normalize, vector));
  }
  return B;
}

Result<size_t> TextEmbedder::EmbedPieces(LongText* long_text, bool normalize, float* out,
                                         TextUsage* usage) {
  ClearBatch();
  SIMILE_RETURN_IF_ERROR(offsets_.Append(0));
  while (long_text->is_open() && ids_.size() < kBatchTokens) {
    SIMILE_RETURN_IF_ERROR(long_text->NextPiece(&ids_));
    SIMILE_RETURN_IF_ERROR(offsets_.Append(static_cast<uint32_t>(ids_.size())));
  }
  SIMILE_ASSIGN_OR_RETURN(const float* hidden, EncodeBatch());
  for (size_t b = 0; b + 1 < offsets_.size(); ++b) {
    PoolSequence(hidden, b, out);  // the row is not done, so it can hold a piece's vector
    long_text->Add(out, offsets_[b + 1] - offsets_[b]);
  }
  if (long_text->is_open()) return 0;
  if (usage != nullptr) {
    *usage = {static_cast<uint32_t>(long_text->tokens_done()),
              static_cast<uint32_t>(long_text->full_tokens())};
  }
  long_text->Finish(out);
  SIMILE_RETURN_IF_ERROR(FinishVector(config().dims(), normalize, out));
  return 1;
}

Result<const float*> TextEmbedder::EncodeBatch() {
  // What is pooled before the Dense modules may be longer than what comes after them.
  SIMILE_RETURN_IF_ERROR(vectors_.Resize(config().encoder.hidden_size));
  return Encode({ids_.data(), offsets_.data(), offsets_.size() - 1});
}

void TextEmbedder::PoolSequence(const float* hidden, size_t b, float* out) {
  const size_t H = config().encoder.hidden_size;
  const bool has_dense = !config().dense.empty();
  float* pooled = has_dense ? vectors_.data() : out;
  Pool(config().pooling, hidden + offsets_[b] * H, offsets_[b + 1] - offsets_[b], H, pooled);
  if (has_dense) output_layers().Project(pooled, out);
}

}  // namespace simile
