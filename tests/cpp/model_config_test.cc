// SPDX-License-Identifier: Apache-2.0
#include "model/model_config.h"

#include <gtest/gtest.h>

#include "model/model_file.h"
#include "model/tokenizer_config_json.h"

namespace simile {
namespace {

EncoderConfig ExampleShape() {
  EncoderConfig shape;
  shape.hidden_size = shape.embedding_size = 384;
  shape.layers = 6;
  shape.heads = shape.kv_heads = 12;
  shape.head_size = 32;
  shape.intermediate_size = 1536;
  shape.vocab_size = 30522;
  shape.max_positions = 512;
  shape.type_vocab_size = 2;
  return shape;
}

ModelConfig ExampleConfig() {
  ModelConfig config;
  config.name = "all-MiniLM-L6-v2";
  config.encoder = ExampleShape();
  config.max_tokens = 256;
  config.prompts = {{"query", "Represent this: "}, {"document", ""}, {"é", "\"quoted\"\n"}};
  config.smoothed = true;
  config.calibration = "smoothquant+gptq";
  config.license = "apache-2.0";
  config.source = "sentence-transformers/all-MiniLM-L6-v2";
  config.source_sha256 = std::string(64, 'a');
  config.vector_space = "0123456789abcdef";
  config.golden_texts = {"one", "zwei ü", "三"};
  return config;
}

// The refusal of the example with one member set to another value; `path` leads
// to the member: {"architecture", "heads"}.
std::string Refusal(std::vector<std::string> path, Json value) {
  Json json = ModelConfigToJson(ExampleConfig());
  if (path.size() == 2) {
    Json section = *json.Find(path[0]);
    section.Set(path[1], std::move(value));
    value = std::move(section);
  }
  json.Set(path[0], std::move(value));
  const Result<ModelConfig> config = ModelConfigFromJson(json);
  EXPECT_FALSE(config.ok()) << path.back();
  if (config.ok()) return "";
  EXPECT_EQ(config.status().code(), StatusCode::kBadModel);
  return config.status().message();
}

bool Accepts(const ModelConfig& config) {
  return ModelConfigFromJson(ModelConfigToJson(config)).ok();
}

TEST(ModelConfig, IsTheDocumentedJson) {
  ModelConfig config = ExampleConfig();
  config.prompts = {{"query", "q: "}};
  EXPECT_EQ(
      ModelConfigToJson(config).Dump(),
      R"({"version":1,"name":"all-MiniLM-L6-v2",)"
      R"("architecture":{"type":"bert","hidden_size":384,"layers":6,"heads":12,)"
      R"("intermediate_size":1536,"vocab_size":30522,"max_positions":512,"type_vocab_size":2,)"
      R"("layer_norm_eps":1e-12,"activation":"gelu"},)"
      R"("tokenizer":{"type":"wordpiece","clean_text":true,"lowercase":true,)"
      R"("strip_accents":true,"handle_chinese_chars":true,"max_word_chars":100,)"
      R"("continuing_prefix":"##","unk_token":"[UNK]","cls_token":"[CLS]","sep_token":"[SEP]",)"
      R"("special_tokens":["[PAD]","[UNK]","[CLS]","[SEP]","[MASK]"]},)"
      R"("recipe":{"pooling":"mean","normalize":true,"max_tokens":256,"prompts":{"query":"q: "}},)"
      R"("weights":{"precision":"int8","smoothed":true,"calibration":"smoothquant+gptq"},)"
      R"("license":"apache-2.0","source":"sentence-transformers/all-MiniLM-L6-v2",)"
      R"("source_sha256":")" + std::string(64, 'a') +
      R"(","vector_space":"0123456789abcdef","golden":["one","zwei ü","三"]})");
}

