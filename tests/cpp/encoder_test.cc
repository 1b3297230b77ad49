// SPDX-License-Identifier: Apache-2.0
// The encoder against BERT written out in f64, on a small random model; and the
// rule that a text's bits never depend on its neighbours.
#include "encoder/encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "bert_in_f64.h"
#include "random.h"
#include "tiny_architectures.h"
#include "tiny_model.h"

namespace simile {
namespace {

std::unique_ptr<Encoder> MakeEncoder(const TinyModel& model) {
  auto encoder = std::move(Encoder::Create(model.config).value());
  for (const TensorSpec& spec : ModelTensorSpecs(model.config)) {
    if (!IsEncoderTensor(spec.role)) continue;
    const Status status = encoder->SetTensor(spec, model.Bytes(spec));
    EXPECT_TRUE(status.ok()) << status.message();
  }
  EXPECT_TRUE(encoder->Finish().ok());
  return encoder;
}

std::vector<std::vector<uint32_t>> Texts(const TinyModel& model) {
  Random random(11);
  std::vector<std::vector<uint32_t>> texts;
  for (size_t n : {1, 2, 3, 5, 9, 16, 20, 4, 31, 17}) {
    std::vector<uint32_t> ids(n);
    for (uint32_t& id : ids) id = static_cast<uint32_t>(random.Below(model.config.encoder.vocab_size));
    texts.push_back(ids);
  }
  return texts;
}

// Hidden states of all texts in one batch, text after text.
std::vector<float> Encode(Encoder& encoder, size_t threads,
                          const std::vector<std::vector<uint32_t>>& texts, size_t H) {
  const auto pool = std::move(ThreadPool::Create(threads).value());
  std::vector<uint32_t> ids, offsets = {0};
  for (const auto& text : texts) {
    ids.insert(ids.end(), text.begin(), text.end());
    offsets.push_back(static_cast<uint32_t>(ids.size()));
  }
  const float* hidden = nullptr;
  const Status status =
      encoder.Encode(*pool, {ids.data(), offsets.data(), texts.size()}, &hidden);
  EXPECT_TRUE(status.ok()) << status.message();
  return std::vector<float>(hidden, hidden + ids.size() * H);
}

TEST(Encoder, F32MatchesBertWrittenOut) {
  const TinyModel model = MakeTinyModel(WeightPrecision::kF32, 1);
  const auto encoder = MakeEncoder(model);
  const BertInF64 reference(model);
  for (const auto& ids : Texts(model)) {
    const std::vector<float> hidden = Encode(*encoder, 1, {ids}, model.config.dims());
    const DoubleRows expected = reference.Encode(ids);
    for (size_t i = 0; i < hidden.size(); ++i) {
      // Two layers of some 100 roundings of values about 1.
      EXPECT_NEAR(hidden[i], expected[i / model.config.dims()][i % model.config.dims()], 2e-5);
    }
  }
}

TEST(Encoder, TokenTypesChooseTheRowOfTheirTable) {
  const TinyModel model = MakeTinyModel(WeightPrecision::kF32, 9);
  const auto encoder = MakeEncoder(model);
  const auto pool = std::move(ThreadPool::Create(1).value());
  const std::vector<uint32_t> ids = {3, 1, 4, 1, 5, 9};
  const uint32_t offsets[2] = {0, 6};
  const uint8_t types[6] = {0, 0, 0, 1, 1, 1};
  const float* hidden = nullptr;
  ASSERT_TRUE(encoder->Encode(*pool, {ids.data(), offsets, 1, types}, &hidden).ok());
  const DoubleRows expected = BertInF64(model).Encode(ids, types);
  const size_t H = model.config.dims();
  for (size_t i = 0; i < ids.size() * H; ++i) {
    EXPECT_NEAR(hidden[i], expected[i / H][i % H], 2e-5);
  }
}

TEST(Encoder, Int8IsCloseToTheSameWeightsInF64) {
  for (bool smoothed : {false, true}) {
    const TinyModel model = MakeTinyModel(WeightPrecision::kInt8, 2, smoothed);
    const auto encoder = MakeEncoder(model);
    const BertInF64 reference(model);
    for (const auto& ids : Texts(model)) {
      const std::vector<float> hidden = Encode(*encoder, 1, {ids}, model.config.dims());
      const DoubleRows expected = reference.Encode(ids);
      double dot = 0, aa = 0, bb = 0;
      for (size_t i = 0; i < hidden.size(); ++i) {
        const double e = expected[i / model.config.dims()][i % model.config.dims()];
        dot += hidden[i] * e, aa += hidden[i] * hidden[i], bb += e * e;
      }
      EXPECT_GT(dot / std::sqrt(aa * bb), 0.999);
    }
  }
}

std::vector<LayerInput> AllInputs(const TinyModel& model) {
  std::vector<LayerInput> inputs;
  for (size_t input = 0; input < kProductInputs; ++input) {
    for (uint32_t layer = 0; layer < model.config.encoder.layers; ++layer) {
      inputs.push_back({static_cast<ProductInput>(input), layer});
    }
  }
  return inputs;
}

// |hidden - expected|^2 over all texts.
double SquaredError(const TinyModel& model) {
  const auto encoder = MakeEncoder(model);
  const BertInF64 reference(model);
  const size_t H = model.config.dims();
  double error = 0;
  for (const auto& ids : Texts(model)) {
    const std::vector<float> hidden = Encode(*encoder, 1, {ids}, H);
    const DoubleRows expected = reference.Encode(ids);
    for (size_t i = 0; i < hidden.size(); ++i) {
      const double e = hidden[i] - expected[i / H][i % H];
      error += e * e;
    }
  }
  return error;
}

TEST(Encoder, EveryInputInTwoPartsBringsInt8NearerToItsWeightsInF64) {
  for (bool smoothed : {false, true}) {
    TinyModel model = MakeTinyModel(WeightPrecision::kInt8, 2, smoothed);
    double error = SquaredError(model);
    const double plain = error;
    for (const LayerInput& at : AllInputs(model)) {
      model.config.two_part_inputs.push_back(at);
      const double with_one_more = SquaredError(model);
      EXPECT_LT(with_one_more, 1.1 * error);  // an error may have made up for another
      error = with_one_more;
    }
    EXPECT_LT(error, plain / 100);
  }
}

TEST(Encoder, Int8TakesTypeEmbeddingsInF32) {
  const std::string name = "embeddings.token_type_embeddings.weight";
  TinyModel model = MakeTinyModel(WeightPrecision::kInt8, 2);
  const std::vector<uint32_t> ids = Texts(model)[0];
  const std::vector<float> expected = Encode(*MakeEncoder(model), 1, {ids}, model.config.dims());
  const std::vector<float> types = model.Floats(name);
  model.tensors.erase(name + "_scale");
  model.tensors[name].resize(types.size() * sizeof(float));
  std::memcpy(model.tensors[name].data(), types.data(), model.tensors[name].size());
  model.config.f32_type_embeddings = true;
  const std::vector<float> hidden = Encode(*MakeEncoder(model), 1, {ids}, model.config.dims());
  ASSERT_EQ(hidden.size(), expected.size());
  for (size_t i = 0; i < hidden.size(); ++i) EXPECT_NEAR(hidden[i], expected[i], 0.05);
}

TEST(Encoder, ATextHasTheSameBitsInEveryBatchOrderAndNumberOfThreads) {
  for (const char* form : {"int8", "in two parts", "f32"}) {
    const bool is_int8 = std::string(form) != "f32";
    TinyModel model =
        MakeTinyModel(is_int8 ? WeightPrecision::kInt8 : WeightPrecision::kF32, 3, is_int8);
    if (std::string(form) == "in two parts") model.config.two_part_inputs = AllInputs(model);
    const auto encoder = MakeEncoder(model);
    const auto texts = Texts(model);
    std::vector<float> alone;
    for (const auto& text : texts) {
      const std::vector<float> hidden = Encode(*encoder, 1, {text}, model.config.dims());
      alone.insert(alone.end(), hidden.begin(), hidden.end());
    }
    for (size_t threads : {1, 2, 3}) {
      EXPECT_EQ(Encode(*encoder, threads, texts, model.config.dims()), alone);
    }
    const std::vector<std::vector<uint32_t>> reversed(texts.rbegin(), texts.rend());
    const std::vector<float> last_first = Encode(*encoder, 2, reversed, model.config.dims());
    const size_t n = texts[0].size() * model.config.dims();
    EXPECT_EQ(std::vector<float>(last_first.end() - n, last_first.end()),
              std::vector<float>(alone.begin(), alone.begin() + n));
  }
}

// One vector, everywhere: these are the bits of the native build, of WebAssembly, and of
// any other that runs this test.
TEST(Encoder, InputsInTwoPartsHaveTheseBitsOnEveryKernel) {
  TinyModel model = MakeTinyModel(WeightPrecision::kInt8, 3, true);
  model.config.two_part_inputs = AllInputs(model);
  const auto encoder = MakeEncoder(model);
  const std::vector<float> hidden = Encode(*encoder, 1, Texts(model), model.config.dims());
  Sha256 hash;
  hash.Update(hidden.data(), hidden.size() * sizeof(float));
  EXPECT_EQ(hash.Hex(),
            "26819132fb6f27303ac39f3c94c45f2395f89a51d46360c599b16b00945fc26d");
}

TEST(Encoder, WeightsMayComeInAnyOrder) {
  const TinyModel model = MakeTinyModel(WeightPrecision::kInt8, 4, true);
  const auto in_order = MakeEncoder(model);
  auto reversed = std::move(Encoder::Create(model.config).value());
  std::vector<TensorSpec> specs = ModelTensorSpecs(model.config);
  for (auto spec = specs.rbegin(); spec != specs.rend(); ++spec) {
    if (!IsEncoderTensor(spec->role)) continue;
    ASSERT_TRUE(reversed->SetTensor(*spec, model.Bytes(*spec)).ok());
  }
  const auto texts = Texts(model);
  EXPECT_EQ(Encode(*in_order, 1, texts, model.config.dims()),
            Encode(*reversed, 1, texts, model.config.dims()));
}

TEST(Encoder, RefusesWeightsThatAreNoNumbersByName) {
  const TinyModel model = MakeTinyModel(WeightPrecision::kInt8, 5);
  for (const TensorSpec& spec : ModelTensorSpecs(model.config)) {
    if (spec.dtype != DType::kF32 || spec.role == TensorRole::kGoldenVectors) continue;
    auto encoder = std::move(Encoder::Create(model.config).value());
    Buffer<uint8_t> data = model.Bytes(spec);
    const float nan = NAN;
    std::memcpy(data.data() + data.size() - sizeof nan, &nan, sizeof nan);
    const Status status = encoder->SetTensor(spec, std::move(data));
    EXPECT_EQ(status.code(), StatusCode::kBadModel);
    EXPECT_EQ(status.message(), "tensor '" + spec.name + "': holds a NaN or an infinity");
  }
}

TEST(Encoder, RefusesInputOutOfRange) {
  const TinyModel model = MakeTinyModel(WeightPrecision::kInt8, 6);
  const auto encoder = MakeEncoder(model);
  const auto pool = std::move(ThreadPool::Create(1).value());
  const float* hidden = nullptr;
  const uint32_t ids[3] = {1, model.config.encoder.vocab_size, 2};
  const uint32_t offsets[3] = {0, 3, 3};
  EXPECT_EQ(encoder->Encode(*pool, {ids, offsets, 1}, &hidden).code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(encoder->Encode(*pool, {ids, offsets, 2}, &hidden).code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(encoder->Encode(*pool, {ids, offsets, 0}, &hidden).code(),
            StatusCode::kInvalidArgument);
  const uint32_t fine[3] = {1, 2, 3};
  const uint8_t types[3] = {0, 1, 2};  // there are two
  EXPECT_EQ(encoder->Encode(*pool, {fine, offsets, 1, types}, &hidden).code(),
            StatusCode::kInvalidArgument);
  const std::vector<uint32_t> many(model.config.encoder.max_positions + 1, 1);
  const uint32_t too_long[2] = {0, static_cast<uint32_t>(many.size())};
  EXPECT_EQ(encoder->Encode(*pool, {many.data(), too_long, 1}, &hidden).code(),
            StatusCode::kInvalidArgument);
}

TEST(Encoder, ReportsAFailedAllocationAndTheNextCallWorks) {
  const TinyModel model = MakeTinyModel(WeightPrecision::kInt8, 7);
  const auto encoder = MakeEncoder(model);
  const auto pool = std::move(ThreadPool::Create(1).value());
  const uint32_t ids[2] = {1, 2};
  const uint32_t offsets[2] = {0, 2};
  const float* hidden = nullptr;
  FailAllocationForTest(0);
  EXPECT_EQ(encoder->Encode(*pool, {ids, offsets, 1}, &hidden).code(), StatusCode::kOutOfMemory);
  EXPECT_TRUE(encoder->Encode(*pool, {ids, offsets, 1}, &hidden).ok());
}

class Recorder : public ActivationObserver {
 public:
  Status Observe(int layer, ProductInput input, const float*, size_t T, size_t K) override {
    seen.push_back({layer, static_cast<int>(input), static_cast<int>(T), static_cast<int>(K)});
    return stop_after-- > 0 ? Status() : InternalError("enough");
  }
  std::vector<std::vector<int>> seen;
  int stop_after = 1000;
};

TEST(Encoder, ShowsAnObserverTheInputOfEveryProductAndStopsWhenItSaysSo) {
  const TinyModel model = MakeTinyModel(WeightPrecision::kF32, 8);
  const auto encoder = MakeEncoder(model);
  const auto pool = std::move(ThreadPool::Create(1).value());
  const uint32_t ids[3] = {1, 2, 3};
  const uint32_t offsets[2] = {0, 3};
  const float* hidden = nullptr;
  Recorder recorder;
  ASSERT_TRUE(encoder->Encode(*pool, {ids, offsets, 1}, &hidden, &recorder).ok());
  ASSERT_EQ(recorder.seen.size(), 4u * model.config.encoder.layers);
  const int H = static_cast<int>(model.config.encoder.hidden_size);
  const int I = static_cast<int>(model.config.encoder.intermediate_size);
  EXPECT_EQ(recorder.seen[4], (std::vector<int>{1, 0, 3, H}));
  EXPECT_EQ(recorder.seen[7], (std::vector<int>{1, 3, 3, I}));
  recorder.stop_after = 2;
  EXPECT_EQ(encoder->Encode(*pool, {ids, offsets, 1}, &hidden, &recorder).code(),
            StatusCode::kInternal);
}

// The rows of the inputs of output products.
class OutputInputs : public ActivationObserver {
 public:
  Status Observe(int, ProductInput input, const float* rows, size_t T, size_t K) override {
    if (input == ProductInput::kOutput) values.insert(values.end(), rows, rows + T * K);
    return Status();
  }
  std::vector<float> values;
};

TEST(Encoder, ShowsAnObserverOfAnInt8ModelWhatTheGatesGave) {
  TinyModel model = MakeTinyModel(WeightPrecision::kInt8, 12);
  EncoderConfig& shape = model.config.encoder;
  shape = NomicBert();
  shape.layers = 1;
  CompleteTinyModel(&model, 13);
  const auto encoder = MakeEncoder(model);
  const auto pool = std::move(ThreadPool::Create(1).value());
  const uint32_t ids[3] = {7, 3, 9};
  const uint32_t offsets[4] = {0, 1, 2, 3};
  const float* hidden = nullptr;
  OutputInputs together, alone;
  ASSERT_TRUE(encoder->Encode(*pool, {ids, offsets, 3}, &hidden, &together).ok());
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(encoder->Encode(*pool, {ids + i, offsets, 1}, &hidden, &alone).ok());
  }
  EXPECT_EQ(together.values.size(), 3 * shape.intermediate_size);
  EXPECT_EQ(together.values, alone.values);
}

}  // namespace
}  // namespace simile
