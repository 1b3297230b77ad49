// SPDX-License-Identifier: Apache-2.0
// Small checkpoints of every architecture, layer by layer against transformers'
// (tests/golden/README.md); and in int8 the rule that a text's bits never depend on
// its neighbours, on threads, or on the length of another.
#ifndef __EMSCRIPTEN__

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "encoder/encoder.h"
#include "tiny_architectures.h"

namespace simile {
namespace {

// README.md's hash: a value in [-0.5, 0.5) that depends on the tensor's name.
double Hashed(const std::string& name, uint32_t index) {
  uint32_t seed = 0x811C9DC5;
  for (const char c : name) seed = (seed ^ static_cast<uint8_t>(c)) * 0x01000193;
  uint32_t x = seed + index * 2654435761u;
  x = (x ^ (x >> 16)) * 0x85EBCA6B;
  x = (x ^ (x >> 13)) * 0xC2B2AE35;
  return ((x ^ (x >> 16)) >> 8) / 16777216.0 - 0.5;
}

// One document of tests/golden/tiny_models.
class Golden {
 public:
  explicit Golden(const std::string& name) {
    const std::string here = __FILE__;
    const std::string path =
        here.substr(0, here.rfind("cpp")) + "golden/tiny_models/" + name + ".json";
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << "cannot read " << path;
    const std::string text(std::istreambuf_iterator<char>(file), {});
    json_ = std::move(Json::Parse(text, path).value());
    const Json* tensors = json_.Find("tensors")->Find("model.safetensors");
    for (const Json& tensor : *tensors->array()) {
      const Json::Array& t = *tensor.array();
      tensors_[*t[0].string()] = {*t[2].number(), *t[3].number()};
    }
  }

  std::vector<std::vector<uint32_t>> Texts() const {
    std::vector<std::vector<uint32_t>> texts;
    for (const Json& text : *json_.Find("texts")->array()) {
      texts.emplace_back();
      for (const Json& id : *text.array()) {
        texts.back().push_back(static_cast<uint32_t>(*id.number()));
      }
    }
    return texts;
  }
  // The embeddings, the layers, the end.
  const Json::Array& Stages(size_t text) const {
    return *(*json_.Find("states")->array())[text].array();
  }
  std::vector<float> Values(const std::string& name, size_t count) const {
    const auto found = tensors_.find(name);
    EXPECT_NE(found, tensors_.end()) << name;
    std::vector<float> values(count);
    for (size_t i = 0; i < count && found != tensors_.end(); ++i) {
      values[i] = static_cast<float>(found->second.first +
                                     found->second.second * Hashed(name, static_cast<uint32_t>(i)));
    }
    return values;
  }

