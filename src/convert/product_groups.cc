// SPDX-License-Identifier: Apache-2.0
#include "convert/product_groups.h"

#include <algorithm>
#include <cstdint>

namespace simile {

std::vector<ProductGroup> ProductGroups(const ModelConfig& config) {
  const std::vector<TensorSpec> specs = ModelTensorSpecs(config);
  const auto has = [&](TensorRole role) {
    return std::any_of(specs.begin(), specs.end(),
                       [role](const TensorSpec& spec) { return spec.role == role; });
  };
  std::vector<ProductGroup> groups = {
      {ProductInput::kAttention,
       {TensorRole::kQuery, TensorRole::kKey, TensorRole::kValue, TensorRole::kQkv},
       TensorRole::kAttentionSmoothing},
      {ProductInput::kAttentionOutput,
       {TensorRole::kAttentionOutput},
       TensorRole::kAttentionOutputSmoothing},
      {ProductInput::kIntermediate,
       {TensorRole::kGate, TensorRole::kIntermediate, TensorRole::kGateUp},
       TensorRole::kIntermediateSmoothing},
      {ProductInput::kOutput, {TensorRole::kOutput}, TensorRole::kOutputSmoothing},
  };
  for (ProductGroup& group : groups) {
    std::erase_if(group.roles, [&](TensorRole role) { return !has(role); });
    if (!has(*group.smoothing)) group.smoothing.reset();
  }
  return groups;
}

size_t InputWidth(const EncoderConfig& shape, size_t layer, ProductInput input) {
  const uint32_t index = static_cast<uint32_t>(layer);
  switch (input) {
    case ProductInput::kAttention: return shape.input_size(index);
    case ProductInput::kAttentionOutput: return shape.layer_query_size(index);
    case ProductInput::kIntermediate: return shape.hidden_size;
    case ProductInput::kOutput: return shape.intermediate_size;
  }
  return 0;
}

bool SmoothsOutputs(const EncoderConfig& shape) {
  constexpr uint32_t kWide = 768;
  return shape.gated || shape.norm == Norm::kRmsNorm || shape.hidden_size >= kWide;
}

Alpha SmoothingAlpha(const EncoderConfig& shape) {
  return shape.causal ? Alpha::kFiveEighths : Alpha::kHalf;
}

}  // namespace simile