TEST(ModelConfig, ReadsBackWhatItWrote) {
  ModelConfig config = ExampleConfig();
  config.pooling = Pooling::kCls;
  config.normalize = false;
  config.precision = WeightPrecision::kF32;
  config.smoothed = false;
  config.encoder.layer_norm_eps = 1e-5;
  config.tokenizer.wordpiece.clean_text = false;
  config.tokenizer.wordpiece.lowercase = false;
  config.tokenizer.wordpiece.strip_accents = false;
  config.tokenizer.wordpiece.handle_chinese_chars = false;
  config.tokenizer.wordpiece.max_word_chars = 50;
  config.tokenizer.wordpiece.special_tokens = {"<a>", "<b>", "<c>"};
  const Json json = ModelConfigToJson(config);
  Result<ModelConfig> read = ModelConfigFromJson(json);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(ModelConfigToJson(read.value()).Dump(), json.Dump());
  EXPECT_EQ(read.value().prompts, config.prompts);
  EXPECT_EQ(read.value().golden_texts, config.golden_texts);
  EXPECT_EQ(read.value().tokenizer.wordpiece.special_tokens, config.tokenizer.wordpiece.special_tokens);
  EXPECT_EQ(read.value().encoder.layer_norm_eps, 1e-5);
  EXPECT_EQ(read.value().dims(), 384u);
}

TEST(ModelConfig, AcceptsEachLimitItself) {
  ModelConfig config = ExampleConfig();
  EncoderConfig& shape = config.encoder;
  shape.hidden_size = shape.embedding_size = 8192;
  shape.layers = 64;
  shape.heads = shape.kv_heads = 256;
  shape.head_size = 32;
  shape.intermediate_size = 32768;
  shape.vocab_size = 1 << 20;
  shape.max_positions = 32768;
  shape.type_vocab_size = 16;
  shape.layer_norm_eps = 1e-2;
  config.max_tokens = 32768;
  config.golden_texts.assign(16, std::string(4096, 'x'));
  EXPECT_TRUE(Accepts(config));
  shape = EncoderConfig();
  shape.hidden_size = shape.embedding_size = shape.layers = shape.heads = shape.kv_heads = 1;
  shape.head_size = shape.intermediate_size = shape.vocab_size = 1;
  shape.max_positions = config.max_tokens = 2;
  shape.layer_norm_eps = 1e-14;
  config.golden_texts.clear();
  config.source_sha256.clear();
  config.vector_space.clear();
  EXPECT_TRUE(Accepts(config));
}

TEST(ModelConfig, ReadsBackWhatOnlySomeModelsHave) {
  ModelConfig config = ExampleConfig();
  config.pooling = Pooling::kLast;
  config.default_prompt = "query";
  config.dense = {{384, 512, true, DenseActivation::kTanh},
                  {512, 64, false, DenseActivation::kIdentity}};
  config.outputs_smoothed = true;
  const Json json = ModelConfigToJson(config);
  const Result<ModelConfig> read = ModelConfigFromJson(json);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(ModelConfigToJson(read.value()).Dump(), json.Dump());
  EXPECT_EQ(read.value().default_prompt, "query");
  EXPECT_EQ(read.value().dense[0].activation, DenseActivation::kTanh);
  EXPECT_FALSE(read.value().dense[1].bias);
  EXPECT_EQ(read.value().dims(), 64u);
  EXPECT_TRUE(read.value().outputs_smoothed);
}

TEST(ModelConfig, ReadsBackInputsInTwoParts) {
  ModelConfig config = ExampleConfig();
  config.two_part_inputs = {{ProductInput::kAttention, 5},
                            {ProductInput::kOutput, 0},
                            {ProductInput::kOutput, 3}};
  const Json json = ModelConfigToJson(config);
  EXPECT_EQ(json.Find("weights")->Find("two_part_inputs")->Dump(),
            R"({"attention":[5],"output":[0,3]})");
  const Result<ModelConfig> read = ModelConfigFromJson(json);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(ModelConfigToJson(read.value()).Dump(), json.Dump());
  ASSERT_EQ(read.value().two_part_inputs.size(), 3u);
  EXPECT_EQ(read.value().two_part_inputs[2].input, ProductInput::kOutput);
  EXPECT_EQ(read.value().two_part_inputs[2].layer, 3u);
}

