// SPDX-License-Identifier: Apache-2.0
#include "pool/text_embedder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "model/model_file.h"
#include "pool/pooling.h"
#include "simd/row_kernels.h"

namespace simile {
namespace {

// Tokens of one forward pass: enough rows for the products to run at full speed,
// few enough for the activations to stay in a second-level cache.
constexpr size_t kBatchTokens = 256;

// How far an f32 golden vector may be off: other orders of addition, no more.
constexpr float kGoldenTolerance = 1e-4f;

Status FinishVector(size_t D, bool normalize, float* vector) {
  if (normalize) NormalizeL2(D, vector);
  if (AllFinite(vector, D)) return Status();
  return BadModel("the model's weights give a vector that is not finite");
}

}  // namespace

Status TextEmbedder::OnHeader(const SafetensorsHeader& header) {
  SIMILE_ASSIGN_OR_RETURN(config_, ReadModelConfig(header));
  specs_ = BertTensorSpecs(config_);
  SIMILE_RETURN_IF_ERROR(CheckTensors(header, specs_));
  SIMILE_ASSIGN_OR_RETURN(encoder_, BertEncoder::Create(config_));
  return Status();
}

Status TextEmbedder::OnTensor(const TensorInfo& tensor, Buffer<uint8_t> data) {
  const auto spec = std::find_if(specs_.begin(), specs_.end(), [&](const BertTensorSpec& s) {
    return s.name == tensor.name;
  });
  if (spec == specs_.end()) return InternalError("tensor '" + tensor.name + "' came unchecked");
  if (spec->role == BertRole::kTokenizerVocab) {
    SIMILE_ASSIGN_OR_RETURN(tokenizer_, MakeWordPiece(std::move(data), config_.tokenizer));
    if (tokenizer_->vocab_size() == config_.bert.vocab_size) return Status();
    return BadModel("tensor 'tokenizer.vocab': expected " +
                    std::to_string(config_.bert.vocab_size) + " tokens, found " +
                    std::to_string(tokenizer_->vocab_size()));
  }
  if (spec->role == BertRole::kGoldenVectors) {
    SIMILE_RETURN_IF_ERROR(golden_.Resize(data.size() / sizeof(float)));
    if (!data.empty()) std::memcpy(golden_.data(), data.data(), golden_.size_bytes());
    return Status();
  }
  return encoder_->SetTensor(*spec, std::move(data));
}

Status TextEmbedder::OnEnd() {
  SIMILE_RETURN_IF_ERROR(encoder_->Finish());
  specs_.clear();
  loaded_ = true;
  if (!check_golden_) return Status();
  Status verified = VerifyGolden();
  loaded_ = verified.ok();
  return verified;
}

Status TextEmbedder::VerifyGolden() {
  const std::vector<std::string>& golden = config_.golden_texts;
  if (golden.empty()) return BadModel("the file has no golden texts to verify");
  const std::vector<std::string_view> texts(golden.begin(), golden.end());
  Buffer<float> vectors;
  SIMILE_RETURN_IF_ERROR(vectors.Resize(golden.size() * config_.dims()));
  SIMILE_RETURN_IF_ERROR(
      Embed(texts.data(), texts.size(), config_.normalize, vectors.data(), nullptr));
  const bool is_int8 = config_.precision == WeightPrecision::kInt8;
  for (size_t i = 0; i < vectors.size(); ++i) {
    // Int8 vectors are equal bit for bit, everywhere (src/README.md).
    const bool same = is_int8 ? std::memcmp(&vectors[i], &golden_[i], sizeof(float)) == 0
                              : std::fabs(vectors[i] - golden_[i]) <= kGoldenTolerance;
    if (!same) {
      return IntegrityError("golden text " + std::to_string(i / config_.dims()) +
                            ": the vector computed here differs from the file's at dimension " +
                            std::to_string(i % config_.dims()) +
                            "; the file is damaged, or was made by another version of Simile: "
                            "convert it again");
    }
  }
  golden_.Free();
  return Status();
}

size_t TextEmbedder::memory_bytes() const {
  size_t total = tokens_.capacity() * sizeof(Token) + ids_.capacity() * sizeof(uint32_t) +
                 offsets_.capacity() * sizeof(uint32_t);
  if (encoder_ != nullptr) total += encoder_->weight_bytes() + encoder_->arena_bytes();
  return total;
}

Result<size_t> TextEmbedder::EmbedSome(const std::string_view* texts, size_t count,
                                       size_t token_budget, bool normalize, float* out,
                                       TextUsage* usage, LongText* long_text) {
  if (!loaded_) return InvalidArgument("the model is not loaded");
  size_t done = 0;
  size_t tokens = 0;
  while (done < count && (tokens == 0 || tokens < token_budget)) {
    Result<size_t> batch = EmbedBatch(texts + done, count - done, normalize,
                                      out + done * config_.dims(),
                                      usage == nullptr ? nullptr : usage + done, nullptr,
                                      long_text);
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
                           float* out, TextUsage* usage, ActivationObserver* observer) {
  if (!loaded_) return InvalidArgument("the model is not loaded");
  for (size_t done = 0; done < count;) {
    SIMILE_ASSIGN_OR_RETURN(
        const size_t batch,
        EmbedBatch(texts + done, count - done, normalize, out + done * config_.dims(),
                   usage == nullptr ? nullptr : usage + done, observer, nullptr));
    done += batch;
  }
  return Status();
}

Result<size_t> TextEmbedder::Tokenize(std::string_view text, size_t max_tokens, Token* tokens,
                                      size_t capacity) {
  if (!loaded_) return InvalidArgument("the model is not loaded");
  if (max_tokens == 1) return InvalidArgument("maxTokens: expected at least 2, got 1");
  tokens_.Clear();
  SIMILE_ASSIGN_OR_RETURN(
      [[maybe_unused]] const TokenizeResult result,
      tokenizer_->Tokenize(text, max_tokens == 0 ? config_.max_tokens : max_tokens, &tokens_));
  if (tokens_.size() > capacity) {
    return InvalidArgument("the text has " + std::to_string(tokens_.size()) +
                           " tokens, there is room for " + std::to_string(capacity));
  }
  std::copy(tokens_.begin(), tokens_.end(), tokens);
  return tokens_.size();
}

Status TextEmbedder::CountTokens(const std::string_view* texts, size_t count,
                                 uint32_t* counts) {
  if (!loaded_) return InvalidArgument("the model is not loaded");
  for (size_t i = 0; i < count; ++i) {
    tokens_.Clear();
    SIMILE_ASSIGN_OR_RETURN(const TokenizeResult result,
                            tokenizer_->Tokenize(texts[i], config_.max_tokens, &tokens_));
    counts[i] = static_cast<uint32_t>(result.full_count);
  }
  return Status();
}

Status TextEmbedder::GatherBatch(const std::string_view* texts, size_t count,
                                 TextUsage* usage, LongText* long_text) {
  ids_.Clear();
  offsets_.Clear();
  SIMILE_RETURN_IF_ERROR(offsets_.Append(0));
  for (size_t i = 0; i < count && ids_.size() < kBatchTokens; ++i) {
    tokens_.Clear();
    SIMILE_ASSIGN_OR_RETURN(const TokenizeResult result,
                            tokenizer_->Tokenize(texts[i], config_.max_tokens, &tokens_));
    if (result.truncated && long_text != nullptr) {
      if (i > 0) return Status();
      tokens_.Clear();
      SIMILE_RETURN_IF_ERROR(
          tokenizer_->Tokenize(texts[i], SIZE_MAX, &tokens_).status());
      return long_text->Start(tokens_, config_.max_tokens, config_.dims());
    }
    for (const Token& token : tokens_) SIMILE_RETURN_IF_ERROR(ids_.Append(token.id));
    SIMILE_RETURN_IF_ERROR(offsets_.Append(static_cast<uint32_t>(ids_.size())));
    if (usage != nullptr) {
      usage[i] = {static_cast<uint32_t>(tokens_.size()),
                  static_cast<uint32_t>(result.full_count)};
    }
  }
  return Status();
}

Result<size_t> TextEmbedder::EmbedBatch(const std::string_view* texts, size_t count,
                                        bool normalize, float* out, TextUsage* usage,
                                        ActivationObserver* observer, LongText* long_text) {
  if (long_text == nullptr || !long_text->is_open()) {
    SIMILE_RETURN_IF_ERROR(GatherBatch(texts, count, usage, long_text));
  }
  if (long_text != nullptr && long_text->is_open()) {
    return EmbedPieces(long_text, normalize, out, usage);
  }
  SIMILE_ASSIGN_OR_RETURN(const float* hidden, Encode(observer));
  const size_t B = offsets_.size() - 1;
  for (size_t b = 0; b < B; ++b) {
    float* vector = out + b * config_.dims();
    PoolSequence(hidden, b, vector);
    SIMILE_RETURN_IF_ERROR(FinishVector(config_.dims(), normalize, vector));
  }
  return B;
}

Result<size_t> TextEmbedder::EmbedPieces(LongText* long_text, bool normalize, float* out,
                                         TextUsage* usage) {
  ids_.Clear();
  offsets_.Clear();
  SIMILE_RETURN_IF_ERROR(offsets_.Append(0));
  while (long_text->is_open() && ids_.size() < kBatchTokens) {
    SIMILE_RETURN_IF_ERROR(long_text->NextPiece(&ids_));
    SIMILE_RETURN_IF_ERROR(offsets_.Append(static_cast<uint32_t>(ids_.size())));
  }
  SIMILE_ASSIGN_OR_RETURN(const float* hidden, Encode(nullptr));
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
  SIMILE_RETURN_IF_ERROR(FinishVector(config_.dims(), normalize, out));
  return 1;
}

Result<const float*> TextEmbedder::Encode(ActivationObserver* observer) {
  const float* hidden = nullptr;
  SIMILE_RETURN_IF_ERROR(encoder_->Encode(*pool_, ids_.data(), offsets_.data(),
                                          offsets_.size() - 1, &hidden, observer));
  return hidden;
}

void TextEmbedder::PoolSequence(const float* hidden, size_t b, float* out) const {
  const size_t D = config_.dims();
  Pool(config_.pooling, hidden + offsets_[b] * D, offsets_[b + 1] - offsets_[b], D, out);
}

}  // namespace simile
