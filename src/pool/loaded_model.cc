// SPDX-License-Identifier: Apache-2.0
#include "pool/loaded_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "model/model_file.h"
#include "text/make_tokenizer.h"

namespace simile {
namespace {

// How far an f32 golden vector may be off: other orders of addition, no more.
constexpr float kGoldenTolerance = 1e-4f;

}  // namespace

Status LoadedModel::OnHeader(const SafetensorsHeader& header) {
  SIMILE_ASSIGN_OR_RETURN(config_, ReadModelConfig(header));
  specs_ = ModelTensorSpecs(config_);
  SIMILE_RETURN_IF_ERROR(CheckTensors(header, specs_));
  SIMILE_ASSIGN_OR_RETURN(encoder_, Encoder::Create(config_));
  return output_layers_.Create(config_);
}

Status LoadedModel::OnTensor(const TensorInfo& tensor, Buffer<uint8_t> data) {
  const auto spec = std::find_if(specs_.begin(), specs_.end(), [&](const TensorSpec& s) {
    return s.name == tensor.name;
  });
  if (spec == specs_.end()) return InternalError("tensor '" + tensor.name + "' came unchecked");
  if (spec->role == TensorRole::kTokenizer) return SetTokenizer(*spec, std::move(data));
  if (spec->role == TensorRole::kGoldenVectors) {
    SIMILE_RETURN_IF_ERROR(golden_.Resize(data.size() / sizeof(float)));
    if (!data.empty()) std::memcpy(golden_.data(), data.data(), golden_.size_bytes());
    return Status();
  }
  if (OutputLayers::Owns(spec->role)) return output_layers_.SetTensor(*spec, std::move(data));
  return encoder_->SetTensor(*spec, std::move(data));
}

Status LoadedModel::SetTokenizer(const TensorSpec& spec, Buffer<uint8_t> data) {
  SIMILE_ASSIGN_OR_RETURN(tokenizer_, MakeTokenizer(config_.tokenizer, std::move(data)));
  // The table may have rows that no token has: it is padded to a round number.
  const size_t rows = config_.encoder.vocab_size;
  if (tokenizer_->vocab_size() <= rows) return FindSurroundingTokens();
  return BadModel("tensor '" + spec.name + "': expected at most " + std::to_string(rows) +
                  " tokens, as many as there are word embeddings, found " +
                  std::to_string(tokenizer_->vocab_size()));
}

// What two texts begin and end with alike, of which one is empty.
Status LoadedModel::FindSurroundingTokens() {
  Buffer<Token> empty, letter;
  SIMILE_RETURN_IF_ERROR(tokenizer_->Tokenize("", SIZE_MAX, &empty).status());
  SIMILE_RETURN_IF_ERROR(tokenizer_->Tokenize("a", SIZE_MAX, &letter).status());
  size_t before = 0;
  while (before < empty.size() && before < letter.size() &&
         empty[before].id == letter[before].id) {
    ++before;
  }
  surrounding_ = SurroundingTokens();
  for (size_t i = 0; i < empty.size(); ++i) {
    Buffer<uint32_t>& side = i < before ? surrounding_.before : surrounding_.after;
    SIMILE_RETURN_IF_ERROR(side.Append(empty[i].id));
  }
  if (config_.max_tokens > surrounding_.count()) return Status();
  return BadModel("max_tokens: expected more than the " + std::to_string(surrounding_.count()) +
                  " special tokens of every text, found " + std::to_string(config_.max_tokens));
}

Status LoadedModel::OnEnd() {
  SIMILE_RETURN_IF_ERROR(encoder_->Finish());
  specs_.clear();
  loaded_ = true;
  if (golden_to_verify_ == 0) return Status();
  Status verified = VerifyGolden();
  loaded_ = verified.ok();
  return verified;
}

Status LoadedModel::VerifyGolden() {
  if (config_.golden_texts.empty()) return BadModel("the file has no golden texts to verify");
  const size_t count = std::min(config_.golden_texts.size(), golden_to_verify_);
  const size_t columns = config_.golden_dims();
  Buffer<float> found;
  SIMILE_RETURN_IF_ERROR(found.Resize(count * columns));
  SIMILE_RETURN_IF_ERROR(ComputeGolden(count, found.data()));
  const bool is_int8 = config_.precision == WeightPrecision::kInt8;
  for (size_t i = 0; i < found.size(); ++i) {
    // Int8 vectors are equal bit for bit, everywhere (src/README.md).
    const bool same = is_int8 ? std::memcmp(&found[i], &golden_[i], sizeof(float)) == 0
                              : std::fabs(found[i] - golden_[i]) <= kGoldenTolerance;
    if (!same) {
      return IntegrityError("golden text " + std::to_string(i / columns) +
                            ": the vector computed here differs from the file's at dimension " +
                            std::to_string(i % columns) +
                            "; the file is damaged, or was made by another version of Simile: "
                            "convert it again");
    }
  }
  golden_.Free();
  return Status();
}

size_t LoadedModel::memory_bytes() const {
  if (encoder_ == nullptr) return 0;
  return encoder_->weight_bytes() + encoder_->arena_bytes() + output_layers_.memory_bytes();
}

Status LoadedModel::CheckUse(bool as_cross_encoder) const {
  if (!loaded_) return InvalidArgument("the model is not loaded");
  if (as_cross_encoder == is_cross_encoder()) return Status();
  const std::string name = config_.name.empty() ? "the model" : "'" + config_.name + "'";
  return InvalidArgument(name + " " +
                         (as_cross_encoder
                              ? "is no cross-encoder: it has no classifier, and embeds texts"
                              : "is a cross-encoder: it scores pairs of texts, and embeds none"));
}

Result<const float*> LoadedModel::Encode(const EncoderInput& input) {
  const float* hidden = nullptr;
  SIMILE_RETURN_IF_ERROR(encoder_->Encode(*pool_, input, &hidden, observer_));
  return hidden;
}

Status LoadedModel::CountTokens(const std::string_view* texts, size_t count,
                                uint32_t* counts) {
  if (!loaded_) return InvalidArgument("the model is not loaded");
  Buffer<Token> tokens;
  for (size_t i = 0; i < count; ++i) {
    tokens.Clear();
    SIMILE_ASSIGN_OR_RETURN(const TokenizeResult result,
                            tokenizer_->Tokenize(texts[i], config_.max_tokens, &tokens));
    counts[i] = static_cast<uint32_t>(result.full_count);
  }
  return Status();
}

Result<size_t> LoadedModel::Tokenize(std::string_view text, size_t max_tokens, Token* tokens,
                                     size_t capacity) {
  if (!loaded_) return InvalidArgument("the model is not loaded");
  if (max_tokens == 1) return InvalidArgument("maxTokens: expected at least 2, got 1");
  Buffer<Token> all;
  SIMILE_RETURN_IF_ERROR(
      tokenizer_->Tokenize(text, max_tokens == 0 ? config_.max_tokens : max_tokens, &all)
          .status());
  if (all.size() <= capacity) std::copy(all.begin(), all.end(), tokens);
  return all.size();
}

}  // namespace simile