TEST(ModelConfig, RefusesInputsInTwoPartsThatThereAreNot) {
  const auto refusal = [](Json value) { return Refusal({"weights", "two_part_inputs"}, value); };
  const std::string what = "recipe: 'weights': 'two_part_inputs': ";
  EXPECT_EQ(refusal(3), "recipe: 'weights': 'two_part_inputs': expected an object");
  EXPECT_EQ(refusal(Json()), "recipe: 'weights': 'two_part_inputs': expected an object");
  EXPECT_EQ(refusal(Json::Object()), what + "expected one or more inputs");
  EXPECT_EQ(refusal(Json::Object{{"residual", Json::Array{0}}}),
            "product input 'residual' is not supported; this version reads 'attention', "
            "'attention_output', 'intermediate', 'output'");
  const std::string layers =
      what + "'output': expected one or more layers below 6, in ascending order";
  for (const Json& wrong :
       {Json(), Json(1), Json(Json::Array()), Json(Json::Array{6}), Json(Json::Array{-1}),
        Json(Json::Array{0.5}), Json(Json::Array{1, 1}), Json(Json::Array{3, 2}),
        Json(Json::Array{"0"}), Json(Json::Array{Json()}), Json(Json::Array{1e300})}) {
    EXPECT_EQ(refusal(Json::Object{{"output", wrong}}), layers) << wrong.Dump();
  }
  ModelConfig config = ExampleConfig();
  config.smoothed = false;
  config.precision = WeightPrecision::kF32;
  config.two_part_inputs = {{ProductInput::kOutput, 0}};
  EXPECT_EQ(ModelConfigFromJson(ModelConfigToJson(config)).status().message(),
            what + "goes with int8 weights alone");
}

TEST(ModelConfig, ReadsBackAClassifier) {
  ModelConfig config = ExampleConfig();
  config.pooling = Pooling::kCls;
  config.normalize = false;
  config.classifier = {3, true, DenseActivation::kRelu, DenseActivation::kIdentity};
  const Result<ModelConfig> read = ModelConfigFromJson(ModelConfigToJson(config));
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read.value().classifier.labels, 3u);
  EXPECT_EQ(read.value().classifier.dense_activation, DenseActivation::kRelu);
  EXPECT_EQ(read.value().golden_dims(), 3u);
  config.normalize = true;
  EXPECT_FALSE(Accepts(config));
}

TEST(ModelConfig, WritesThePairSeparatorsOfATokenizerThatHasNotOne) {
  ModelConfig config;
  EXPECT_EQ(TokenizerToJson(config.tokenizer).Find("pair_separators"), nullptr);
  for (TokenizerKind kind : {TokenizerKind::kWordPiece, TokenizerKind::kSentencepiece,
                             TokenizerKind::kUnigram}) {
    for (uint32_t separators : {0, 2, 8, 9}) {
      config.tokenizer.kind = kind;
      config.tokenizer.pair_separators = separators;
      const Json json = TokenizerToJson(config.tokenizer);
      TokenizerConfig found;
      const Status status = TokenizerFromJson(JsonReader(json, "tokenizer"), &found);
      if (separators <= 8) {
        EXPECT_EQ(found.pair_separators, separators);
      } else {
        EXPECT_EQ(status.message(),
                  "tokenizer: 'pair_separators': expected a whole number 0 to 8, found 9");
      }
    }
  }
}

TEST(ModelConfig, RefusesLayersThatDoNotFitOneAnother) {
  Json layer;
  layer.Set("inputs", 300);
  layer.Set("outputs", 64);
  layer.Set("bias", true);
  layer.Set("activation", "tanh");
  EXPECT_EQ(Refusal({"recipe", "dense"}, Json::Array{layer}),
            "recipe: 'recipe': 'dense': 'inputs': expected a whole number 384 to 384, found 300");
  layer.Set("inputs", 384);
  layer.Set("activation", "mish");
  EXPECT_EQ(Refusal({"recipe", "dense"}, Json::Array{layer}),
            "activation 'mish' is not supported; this version reads 'identity', 'tanh', 'relu', "
            "'gelu', 'sigmoid'");
  EXPECT_EQ(Refusal({"recipe", "default_prompt"}, "q"),
            "recipe: 'recipe': 'default_prompt': there is no prompt of that name among 'prompts'");
}