 private:
  Json json_;
  std::map<std::string, std::pair<double, double>> tensors_;  // base and scale
};

size_t CountOf(const TensorSpec& spec) {
  size_t count = 1;
  for (const uint64_t n : spec.shape) count *= n;
  return count;
}

template <typename T>
Buffer<uint8_t> BytesOf(const std::vector<T>& values) {
  Buffer<uint8_t> bytes;
  (void)bytes.Append(reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T))
      .ok();
  return bytes;
}

float RowScale(const std::vector<float>& values, size_t first, size_t columns) {
  float max = 0;
  for (size_t i = first; i < first + columns; ++i) max = std::max(max, std::fabs(values[i]));
  return max / 127;
}

// The golden's model in f32, or rounded to int8 row by row.
std::unique_ptr<Encoder> MakeEncoder(const Golden& golden, const EncoderConfig& encoder_config,
                                     WeightPrecision precision) {
  ModelConfig config;
  config.encoder = encoder_config;
  config.precision = precision;
  Result<std::unique_ptr<Encoder>> created = Encoder::Create(config);
  if (!created.ok()) {
    ADD_FAILURE() << created.status().message();
    return nullptr;
  }
  std::unique_ptr<Encoder> encoder = std::move(created.value());
  const std::vector<TensorSpec> specs = ModelTensorSpecs(config);
  const auto set = [&](const TensorSpec& spec, Buffer<uint8_t> bytes) {
    const Status status = encoder->SetTensor(spec, std::move(bytes));
    EXPECT_TRUE(status.ok()) << status.message();
  };
  for (const TensorSpec& spec : specs) {
    if (!IsEncoderTensor(spec.role) || spec.name.find("_scale") != std::string::npos) continue;
    std::vector<float> values = golden.Values(spec.name, CountOf(spec));
    if (spec.dtype == DType::kF32) {
      set(spec, BytesOf(values));
      continue;
    }
    const size_t columns = spec.shape[1];
    std::vector<float> scales;
    std::vector<int8_t> rounded;
    for (size_t i = 0; i < values.size(); ++i) {
      if (i % columns == 0) scales.push_back(RowScale(values, i, columns));
      rounded.push_back(static_cast<int8_t>(std::lrint(values[i] / scales.back())));
    }
    const auto scale = std::find_if(specs.begin(), specs.end(), [&](const TensorSpec& s) {
      return s.name == spec.name + "_scale";
    });
    set(*scale, BytesOf(scales));
    set(spec, BytesOf(rounded));
  }
  EXPECT_TRUE(encoder->Finish().ok());
  return encoder;
}

class Stages : public ActivationObserver {
 public:
  Status Observe(int, ProductInput, const float*, size_t, size_t) override { return Status(); }
  Status ObserveHidden(int, const float* rows, size_t T, size_t H) override {
    hidden.emplace_back(rows, rows + T * H);
    return Status();
  }
  std::vector<std::vector<float>> hidden;
};

// Hidden states of all texts in one batch, text after text.
std::vector<float> Encode(Encoder& encoder, size_t threads,
                          const std::vector<std::vector<uint32_t>>& texts, size_t H,
                          ActivationObserver* observer = nullptr) {
  const auto pool = std::move(ThreadPool::Create(threads).value());
  std::vector<uint32_t> ids, offsets = {0};
  for (const auto& text : texts) {
    ids.insert(ids.end(), text.begin(), text.end());
    offsets.push_back(static_cast<uint32_t>(ids.size()));
  }
  const float* hidden = nullptr;
  const Status status =
      encoder.Encode(*pool, {ids.data(), offsets.data(), texts.size()}, &hidden, observer);
  EXPECT_TRUE(status.ok()) << status.message();
  return std::vector<float>(hidden, hidden + (status.ok() ? ids.size() * H : 0));
}

struct Difference {
  double largest = 0, cosine = 1;
};

Difference Compare(const float* actual, const Json& expected) {
  Difference difference;
  double dot = 0, aa = 0, bb = 0;
  for (const Json& row : *expected.array()) {
    for (const Json& value : *row.array()) {
      const double a = *actual++, b = *value.number();
      difference.largest = std::max(difference.largest, std::fabs(a - b) / (1 + std::fabs(b)));
      dot += a * b, aa += a * a, bb += b * b;
    }
  }
  difference.cosine = dot / std::sqrt(aa * bb);
  return difference;
}

class TinyModels : public testing::TestWithParam<TinyArchitecture> {};

TEST_P(TinyModels, EveryLayerMatchesTheReferenceInF32) {
  const Golden golden(GetParam().name);
  const EncoderConfig& config = GetParam().config;
  const auto encoder = MakeEncoder(golden, config, WeightPrecision::kF32);
  ASSERT_NE(encoder, nullptr);
  const auto texts = golden.Texts();
  Stages stages;
  Encode(*encoder, 2, texts, config.hidden_size, &stages);
  ASSERT_EQ(stages.hidden.size(), config.layers + 1);
  size_t first = 0;
  for (size_t text = 0; text < texts.size(); ++text) {
    const Json::Array& expected = golden.Stages(text);
    for (uint32_t depth = 0; depth <= config.layers; ++depth) {
      // The last one of ours is the end.
      const Json& state = depth == config.layers ? expected.back() : expected[depth];
      const Difference d = Compare(stages.hidden[depth].data() + first, state);
      // Five decimals, and roundings that grow from layer to layer.
      EXPECT_LT(d.largest, 2e-5) << "text " << text << " depth " << depth;
      EXPECT_GT(d.cosine, 0.999999) << "text " << text << " depth " << depth;
    }
    first += texts[text].size() * config.hidden_size;
  }
}

TEST_P(TinyModels, Int8IsNearTheReference) {
  const Golden golden(GetParam().name);
  const EncoderConfig& config = GetParam().config;
  const auto encoder = MakeEncoder(golden, config, WeightPrecision::kInt8);
  ASSERT_NE(encoder, nullptr);
  const auto texts = golden.Texts();
  for (size_t text = 0; text < texts.size(); ++text) {
    const std::vector<float> hidden = Encode(*encoder, 1, {texts[text]}, config.hidden_size);
    // Random weights of 32 columns, rounded, through all layers.
    EXPECT_GT(Compare(hidden.data(), golden.Stages(text).back()).cosine, 0.99) << text;
  }
}

TEST_P(TinyModels, ATextHasTheSameBitsInEveryBatchAndNumberOfThreads) {
  const Golden golden(GetParam().name);
  const EncoderConfig& config = GetParam().config;
  for (WeightPrecision precision : {WeightPrecision::kInt8, WeightPrecision::kF32}) {
    const auto encoder = MakeEncoder(golden, config, precision);
    ASSERT_NE(encoder, nullptr);
    auto texts = golden.Texts();
    for (size_t i = 0; i < 12; ++i) {  // enough rows for more than one piece of the MLP
      texts.push_back(texts[2]);
      texts.back().resize(24);
      for (uint32_t& id : texts.back()) {
        id = (id * 7 + static_cast<uint32_t>(i)) % config.vocab_size;
      }
    }
    std::vector<float> alone;
    for (const auto& text : texts) {
      const std::vector<float> hidden = Encode(*encoder, 1, {text}, config.hidden_size);
      alone.insert(alone.end(), hidden.begin(), hidden.end());
    }
    for (size_t threads : {1, 2, 3}) {
      EXPECT_EQ(Encode(*encoder, threads, texts, config.hidden_size), alone) << threads;
    }
  }
}

// Longer than one piece of the MLP, than the tables at first, and than any window.
std::vector<uint32_t> LongText(const EncoderConfig& config) {
  std::vector<uint32_t> text(700);
  for (size_t t = 0; t < text.size(); ++t) {
    text[t] = static_cast<uint32_t>(t * t * 7 + t) % config.vocab_size;
  }
  return text;
}

TEST(TinyModel, ALongTextHasTheSameBitsBesideAnotherAndOnThreads) {
  for (TinyArchitecture c : TinyArchitectures()) {
    if (c.config.has_position_table()) continue;  // whose length is the golden's
    c.config.max_positions = 1024;
    const Golden golden(c.name);
    const size_t H = c.config.hidden_size;
    const auto encoder = MakeEncoder(golden, c.config, WeightPrecision::kInt8);
    ASSERT_NE(encoder, nullptr);
    const std::vector<uint32_t> text = LongText(c.config), other = golden.Texts()[2];
    const std::vector<float> alone = Encode(*encoder, 1, {text}, H);
    const std::vector<float> beside = Encode(*encoder, 3, {other, text}, H);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), beside.end() - 700 * H)) << c.name;
    EXPECT_EQ(Encode(*encoder, 1, {other}, H),
              std::vector<float>(beside.begin(), beside.end() - 700 * H));
  }
}

TEST(TinyModel, TheFirstTokensOfACausalModelDoNotSeeLaterOnes) {
  for (TinyArchitecture c : TinyArchitectures()) {
    if (!c.config.causal) continue;
    c.config.max_positions = 1024;
    const Golden golden(c.name);
    const auto encoder = MakeEncoder(golden, c.config, WeightPrecision::kF32);
    ASSERT_NE(encoder, nullptr);
    std::vector<uint32_t> text = LongText(c.config);
    const std::vector<float> all = Encode(*encoder, 1, {text}, c.config.hidden_size);
    text.resize(18);
    const std::vector<float> first = Encode(*encoder, 1, {text}, c.config.hidden_size);
    EXPECT_TRUE(std::equal(first.begin(), first.end(), all.begin())) << c.name;
  }
}

INSTANTIATE_TEST_SUITE_P(, TinyModels, testing::ValuesIn(TinyArchitectures()),
                         [](const testing::TestParamInfo<TinyArchitecture>& info) {
                           std::string name = info.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace simile

#endif  // __EMSCRIPTEN__
