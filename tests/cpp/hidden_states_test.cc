// SPDX-License-Identifier: Apache-2.0
// The encoder on the real f32 checkpoint, layer by layer, against the reference
// (tests/golden/README.md). SIMILE_TEST_MODEL names the checkpoint's folder;
// tools/test.mjs sets it. Natively only: the module is tested whole in tests/js.
#ifndef __EMSCRIPTEN__

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "encoder/encoder.h"
#include "model/safetensors.h"

namespace simile {
namespace {

#include "../golden/hidden_states.inc"

constexpr size_t kTexts = 3, kDepths = 7, kTokens = 2, H = 384;

// A checkpoint's own names are the encoder's; what is not in the list (the
// pooler) is passed over.
class CheckpointSink : public TensorSink {
 public:
  CheckpointSink() {
    config.precision = WeightPrecision::kF32;
    config.encoder = {.hidden_size = H, .layers = 6, .heads = 12, .kv_heads = 12,
                   .head_size = 32, .intermediate_size = 1536,
                   .vocab_size = 30522, .max_positions = 512, .type_vocab_size = 2,
                   .layer_norm_eps = 1e-12, .embedding_size = H};
    specs_ = ModelTensorSpecs(config);
  }
  Status OnHeader(const SafetensorsHeader&) override {
    SIMILE_ASSIGN_OR_RETURN(encoder, Encoder::Create(config));
    return Status();
  }
  Status OnTensor(const TensorInfo& tensor, Buffer<uint8_t> data) override {
    for (const TensorSpec& spec : specs_) {
      if (spec.name == tensor.name) return encoder->SetTensor(spec, std::move(data));
    }
    return Status();
  }
  Status OnEnd() override { return encoder->Finish(); }

  ModelConfig config;
  std::unique_ptr<Encoder> encoder;

 private:
  std::vector<TensorSpec> specs_;
};

Status Load(const std::string& path, TensorSink* sink) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return InvalidArgument("cannot read " + path);
  SafetensorsStream stream(0, sink);
  while (stream.span_size() != 0) {
    file.read(reinterpret_cast<char*>(stream.span_data()),
              static_cast<std::streamsize>(stream.span_size()));
    if (file.gcount() == 0) break;
    SIMILE_RETURN_IF_ERROR(stream.Commit(static_cast<size_t>(file.gcount())));
  }
  return stream.Finish();
}

// Keeps what goes into each layer: the hidden states at its depth.
class LayerInputs : public ActivationObserver {
 public:
  Status Observe(int, ProductInput input, const float* rows, size_t T, size_t K) override {
    if (input == ProductInput::kAttention) depths.emplace_back(rows, rows + T * K);
    return Status();
  }
  std::vector<std::vector<float>> depths;
};

TEST(HiddenStates, EveryLayerOfTheRealModelMatchesTheReference) {
  const char* folder = std::getenv("SIMILE_TEST_MODEL");
  ASSERT_NE(folder, nullptr) << "SIMILE_TEST_MODEL must name the checkpoint's folder";
  CheckpointSink checkpoint;
  const Status loaded = Load(std::string(folder) + "/model.safetensors", &checkpoint);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  const auto pool = std::move(ThreadPool::Create(2).value());
  const float* hidden = nullptr;
  LayerInputs inputs;
  ASSERT_TRUE(checkpoint.encoder
                  ->Encode(*pool, {kGoldenIds, kGoldenOffsets, kTexts}, &hidden, &inputs)
                  .ok());
  inputs.depths.emplace_back(hidden, hidden + kGoldenOffsets[kTexts] * H);
  ASSERT_EQ(inputs.depths.size(), kDepths);
  double worst = 0;
  for (size_t i = 0; i < kTexts * kDepths * kTokens * H; ++i) {
    const size_t text = i / (kDepths * kTokens * H), depth = i / (kTokens * H) % kDepths;
    const size_t token = i / H % kTokens, h = i % H;
    const double expected = kGoldenStates[text][depth][token][h];
    const double actual = inputs.depths[depth][(kGoldenOffsets[text] + token) * H + h];
    // Six decimals, and roundings that grow with the value and by layer.
    const double error = std::fabs(actual - expected) / (1.0 + std::fabs(expected));
    worst = std::max(worst, error);
  }
  EXPECT_LT(worst, 1e-5);
}

}  // namespace
}  // namespace simile

#endif  // __EMSCRIPTEN__