TEST(ModelConfig, RefusesWhatThisVersionDoesNotReadByName) {
  EXPECT_EQ(Refusal({"version"}, 2), "format version 2 is not supported; this version reads 1");
  EXPECT_EQ(Refusal({"architecture", "type"}, "gpt2"),
            "architecture 'gpt2' is not supported; this version reads 'bert', 'mpnet', 'distilbert', "
            "'nomic_bert', 'modernbert', 't5', 'llama', 'qwen3', 'use_lite'");
  EXPECT_EQ(Refusal({"architecture", "activation"}, "gelu_fast"),
            "activation 'gelu_fast' is not supported; this version reads 'gelu', 'gelu_tanh', "
            "'relu', 'silu'");
  EXPECT_EQ(Refusal({"tokenizer", "type"}, "tiktoken").substr(0, 40),
            "tokenizer 'tiktoken' is not supported; t");
  EXPECT_EQ(Refusal({"recipe", "pooling"}, "median"),
            "pooling 'median' is not supported; this version reads 'mean', 'cls', 'max', "
            "'mean_sqrt_len_tokens', 'weightedmean', 'lasttoken'");
  EXPECT_EQ(Refusal({"weights", "precision"}, "int4"),
            "weight precision 'int4' is not supported; this version reads 'int8', 'f32'");
}

TEST(ModelConfig, RefusesNumbersOutOfRange) {
  struct Row {
    const char* section;
    const char* member;
    int64_t low, high;
  };
  for (const Row& row : {Row{"architecture", "hidden_size", 1, 8192},
                         {"architecture", "layers", 1, 64},
                         {"architecture", "heads", 1, 256},
                         {"architecture", "intermediate_size", 1, 32768},
                         {"architecture", "vocab_size", 1, 1 << 20},
                         {"architecture", "max_positions", 2, 32768},
                         {"architecture", "type_vocab_size", 0, 16},
                         {"tokenizer", "max_word_chars", 1, 10000},
                         {"recipe", "max_tokens", 2, 512}}) {
    for (const int64_t wrong : {row.low - 1, row.high + 1, int64_t{-1}, int64_t{1} << 40}) {
      EXPECT_EQ(Refusal({row.section, row.member}, static_cast<double>(wrong)),
                "recipe: '" + std::string(row.section) + "': '" + row.member +
                    "': expected a whole number " + std::to_string(row.low) + " to " +
                    std::to_string(row.high) + ", found " + std::to_string(wrong));
    }
    EXPECT_NE(Refusal({row.section, row.member}, 2.5).find("found 2.5"), std::string::npos);
    EXPECT_NE(Refusal({row.section, row.member}, Json()).find("found null"), std::string::npos);
  }
}

TEST(ModelConfig, RefusesHeadsThatDoNotDivideTheHiddenSize) {
  EXPECT_EQ(Refusal({"architecture", "heads"}, 7),
            "recipe: 'architecture': 'heads': hidden_size 384 is no multiple of 7");
}

TEST(ModelConfig, RefusesAnEpsilonThatIsNone) {
  for (const double wrong : {0.0, -1e-12, 1e-15, 0.02}) {
    EXPECT_EQ(Refusal({"architecture", "layer_norm_eps"}, wrong),
              "recipe: 'architecture': 'layer_norm_eps': expected 1e-14 to 0.01, found " +
                  Json(wrong).Dump());
  }
  EXPECT_EQ(Refusal({"architecture", "layer_norm_eps"}, Json()),
            "recipe: 'architecture': 'layer_norm_eps': expected a number, found null");
}

TEST(ModelConfig, GuessesNothingThatDecidesAVector) {
  for (const char* member : {"clean_text", "lowercase", "strip_accents", "handle_chinese_chars"}) {
    EXPECT_EQ(Refusal({"tokenizer", member}, Json()),
              "recipe: 'tokenizer': '" + std::string(member) +
                  "': expected true or false, found null");
  }
  for (const char* member : {"continuing_prefix", "unk_token", "cls_token", "sep_token"}) {
    EXPECT_EQ(Refusal({"tokenizer", member}, 1),
              "recipe: 'tokenizer': '" + std::string(member) + "': expected a string, found 1");
  }
  EXPECT_EQ(Refusal({"recipe", "normalize"}, "yes"),
            "recipe: 'recipe': 'normalize': expected true or false, found \"yes\"");
  EXPECT_EQ(Refusal({"weights", "smoothed"}, Json()),
            "recipe: 'weights': 'smoothed': expected true or false, found null");
}

