// SPDX-License-Identifier: Apache-2.0
// config.json of each family, as its authors or transformers wrote it -> the parts of
// its encoder; and one member at a time that is not supported, refused by name.
#include "convert/architectures.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace simile {
namespace {

// Members of most families.
constexpr char kSizes[] = R"("hidden_size": 64, "num_hidden_layers": 6, "num_attention_heads": 4,
    "intermediate_size": 128, "vocab_size": 100, "max_position_embeddings": 514)";

Json Config(const std::string& members) {
  Result<Json> json = Json::Parse("{" + members + "}", "test");
  EXPECT_TRUE(json.ok()) << json.status().message();
  return json.ok() ? std::move(json.value()) : Json();
}
Json Config(const std::string& model_type, const std::string& members) {
  return Config("\"model_type\": \"" + model_type + "\", " + kSizes + members);
}

// Everything read must be a recipe that a reader accepts.
EncoderConfig Read(const Json& json) {
  ModelConfig config;
  const Status status = ReadArchitecture(JsonReader(json, "config.json"), &config);
  EXPECT_TRUE(status.ok()) << status.message();
  if (config.encoder.max_positions == 0) config.encoder.max_positions = 512;
  EncoderConfig again;
  const Json written = EncoderConfigToJson(config.encoder);
  const Status accepted = EncoderConfigFromJson(JsonReader(written, "recipe"), &again);
  EXPECT_TRUE(accepted.ok()) << accepted.message();
  EXPECT_EQ(EncoderConfigToJson(again).Dump(), written.Dump());
  return again;
}

std::string Refusal(const Json& json) {
  ModelConfig config;
  const Status status = ReadArchitecture(JsonReader(json, "config.json"), &config);
  EXPECT_EQ(status.code(), StatusCode::kBadModel) << json.Dump();
  return status.message();
}

void ExpectRefused(const Json& json, const std::vector<std::string>& named) {
  const std::string message = Refusal(json);
  EXPECT_TRUE(message.starts_with("config.json")) << message;
  for (const std::string& part : named) {
    EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' not in: " << message;
  }
}

