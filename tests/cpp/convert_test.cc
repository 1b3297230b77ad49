// SPDX-License-Identifier: Apache-2.0
// The converter as a whole, on a tiny checkpoint: what goes in, in every form
// that the Hub has, comes out as a file that loads, and what is wrong is named.
#include "convert/converter.h"

#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "conversion.h"
#include "gtest/gtest.h"
#include "tiny_checkpoint.h"

namespace simile {
namespace {

TEST(ConverterTest, TheFileLoadsAndSaysWhatItIs) {
  Conversion conversion;
  conversion.options.source = "example/tiny";
  conversion.options.license = "mit";
  const Loaded loaded(MustConvert(conversion));
  const ModelConfig& config = loaded.embedder.config();
  EXPECT_EQ(config.name, "tiny");
  EXPECT_EQ(config.source, "example/tiny");
  EXPECT_EQ(config.license, "mit");
  EXPECT_EQ(config.calibration, "none");
  EXPECT_FALSE(config.smoothed);
  EXPECT_EQ(config.max_tokens, TinyCheckpoint::kPositions);
  EXPECT_EQ(config.golden_texts.size(), 5u);
  EXPECT_EQ(config.vector_space.size(), 16u);
  Sha256 hash;
  hash.Update(conversion.weights.data(), conversion.weights.size());
  EXPECT_EQ(config.source_sha256, hash.Hex());
}

TEST(ConverterTest, TypeEmbeddingsStayWhatTheyWere) {
  const std::string name = "embeddings.token_type_embeddings.weight";
  TinyCheckpoint checkpoint;
  const std::vector<float>& types = checkpoint.Find(name).values;
  const std::string_view bytes(reinterpret_cast<const char*>(types.data()),
                               types.size() * sizeof(float));
  for (const Conversion& conversion : {Conversion(), Calibrated(false)}) {
    const std::string file = MustConvert(conversion);
    EXPECT_TRUE(Loaded(file).embedder.config().f32_type_embeddings);
    EXPECT_EQ(file.find(name + "_scale"), std::string::npos);
    EXPECT_NE(file.find(bytes), std::string::npos);
  }
}

// Of 8,192 channels between a layer's MLP products one stands out far.
Conversion WithMassiveActivations(Conversion conversion) {
  constexpr uint32_t kWide = 8192, kMassive = 4711;
  TinyCheckpoint checkpoint;
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 0.3f);
  for (uint32_t layer = 0; layer < TinyCheckpoint::kLayers; ++layer) {
    const std::string prefix = "encoder.layer." + std::to_string(layer) + ".";
    TinyTensor& up = checkpoint.Find(prefix + "intermediate.dense.weight");
    TinyTensor& bias = checkpoint.Find(prefix + "intermediate.dense.bias");
    TinyTensor& down = checkpoint.Find(prefix + "output.dense.weight");
    up.info.shape[0] = bias.info.shape[0] = down.info.shape[1] = kWide;
    for (TinyTensor* tensor : {&up, &bias, &down}) {
      tensor->values.resize(kWide * (tensor == &bias ? 1 : TinyCheckpoint::kHidden));
      for (float& value : tensor->values) value = normal(random);
    }
    bias.values[kMassive] = 2000;
  }
  conversion.weights = checkpoint.Weights();
  const std::string narrow = R"("intermediate_size": 64)";
  conversion.config.replace(conversion.config.find(narrow), narrow.size(),
                            R"("intermediate_size": 8192)");
  return conversion;
}

TEST(ConverterTest, InputsThatEightBitsAreTooCoarseForAreInTwoParts) {
  const std::string f32 = MustConvert(WithMassiveActivations(F32()));
  EXPECT_TRUE(Loaded(f32).embedder.config().two_part_inputs.empty());
  for (const Conversion& conversion : {Conversion(), Calibrated(true)}) {
    const std::string file = MustConvert(WithMassiveActivations(conversion));
    const Loaded loaded(file);
    const std::vector<LayerInput>& inputs = loaded.embedder.config().two_part_inputs;
    ASSERT_EQ(inputs.size(), 2u);
    for (uint32_t layer = 0; layer < 2; ++layer) {
      EXPECT_EQ(inputs[layer].input, ProductInput::kOutput);
      EXPECT_EQ(inputs[layer].layer, layer);
    }
    EXPECT_GT(MinCosine(f32, file), 0.99f);
  }
}

TEST(ConverterTest, AModelThatIsNearEnoughHasNoInputsInTwoParts) {
  for (const Conversion& conversion : {Conversion(), Calibrated(false), Calibrated(true)}) {
    EXPECT_EQ(MustConvert(conversion).find("two_part_inputs"), std::string::npos);
  }
}

TEST(ConverterTest, SaysWhichCalibrationWasDone) {
  const Loaded smooth(MustConvert(Calibrated(false)));
  EXPECT_EQ(smooth.embedder.config().calibration, "smoothquant");
  EXPECT_TRUE(smooth.embedder.config().smoothed);
  const Loaded gptq(MustConvert(Calibrated(true)));
  EXPECT_EQ(gptq.embedder.config().calibration, "smoothquant+gptq");
}

TEST(ConverterTest, Int8StaysCloseToF32WithAndWithoutCalibration) {
  const std::string f32 = MustConvert(F32());
  EXPECT_GT(MinCosine(f32, MustConvert(Conversion())), 0.99f);
  EXPECT_GT(MinCosine(f32, MustConvert(Calibrated(false))), 0.99f);
  EXPECT_GT(MinCosine(f32, MustConvert(Calibrated(true))), 0.99f);
}

TEST(ConverterTest, F32KeepsTheWeightsAndIgnoresCalibration) {
  Conversion calibrated = F32();
  calibrated.calibration = CalibrationFor(true);
  const std::string file = MustConvert(F32());
  EXPECT_EQ(MustConvert(calibrated), file);
  EXPECT_EQ(Loaded(file).embedder.config().calibration, "none");
}

TEST(ConverterTest, TheFileIsTheSameForAnyChunksAndThreads) {
  for (const bool gptq : {false, true}) {
    const std::string file = MustConvert(Calibrated(gptq));
    Conversion other = Calibrated(gptq);
    other.chunk = 1013;
    other.threads = 3;
    EXPECT_EQ(MustConvert(other), file);
  }
}

TEST(ConverterTest, ReadsF16AndBF16AsTheValuesTheyAre) {
  for (const DType dtype : {DType::kF16, DType::kBF16}) {
    Conversion half = F32();
    half.weights = TinyCheckpoint().Weights(dtype);
    // Cut to 10 (7) bits of fraction.
    EXPECT_GT(MinCosine(MustConvert(F32()), MustConvert(half)), 0.999f);
  }
}

TEST(ConverterTest, SeesThroughPrefixesAndOldNames) {
  const std::string expected = MustConvert(Conversion());
  for (const std::string prefix : {"bert.", "model.", "0.auto_model.", "roberta."}) {
    TinyCheckpoint checkpoint;
    for (TinyTensor& tensor : checkpoint.tensors) {
      std::string& name = tensor.info.name;
      name = prefix + name;
      if (name.ends_with("LayerNorm.weight")) name.replace(name.size() - 6, 6, "gamma");
      if (name.ends_with("LayerNorm.bias")) name.replace(name.size() - 4, 4, "beta");
    }
    Conversion conversion;
    conversion.weights = checkpoint.Weights();
    const Loaded loaded(MustConvert(conversion));
    EXPECT_EQ(loaded.embedder.config().vector_space,
              Loaded(expected).embedder.config().vector_space);
  }
}

TEST(ConverterTest, AnotherWeightIsAnotherVectorSpaceAnotherNameIsNot) {
  const std::string file = MustConvert(Conversion());
  Conversion named;
  named.options.name = "other";
  EXPECT_EQ(Loaded(MustConvert(named)).embedder.config().vector_space,
            Loaded(file).embedder.config().vector_space);
  TinyCheckpoint checkpoint;
  checkpoint.Find("encoder.layer.1.output.dense.bias").values[3] += 1;
  Conversion changed;
  changed.weights = checkpoint.Weights();
  EXPECT_NE(Loaded(MustConvert(changed)).embedder.config().vector_space,
            Loaded(file).embedder.config().vector_space);
}

TEST(ConverterTest, NaNAndInfinityAreRefusedByName) {
  const std::string name = "encoder.layer.0.intermediate.dense.weight";
  for (const float value : {std::numeric_limits<float>::quiet_NaN(),
                            -std::numeric_limits<float>::infinity()}) {
    TinyCheckpoint checkpoint;
    checkpoint.Find(name).values[77] = value;
    for (const DType dtype : {DType::kF32, DType::kBF16}) {
      Conversion conversion;
      conversion.weights = checkpoint.Weights(dtype);
      ExpectNamed(Refusal(conversion), {name, "NaN"});
    }
  }
}

TEST(ConverterTest, WeightsSoLargeThatTheModelOverflowsAreRefused) {
  for (const bool gptq : {false, true}) {
    TinyCheckpoint checkpoint;
    for (float& value : checkpoint.Find("encoder.layer.0.intermediate.dense.weight").values) {
      value *= 1e38f;
    }
    for (Conversion conversion : {Conversion(), Calibrated(gptq)}) {
      conversion.weights = checkpoint.Weights();
      Refusal(conversion);
    }
  }
}

TEST(ConverterTest, NaNInATensorThatIsNotUsedIsPassedOver) {
  TinyCheckpoint checkpoint;
  checkpoint.Find("pooler.dense.bias").values[0] = std::numeric_limits<float>::quiet_NaN();
  Conversion conversion;
  conversion.weights = checkpoint.Weights();
  MustConvert(conversion);
}

TEST(ConverterTest, AMissingTensorIsNamed) {
  TinyCheckpoint checkpoint;
  const std::string name = "encoder.layer.1.attention.self.key.bias";
  std::erase_if(checkpoint.tensors,
                [&](const TinyTensor& tensor) { return tensor.info.name == name; });
  Conversion conversion;
  conversion.weights = checkpoint.Weights();
  ExpectNamed(Refusal(conversion), {name, "[32]"});
}

TEST(ConverterTest, AMisshapenTensorIsNamedWithBothShapes) {
  TinyCheckpoint checkpoint;
  const std::string name = "encoder.layer.0.attention.self.query.weight";
  checkpoint.Find(name).info.shape = {16, 64};
  Conversion conversion;
  conversion.weights = checkpoint.Weights();
  ExpectNamed(Refusal(conversion), {name, "[32, 32]", "[16, 64]"});
}

TEST(ConverterTest, ATruncatedCheckpointIsRefused) {
  Conversion conversion;
  conversion.weights.resize(conversion.weights.size() - 100);
  Refusal(conversion);
}

TEST(ConverterTest, TooFewCalibrationTextsAreRefused) {
  Conversion conversion;
  conversion.calibration = "one\n\n  \ntwo\n";
  ExpectNamed(Refusal(conversion, StatusCode::kInvalidArgument), {"16", "2"});
}

TEST(ConverterTest, CallsOutOfOrderAreErrors) {
  const auto pool = Threads(1);
  const auto converter = Converter::Create(pool.get(), ConvertOptions());
  uint8_t byte;
  EXPECT_EQ(converter->Step().status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(converter->ReadOutput(0, 1, &byte).code(), StatusCode::kInvalidArgument);
  const auto late = Converter::Create(pool.get(), ConvertOptions());
  ASSERT_TRUE(AddFiles(late.get()).ok());
  ASSERT_TRUE(late->Start().ok());
  EXPECT_EQ(late->AddFile("README.md", Buffer<uint8_t>()).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(late->Start().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(late->Step().status().code(), StatusCode::kInvalidArgument);
}

TEST(ConverterTest, OutputIsReadInAnyPiecesAndOnlyWithinItsRange) {
  const auto pool = Threads(1);
  const auto converter = Converter::Create(pool.get(), ConvertOptions());
  ASSERT_TRUE(AddFiles(converter.get()).ok());
  ASSERT_TRUE(converter->Start().ok());
  ASSERT_TRUE(StreamInto(TinyCheckpoint().Weights(), 4096, converter->sink()).ok());
  for (Result<bool> more = true; more.ok() && more.value();) more = converter->Step();
  const uint64_t size = converter->output_bytes();
  std::vector<uint8_t> whole(size), pieces(size);
  ASSERT_TRUE(converter->ReadOutput(0, size, whole.data()).ok());
  for (uint64_t at = 0; at < size; at += 37) {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(37, size - at));
    ASSERT_TRUE(converter->ReadOutput(at, count, pieces.data() + at).ok());
  }
  EXPECT_EQ(whole, pieces);
  EXPECT_TRUE(converter->ReadOutput(size, 0, whole.data()).ok());
  EXPECT_EQ(converter->ReadOutput(size, 1, whole.data()).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(converter->ReadOutput(UINT64_MAX, 2, whole.data()).code(),
            StatusCode::kInvalidArgument);
}

TEST(ConverterTest, EveryFailedAllocationIsAnErrorAndTheNextConversionWorks) {
  Conversion conversion = Calibrated(true);
  const std::string expected = MustConvert(conversion);
  size_t failures = 0;
  for (int countdown = 0; countdown < 100000; countdown += 1 + countdown / 20) {
    conversion.fail_after = countdown;
    const Result<std::string> file = Convert(conversion);
    FailAllocationForTest(-1);
    if (file.ok()) break;
    ++failures;
    EXPECT_EQ(file.status().code(), StatusCode::kOutOfMemory) << file.status().message();
  }
  EXPECT_GT(failures, 50u);
  conversion.fail_after = -1;
  EXPECT_EQ(MustConvert(conversion), expected);
}

}  // namespace
}  // namespace simile
