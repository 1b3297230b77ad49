// SPDX-License-Identifier: Apache-2.0
// The parts of an encoder as JSON: today's BERT files are what they were, every part
// reads back, and what does not go together is refused by name.
#include "model/encoder_config.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace simile {
namespace {

// As in every file that there was before there were other parts.
constexpr char kMiniLm[] =
    R"({"type":"bert","hidden_size":384,"layers":6,"heads":12,"intermediate_size":1536,)"
    R"("vocab_size":30522,"max_positions":512,"type_vocab_size":2,"layer_norm_eps":1e-12,)"
    R"("activation":"gelu"})";

Json Parse(const std::string& text) {
  Result<Json> json = Json::Parse(text, "test");
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? std::move(json.value()) : Json();
}

EncoderConfig Read(const Json& json) {
  EncoderConfig config;
  const Status status = EncoderConfigFromJson(JsonReader(json, "recipe"), &config);
  EXPECT_TRUE(status.ok()) << status.message();
  return config;
}

std::string Refusal(const Json& json) {
  EncoderConfig config;
  const Status status = EncoderConfigFromJson(JsonReader(json, "recipe"), &config);
  EXPECT_EQ(status.code(), StatusCode::kBadModel) << json.Dump();
  return status.message();
}

// MiniLM's JSON with these members set.
Json With(std::initializer_list<std::pair<const char*, Json>> members) {
  Json json = Parse(kMiniLm);
  for (const auto& [name, value] : members) json.Set(name, value);
  return json;
}

TEST(EncoderConfig, AFileOfTheFirstVersionIsReadAndWrittenAsItWas) {
  const EncoderConfig config = Read(Parse(kMiniLm));
  EXPECT_EQ(config.kv_heads, 12u);
  EXPECT_EQ(config.head_size, 32u);
  EXPECT_EQ(config.embedding_size, 384u);
  EXPECT_EQ(EncoderConfigToJson(config).Dump(), kMiniLm);
}

TEST(EncoderConfig, EveryPartReadsBack) {
  const char* const configs[] = {
      R"({"type":"mpnet","hidden_size":64,"layers":2,"heads":4,"intermediate_size":128,)"
      R"("vocab_size":100,"max_positions":512,"type_vocab_size":0,"layer_norm_eps":0.00001,)"
      R"("activation":"relu","position_offset":2,"relative_buckets":32,)"
      R"("relative_max_distance":128})",
      R"({"type":"modernbert","hidden_size":64,"layers":2,"heads":4,"intermediate_size":128,)"
      R"("vocab_size":100,"max_positions":512,"type_vocab_size":0,"layer_norm_eps":0.00001,)"
      R"("activation":"gelu","norm_placement":"before","positions":"rotary","norm_bias":false,)"
      R"("final_norm":true,"first_norm":false,"qkv_bias":false,"attention_output_bias":false,)"
      R"("mlp_bias":false,"gated":true,"local_window":64,"global_every":3,)"
      R"("rotary_base":160000,"local_rotary_base":10000})",
      R"({"type":"t5","hidden_size":64,"layers":2,"heads":4,"intermediate_size":128,)"
      R"("vocab_size":100,"max_positions":512,"type_vocab_size":0,"layer_norm_eps":0.000001,)"
      R"("activation":"gelu_tanh","head_size":8,"norm":"rms_norm","norm_placement":"before",)"
      R"("positions":"relative_buckets","norm_bias":false,"embeddings_norm":false,)"
      R"("final_norm":true,"qkv_bias":false,"attention_output_bias":false,"mlp_bias":false,)"
      R"("gated":true,"relative_buckets":32,"relative_max_distance":128,"attention_scale":1})",
      R"({"type":"qwen3","hidden_size":64,"layers":2,"heads":4,"intermediate_size":128,)"
      R"("vocab_size":100,"max_positions":512,"type_vocab_size":0,"layer_norm_eps":0.000001,)"
      R"("activation":"silu","kv_heads":2,"head_size":32,"norm":"rms_norm",)"
      R"("norm_placement":"before","positions":"rotary","norm_bias":false,)"
      R"("embeddings_norm":false,"final_norm":true,"query_key_norm":true,"qkv_bias":false,)"
      R"("attention_output_bias":false,"mlp_bias":false,"gated":true,"causal":true,)"
      R"("rotary_base":1000000})",
      R"({"type":"use_lite","hidden_size":64,"layers":2,"heads":4,"intermediate_size":128,)"
      R"("vocab_size":100,"max_positions":128,"type_vocab_size":0,"layer_norm_eps":0.000001,)"
      R"("activation":"relu","embedding_size":32,"norm_placement":"before",)"
      R"("embeddings_norm":false,"embedding_scale":2})",
  };
  for (const std::string text : configs) {
    EXPECT_EQ(EncoderConfigToJson(Read(Parse(text))).Dump(), text);
  }
}

TEST(EncoderConfig, LayerZeroMayBeNarrower) {
  const EncoderConfig config =
      Read(With({{"type", "use_lite"}, {"type_vocab_size", 0}, {"embeddings_norm", false},
                 {"norm_placement", "before"}, {"embedding_size", 192}}));
  EXPECT_TRUE(config.has_residual_projection());
  EXPECT_EQ(config.input_size(0), 192u);
  EXPECT_EQ(config.input_size(1), 384u);
  EXPECT_EQ(config.layer_head_size(0), 16u);
  EXPECT_EQ(config.layer_head_size(1), 32u);
  EXPECT_EQ(config.layer_query_size(0), 192u);
}

TEST(EncoderConfig, RefusesPartsThatDoNotGoTogether) {
  const std::pair<Json, const char*> rows[] = {
      {With({{"kv_heads", 5}}), "recipe: 'kv_heads': 12 heads are no multiple of 5"},
      {With({{"kv_heads", 24}}), "recipe: 'kv_heads': expected a whole number 1 to 12, found 24"},
      {With({{"norm", "rms_norm"}}), "recipe: 'norm_bias': an rms_norm has none"},
      {With({{"final_norm", true}}),
       "recipe: 'final_norm': goes with norm_placement \"before\" alone"},
      {With({{"positions", "relative_buckets"}}),
       "recipe: 'relative_buckets': missing beside positions \"relative_buckets\""},
      {With({{"relative_buckets", 5}, {"relative_max_distance", 128}}),
       "recipe: 'relative_buckets': expected an even number, 4 or more"},
      {With({{"relative_buckets", 32}, {"relative_max_distance", 16}}),
       "recipe: 'relative_max_distance': expected more than half of relative_buckets"},
      {With({{"positions", "rotary"}}),
       "recipe: 'rotary_base': goes with positions \"rotary\" alone"},
      {With({{"rotary_base", 10000}}),
       "recipe: 'rotary_base': goes with positions \"rotary\" alone"},
      {With({{"rotary_base", 0.5}}),
       "recipe: 'rotary_base': expected 1 to 1000000000, found 0.5"},
      {With({{"local_window", 4}}),
       "recipe: 'global_every': goes with a local_window, and the other way round"},
      {With({{"norm", "batch_norm"}}),
       "norm 'batch_norm' is not supported; this version reads 'layer_norm', 'rms_norm'"},
      {With({{"causal", 1}}), "recipe: 'causal': expected true or false, found 1"},
      {With({{"embedding_size", 192}}),
       "recipe: 'embedding_size': one that is not hidden_size goes with norm_placement "
       "\"before\" alone"},
  };
  for (const auto& [json, message] : rows) EXPECT_EQ(Refusal(json), message);
}

TEST(EncoderConfig, RefusesPartsThatTheFamilyHasNoTensorsFor) {
  EXPECT_EQ(Refusal(With({{"type", "distilbert"}})),
            "recipe: 'type_vocab_size': architecture 'distilbert' has no tensors for this");
  EXPECT_EQ(Refusal(With({{"gated", true}})),
            "recipe: 'gated': architecture 'bert' has no tensors for this");
  EXPECT_EQ(Refusal(With({{"type", "llama"}, {"type_vocab_size", 0}})),
            "recipe: 'positions': architecture 'llama' has no tensors for this");
  EXPECT_EQ(Refusal(With({{"query_key_norm", true}})),
            "recipe: 'query_key_norm': architecture 'bert' has no tensors for this");
}

}  // namespace
}  // namespace simile