TEST(ModelConfig, RefusesSectionsThatAreMissing) {
  for (const char* section : {"architecture", "tokenizer", "recipe", "weights"}) {
    EXPECT_EQ(Refusal({section}, 3),
              "recipe: '" + std::string(section) + "': expected an object");
  }
  EXPECT_EQ(Refusal({"recipe", "prompts"}, "none"),
            "recipe: 'recipe': 'prompts': expected an object");
}

TEST(ModelConfig, RefusesTextsThatAreTooManyTooLongOrNone) {
  EXPECT_EQ(Refusal({"golden"}, Json::Array(17, Json("x"))),
            "recipe: 'golden': expected a list of at most 16 texts");
  EXPECT_EQ(Refusal({"golden"}, Json::Array{"x", std::string(4097, 'x')}),
            "recipe: 'golden': expected texts of at most 4096 bytes");
  EXPECT_EQ(Refusal({"golden"}, Json::Array{"x", 2}),
            "recipe: 'golden': expected texts of at most 4096 bytes");
  EXPECT_EQ(Refusal({"tokenizer", "special_tokens"}, Json::Array(1025, Json("x"))),
            "recipe: 'tokenizer': 'special_tokens': expected a list of at most 1024 texts");
  EXPECT_EQ(Refusal({"name"}, std::string(4097, 'n')),
            "recipe: 'name': expected at most 4096 bytes, found 4097");
  Json::Object prompts;
  for (int i = 0; i < 65; ++i) prompts.emplace_back("p" + std::to_string(i), "x");
  EXPECT_EQ(Refusal({"recipe", "prompts"}, prompts),
            "recipe: 'recipe': 'prompts': expected at most 64 prompts, found 65");
  EXPECT_EQ(Refusal({"recipe", "prompts"}, Json::Object{{"p", 1}}),
            "recipe: 'recipe': 'prompts': expected texts of at most 4096 bytes by name");
}

TEST(ModelConfig, RefusesHashesThatAreNone) {
  EXPECT_EQ(Refusal({"source_sha256"}, std::string(63, 'a')),
            "recipe: 'source_sha256': expected 64 lower-case hex digits");
  EXPECT_EQ(Refusal({"vector_space"}, "0123456789ABCDEF"),
            "recipe: 'vector_space': expected 16 lower-case hex digits");
}

TEST(ModelConfig, RefusesSmoothedF32Weights) {
  EXPECT_EQ(Refusal({"weights", "precision"}, "f32"),
            "recipe: 'weights': 'smoothed': f32 weights are never smoothed");
}

TEST(ModelConfig, RefusesJsonThatIsNoObject) {
  for (const Json& json : {Json(), Json(1), Json("x"), Json(Json::Array())}) {
    EXPECT_EQ(ModelConfigFromJson(json).status().message(),
              "recipe: 'version': expected a whole number 1 to 1073741824, found nothing");
  }
}

TEST(ModelFile, TakesTheRecipeOutOfTheHeader) {
  SafetensorsHeader header;
  header.metadata = {{"format", "simile"},
                     {"simile", ModelConfigToJson(ExampleConfig()).Dump()}};
  Result<ModelConfig> config = ReadModelConfig(header);
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config.value().name, "all-MiniLM-L6-v2");
}

TEST(ModelFile, SaysWhatToDoWithACheckpointThatWasNeverConverted) {
  SafetensorsHeader header;
  header.metadata = {{"format", "pt"}};
  const Status status = ReadModelConfig(header).status();
  EXPECT_EQ(status.code(), StatusCode::kBadModel);
  EXPECT_EQ(status.message(),
            "this is a safetensors file without Simile's recipe; convert it first: "
            "npx simile convert DIR -o FILE");
}

TEST(ModelFile, NamesTheRecipeIfItIsNoJson) {
  SafetensorsHeader header;
  header.metadata = {{"simile", "{\"version\": 1"}};
  EXPECT_EQ(ReadModelConfig(header).status().message(),
            "recipe: no valid JSON at byte 13: Missing a comma or '}' after an object member.");
}

}  // namespace
}  // namespace simile
