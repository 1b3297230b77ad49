// SPDX-License-Identifier: Apache-2.0
#include "pool/cross_encoder.h"

#include <algorithm>
#include <string>

#include "simd/row_kernels.h"

namespace simile {

std::pair<size_t, size_t> CutLongestFirst(size_t first, size_t second, size_t max_tokens) {
  if (first + second <= max_tokens) return {first, second};
  size_t shorter = std::min(first, second);
  // What is left of the longer one beside the shorter one as it is.
  size_t longer = shorter > max_tokens ? shorter : std::max(shorter, max_tokens - shorter);
  if (shorter + longer > max_tokens) {
    shorter = max_tokens / 2;
    longer = shorter + max_tokens % 2;
  }
  return first > second ? std::pair(longer, shorter) : std::pair(shorter, longer);
}

Result<size_t> CrossEncoder::ScoreSome(std::string_view query,
                                       const std::string_view* documents, size_t count,
                                       size_t token_budget, float* scores, TextUsage* usage) {
  SIMILE_RETURN_IF_ERROR(model_->CheckUse(true));
  const size_t H = model_->config().encoder.hidden_size;
  const size_t labels = model_->config().classifier.labels;
  SIMILE_ASSIGN_OR_RETURN(const size_t query_tokens, Tokenize(query, &query_));
  size_t done = 0;
  size_t tokens = 0;
  while (done < count && (tokens == 0 || tokens < token_budget)) {
    SIMILE_RETURN_IF_ERROR(GatherBatch(query_tokens, documents + done, count - done,
                                       usage == nullptr ? nullptr : usage + done));
    const size_t B = offsets_.size() - 1;
    const bool has_types = model_->config().encoder.type_vocab_size > 1;
    SIMILE_ASSIGN_OR_RETURN(const float* hidden,
                            model_->Encode({ids_.data(), offsets_.data(), B,
                                            has_types ? types_.data() : nullptr}));
    for (size_t b = 0; b < B; ++b) {
      model_->output_layers().Classify(hidden + offsets_[b] * H, scores + (done + b) * labels);
    }
    if (!AllFinite(scores + done * labels, B * labels)) {
      return BadModel("the model's weights give a score that is not finite");
    }
    done += B;
    tokens += ids_.size();
  }
  return done;
}

Result<size_t> CrossEncoder::ScoreToRank(std::string_view query,
                                         const std::string_view* documents, size_t count,
                                         size_t token_budget, float* scores,
                                         TextUsage* usage) {
  const size_t labels = model_->config().classifier.labels;
  if (labels > 1) {
    return InvalidArgument("the model gives each pair " + std::to_string(labels) +
                           " scores; a ranking needs one");
  }
  return ScoreSome(query, documents, count, token_budget, scores, usage);
}

Result<size_t> CrossEncoder::Tokenize(std::string_view text, Buffer<Token>* tokens) const {
  tokens->Clear();
  SIMILE_ASSIGN_OR_RETURN(
      const TokenizeResult result,
      model_->tokenizer().Tokenize(text, model_->config().max_tokens, tokens));
  return result.full_count - model_->surrounding_tokens().count();
}

Status CrossEncoder::GatherBatch(size_t query_tokens, const std::string_view* documents,
                                 size_t count, TextUsage* usage) {
  ids_.Clear();
  types_.Clear();
  offsets_.Clear();
  SIMILE_RETURN_IF_ERROR(offsets_.Append(0));
  const SurroundingTokens& added = model_->surrounding_tokens();
  const size_t special = added.before.size() +
                         added.after.size() * (1 + model_->config().tokenizer.pair_separators);
  const size_t max_tokens = model_->config().max_tokens;
  if (max_tokens < special + 2) {
    return BadModel("max_tokens: " + std::to_string(max_tokens) + " leave no room for a pair");
  }
  for (size_t i = 0; i < count && ids_.size() < kBatchTokens; ++i) {
    SIMILE_ASSIGN_OR_RETURN(const size_t tokens, Tokenize(documents[i], &document_));
    const auto [from_query, from_document] =
        CutLongestFirst(query_tokens, tokens, max_tokens - special);
    SIMILE_RETURN_IF_ERROR(AppendPair(from_query, from_document));
    SIMILE_RETURN_IF_ERROR(offsets_.Append(static_cast<uint32_t>(ids_.size())));
    if (usage == nullptr) continue;
    usage[i] = {static_cast<uint32_t>(special + from_query + from_document),
                static_cast<uint32_t>(special + query_tokens + tokens)};
  }
  return Status();
}

// [CLS] query [SEP] document [SEP], where the types of the second half are 1; RoBERTa's
// kin have two separators between the texts, and one type.
Status CrossEncoder::AppendPair(size_t query_tokens, size_t document_tokens) {
  const SurroundingTokens& added = model_->surrounding_tokens();
  SIMILE_RETURN_IF_ERROR(AppendIds(added.before, 0));
  SIMILE_RETURN_IF_ERROR(AppendOwn(query_, query_tokens, 0));
  for (uint32_t i = 0; i < model_->config().tokenizer.pair_separators; ++i) {
    SIMILE_RETURN_IF_ERROR(AppendIds(added.after, 0));
  }
  SIMILE_RETURN_IF_ERROR(AppendOwn(document_, document_tokens, 1));
  return AppendIds(added.after, 1);
}

Status CrossEncoder::AppendIds(const Buffer<uint32_t>& ids, uint8_t type) {
  SIMILE_RETURN_IF_ERROR(ids_.Append(ids.data(), ids.size()));
  for (size_t i = 0; i < ids.size(); ++i) SIMILE_RETURN_IF_ERROR(types_.Append(type));
  return Status();
}

Status CrossEncoder::AppendOwn(const Buffer<Token>& tokens, size_t count, uint8_t type) {
  const size_t begin = model_->surrounding_tokens().before.size();
  for (size_t i = begin; i < begin + count; ++i) {
    SIMILE_RETURN_IF_ERROR(ids_.Append(tokens[i].id));
    SIMILE_RETURN_IF_ERROR(types_.Append(type));
  }
  return Status();
}

}  // namespace simile