TEST(Architectures, RobertasFirstRowsAreOfPadding) {
  for (const char* type : {"roberta", "xlm-roberta"}) {
    const EncoderConfig config = Read(Config(type, R"(, "type_vocab_size": 1, "pad_token_id": 1,
        "layer_norm_eps": 1e-5)"));
    EXPECT_EQ(config.architecture, Architecture::kBert);
    EXPECT_EQ(config.position_offset, 2u);
    EXPECT_EQ(config.max_positions, 512u);
    EXPECT_EQ(config.type_vocab_size, 1u);
    EXPECT_EQ(config.layer_norm_eps, 1e-5);
  }
}

TEST(Architectures, BertKnowsFourActivations) {
  const std::pair<const char*, Activation> rows[] = {{"gelu", Activation::kGelu},
                                                     {"gelu_new", Activation::kGeluTanh},
                                                     {"gelu_pytorch_tanh", Activation::kGeluTanh},
                                                     {"relu", Activation::kRelu},
                                                     {"silu", Activation::kSilu}};
  for (const auto& [name, activation] : rows) {
    const Json json = Config("bert", std::string(", \"type_vocab_size\": 2, \"hidden_act\": \"") +
                                         name + "\"");
    EXPECT_EQ(Read(json).activation, activation) << name;
  }
  ExpectRefused(Config("bert", R"(, "type_vocab_size": 2, "hidden_act": "gelu_fast")"),
                {"'hidden_act'", "activation 'gelu_fast' is not supported", "'gelu_new'"});
}

TEST(Architectures, MpnetHasATableAndBuckets) {
  const EncoderConfig config = Read(Config("mpnet", R"(, "layer_norm_eps": 1e-5)"));
  EXPECT_TRUE(config.has_position_table());
  EXPECT_EQ(config.relative_buckets, 32u);
  EXPECT_EQ(config.relative_max_distance, 128u);
  EXPECT_EQ(config.position_offset, 2u);
  EXPECT_EQ(config.max_positions, 512u);
  EXPECT_EQ(config.type_vocab_size, 0u);
  ExpectRefused(Config("mpnet", R"(, "relative_attention_num_buckets": 64)"),
                {"'relative_attention_num_buckets'", "32", "64"});
}

TEST(Architectures, DistilBertHasItsOwnNames) {
  const EncoderConfig config = Read(Config(R"("model_type": "distilbert", "dim": 64,
      "n_layers": 3, "n_heads": 4, "hidden_dim": 128, "vocab_size": 100,
      "max_position_embeddings": 512, "activation": "relu", "sinusoidal_pos_embds": false)"));
  EXPECT_EQ(config.layers, 3u);
  EXPECT_EQ(config.activation, Activation::kRelu);
  EXPECT_EQ(config.layer_norm_eps, 1e-12);
}

constexpr char kNomic[] = R"("model_type": "nomic_bert", "n_embd": 64, "n_layer": 2, "n_head": 4,
    "n_inner": 128, "n_positions": 8192, "vocab_size": 100, "type_vocab_size": 2,
    "layer_norm_epsilon": 1e-12, "qkv_proj_bias": false, "mlp_fc1_bias": false,
    "mlp_fc2_bias": false, "activation_function": "swiglu", "rotary_emb_base": 1000,
    "rotary_emb_fraction": 1.0, "prenorm": false, "causal": false)";

TEST(Architectures, NomicBertIsReadInBothForms) {
  const EncoderConfig published = Read(Config(kNomic));
  EXPECT_EQ(published.max_positions, 8192u);
  const EncoderConfig saved = Read(Config("nomic_bert", R"(, "type_vocab_size": 2,
      "hidden_act": "silu", "head_dim": 16,
      "rope_parameters": {"rope_type": "default", "rope_theta": 1000.0})"));
  for (const EncoderConfig& config : {published, saved}) {
    EXPECT_EQ(config.positions, Positions::kRotary);
    EXPECT_EQ(config.rotary_base, 1000);
    EXPECT_TRUE(config.gated);
    EXPECT_EQ(config.activation, Activation::kSilu);
    EXPECT_EQ(config.norm_placement, NormPlacement::kAfter);
    EXPECT_FALSE(config.qkv_bias || config.attention_output_bias || config.mlp_bias);
    EXPECT_TRUE(config.norm_bias);
  }
  for (const char* member : {"\"prenorm\": true", "\"causal\": true",
                             "\"rotary_emb_interleaved\": true", "\"use_rms_norm\": true",
                             "\"rotary_emb_scale_base\": 512"}) {
    const std::string name = std::string(member).substr(1, std::string(member).find('"', 1) - 1);
    std::string text = kNomic;
    for (const char* known : {"\"prenorm\": false", "\"causal\": false"}) {
      const size_t at = text.find(known);
      if (std::string(known).find(name) != std::string::npos) {
        text.replace(at, std::string(known).size(), "\"x\": 0");
      }
    }
    ExpectRefused(Config(text + ", " + member), {name});
  }
}

constexpr char kModern[] = R"(, "norm_eps": 1e-5, "hidden_activation": "gelu",
    "local_attention": 128)";

TEST(Architectures, ModernBertIsReadInBothForms) {
  const EncoderConfig published = Read(Config(
      "modernbert", std::string(kModern) + R"(, "global_attn_every_n_layers": 3,
      "global_rope_theta": 160000.0, "local_rope_theta": 10000.0)"));
  const EncoderConfig saved = Read(Config("modernbert", std::string(kModern) + R"(,
      "layer_types": ["full_attention", "sliding_attention", "sliding_attention",
                      "full_attention", "sliding_attention", "sliding_attention"],
      "rope_parameters": {
        "full_attention": {"rope_theta": 160000.0, "rope_type": "default"},
        "sliding_attention": {"rope_theta": 10000.0, "rope_type": "default"}})"));
  for (const EncoderConfig& config : {published, saved}) {
    EXPECT_EQ(config.local_window, 64u);
    EXPECT_EQ(config.global_every, 3u);
    EXPECT_EQ(config.rotary_base, 160000);
    EXPECT_EQ(config.local_rotary_base, 10000);
    EXPECT_FALSE(config.first_norm);
    EXPECT_TRUE(config.final_norm && config.embeddings_norm && config.gated);
    EXPECT_FALSE(config.norm_bias || config.qkv_bias || config.mlp_bias);
  }
  const EncoderConfig global = Read(Config("modernbert", std::string(kModern) + R"(,
      "global_attn_every_n_layers": 1)"));
  EXPECT_EQ(global.local_window, 0u);
  ExpectRefused(Config("modernbert", std::string(kModern) + R"(,
      "layer_types": ["full_attention", "sliding_attention", "full_attention",
                      "full_attention", "sliding_attention", "full_attention"])"),
                {"layer_types", "layer 3"});
}

constexpr char kT5[] = R"("model_type": "t5", "d_model": 64, "num_layers": 2, "num_heads": 6,
    "d_kv": 16, "d_ff": 128, "vocab_size": 100)";

TEST(Architectures, T5sHeadsNeedNotMakeUpTheHiddenSize) {
  const EncoderConfig config = Read(Config(std::string(kT5) + R"(,
      "feed_forward_proj": "gated-gelu", "is_gated_act": true, "dense_act_fn": "gelu_new",
      "relative_attention_num_buckets": 16, "relative_attention_max_distance": 64)"));
  EXPECT_EQ(config.query_size(), 96u);
  EXPECT_EQ(config.attention_scale, 1);
  EXPECT_EQ(config.norm, Norm::kRmsNorm);
  EXPECT_EQ(config.positions, Positions::kRelativeBuckets);
  EXPECT_EQ(config.relative_buckets, 16u);
  EXPECT_EQ(config.relative_max_distance, 64u);
  EXPECT_EQ(config.activation, Activation::kGeluTanh);
  EXPECT_TRUE(config.gated && config.final_norm);
  const EncoderConfig original = Read(Config(kT5));
  EXPECT_FALSE(original.gated);
  EXPECT_EQ(original.activation, Activation::kRelu);
  ExpectRefused(Config(std::string(kT5) + R"(, "feed_forward_proj": "gated-gelu",
      "is_gated_act": false)"), {"is_gated_act", "true", "false"});
  ExpectRefused(Config(std::string(kT5) + R"(, "feed_forward_proj": "gated-tanh")"),
                {"feed_forward_proj", "gated-tanh"});
}

constexpr char kDecoder[] = R"(, "num_key_value_heads": 2, "hidden_act": "silu",
    "rms_norm_eps": 1e-5)";

TEST(Architectures, DecodersAreReadInBothForms) {
  const EncoderConfig old_form =
      Read(Config("llama", std::string(kDecoder) + R"(, "rope_theta": 100000)"));
  const EncoderConfig new_form = Read(Config("llama", std::string(kDecoder) + R"(,
      "rope_parameters": {"rope_theta": 100000, "rope_type": "default"}, "rope_scaling": null)"));
  for (const EncoderConfig& config : {old_form, new_form}) {
    EXPECT_EQ(config.rotary_base, 100000);
    EXPECT_EQ(config.kv_heads, 2u);
    EXPECT_EQ(config.head_size, 16u);
    EXPECT_TRUE(config.causal && config.gated && config.final_norm);
    EXPECT_FALSE(config.embeddings_norm || config.qkv_bias || config.query_key_norm);
  }
  const EncoderConfig qwen = Read(Config("qwen3", std::string(kDecoder) + R"(,
      "use_sliding_window": false, "sliding_window": null)"));
  EXPECT_TRUE(qwen.query_key_norm);
  EXPECT_EQ(qwen.head_size, 128u);  // its default, whatever the hidden size
  EXPECT_EQ(Read(Config("qwen3", std::string(kDecoder) + ", \"head_dim\": 32")).head_size, 32u);
}

TEST(Architectures, WhatChangesADecodersArithmeticIsRefused) {
  for (const auto& [members, named] :
       {std::pair(R"(, "rope_scaling": {"rope_type": "llama3", "factor": 8})", "llama3"),
        std::pair(R"(, "rope_parameters": {"rope_type": "yarn"})", "yarn"),
        std::pair(R"(, "use_sliding_window": true)", "use_sliding_window"),
        std::pair(R"(, "layer_types": ["sliding_attention"])", "sliding_attention"),
        std::pair(R"(, "num_key_value_heads": 3)", "num_key_value_heads")}) {
    ExpectRefused(Config("qwen3", members), {named});
  }
}

TEST(Architectures, UseLiteIsNarrowerInItsFirstLayer) {
  const EncoderConfig config = Read(Config("universal-sentence-encoder-lite", R"(,
      "embedding_size": 32, "embedding_scale": 2, "hidden_act": "relu", "layer_norm_eps": 1e-6)"));
  EXPECT_EQ(config.embedding_size, 32u);
  EXPECT_EQ(config.embedding_scale, 2);
  EXPECT_EQ(config.norm_placement, NormPlacement::kBefore);
  EXPECT_FALSE(config.final_norm);
}

TEST(Architectures, HeadsThatAreNotSupportedAreNamed) {
  ExpectRefused(Config("modernbert", std::string(kModern) +
                           R"(, "architectures": ["ModernBertForSequenceClassification"])"),
                {"architectures", "ModernBertForSequenceClassification"});
  ExpectRefused(Config("gpt2", ""), {"model_type", "gpt2", "\"qwen3\""});
}

}  // namespace
}  // namespace simile
