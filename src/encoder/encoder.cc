// SPDX-License-Identifier: Apache-2.0
#include "encoder/encoder.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/arena.h"
#include "encoder/attention_block.h"
#include "encoder/encoder_weights.h"
#include "encoder/forward_pass.h"
#include "encoder/workspace.h"
#include "products/parallel_plan.h"

namespace simile {
namespace {

class EncoderImpl final : public Encoder {
 public:
  Status Init(const ModelConfig& config) {
    SIMILE_ASSIGN_OR_RETURN(serial_, ThreadPool::Create(1));
    SIMILE_RETURN_IF_ERROR(weights_.Init(config));
    attention_.Init();
    return Status();
  }

  Status SetTensor(const TensorSpec& spec, Buffer<uint8_t> data) override {
    return weights_.SetTensor(spec, std::move(data));
  }
  Status Finish() override { return weights_.Finish(); }

  Status Encode(ThreadPool& pool, const EncoderInput& input, const float** hidden,
                ActivationObserver* observer) override;

  size_t weight_bytes() const override { return weights_.size_bytes(); }
  size_t arena_bytes() const override { return arena_.size_bytes() + attention_.size_bytes(); }

 private:
  Status CheckInput(const EncoderInput& input) const;
  Status CheckTypes(const EncoderInput& input) const;

  EncoderWeights weights_;
  AttentionBlock attention_{weights_};
  std::unique_ptr<ThreadPool> serial_;
  ParallelPlan plan_;
  Arena arena_;
};

size_t LongestText(const EncoderInput& input) {
  size_t longest = 0;
  for (size_t b = 0; b < input.B; ++b) {
    longest = std::max<size_t>(longest, input.offsets[b + 1] - input.offsets[b]);
  }
  return longest;
}

Status EncoderImpl::CheckInput(const EncoderInput& input) const {
  const EncoderConfig& shape = weights_.shape();
  if (input.B == 0) return InvalidArgument("a batch without texts");
  for (size_t b = 0; b < input.B; ++b) {
    const uint32_t first = input.offsets[b], end = input.offsets[b + 1];
    if (first >= end || end - first > shape.max_positions) {
      return InvalidArgument("text " + std::to_string(b) + ": expected 1 to " +
                             std::to_string(shape.max_positions) + " tokens");
    }
  }
  for (size_t t = 0; t < input.offsets[input.B]; ++t) {
    if (input.ids[t] >= shape.vocab_size) {
      return InvalidArgument("token id " + std::to_string(input.ids[t]) +
                             ": expected less than " + std::to_string(shape.vocab_size));
    }
  }
  return CheckTypes(input);
}

Status EncoderImpl::CheckTypes(const EncoderInput& input) const {
  if (input.types == nullptr) return Status();
  const uint32_t types = std::max<uint32_t>(1, weights_.shape().type_vocab_size);
  for (size_t t = 0; t < input.offsets[input.B]; ++t) {
    if (input.types[t] >= types) {
      return InvalidArgument("token type " + std::to_string(input.types[t]) +
                             ": expected less than " + std::to_string(types));
    }
  }
  return Status();
}

Status EncoderImpl::Encode(ThreadPool& pool, const EncoderInput& input, const float** hidden,
                           ActivationObserver* observer) {
  SIMILE_RETURN_IF_ERROR(CheckInput(input));
  const size_t T = input.offsets[input.B];
  const size_t longest = LongestText(input);
  const bool threads = pool.threads() > 1 && plan_.UsesThreads(T);
  ThreadPool& used = threads ? pool : *serial_;
  SIMILE_RETURN_IF_ERROR(attention_.Prepare(longest));
  const size_t scratch = attention_.ScratchBytes(longest);
  SIMILE_ASSIGN_OR_RETURN(const Workspace work,
                          Workspace::Plan(weights_, T, used.threads() * scratch,
                                          observer != nullptr, &arena_));
  ForwardPass pass(weights_, attention_, work, scratch, used, input, observer);
  const auto began = std::chrono::steady_clock::now();
  SIMILE_RETURN_IF_ERROR(pass.Run());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  plan_.Record(T, threads, took.count());
  *hidden = pass.hidden();
  return Status();
}

}  // namespace

Result<std::unique_ptr<Encoder>> Encoder::Create(const ModelConfig& config) {
  auto encoder = std::make_unique<EncoderImpl>();
  SIMILE_RETURN_IF_ERROR(encoder->Init(config));
  return std::unique_ptr<Encoder>(std::move(encoder));
}

}  // namespace simile
