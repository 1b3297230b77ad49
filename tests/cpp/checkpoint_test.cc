// SPDX-License-Identifier: Apache-2.0
// What the converter reads out of a checkpoint's small files, and what it
// refuses: one contradiction or unsupported member at a time, named.
#include "convert/checkpoint.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace simile {
namespace {

// A small checkpoint, complete and right; tests change one file of it.
class Files {
 public:
  Files() {
    Set("config.json", R"({"model_type": "bert", "hidden_size": 16, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 7,
        "max_position_embeddings": 64, "type_vocab_size": 2, "hidden_act": "gelu",
        "layer_norm_eps": 1e-6, "_name_or_path": "tiny"})");
    Set("modules.json", R"([
        {"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])");
    Set("1_Pooling/config.json", R"({"word_embedding_dimension": 16,
        "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true})");
    Set("sentence_bert_config.json", R"({"max_seq_length": 32, "do_lower_case": false})");
    Set("tokenizer.json", TokenizerJson());
    Set("README.md", "---\nlanguage: en\nlicense: apache-2.0\n---\n# Tiny\n");
  }
  static std::string TokenizerJson(const std::string& added = "") {
    return R"({"truncation": {"max_length": 8}, "padding": {"strategy": {"Fixed": 8}},
      "added_tokens": [)" + Special(0, "[PAD]") + "," + Special(3, "[SEP]") + added + R"(],
      "normalizer": {"type": "BertNormalizer", "clean_text": true,
        "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
      "pre_tokenizer": {"type": "BertPreTokenizer"},
      "post_processor": {"type": "TemplateProcessing", "single": [
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]},
      "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 50, "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2,
        "[SEP]": 3, "[MASK]": 4, "b": 6, "a": 5}}})";
  }
  static std::string Special(int id, const std::string& content) {
    return R"({"id": )" + std::to_string(id) + R"(, "content": ")" + content +
           R"(", "special": true, "lstrip": false, "rstrip": false, "single_word": false,
           "normalized": false})";
  }
  void Set(const std::string& name, const std::string& text) { texts_.push_back({name, text}); }
  void Drop(const std::string& name) {
    std::erase_if(texts_, [&](const auto& file) { return file.first == name; });
  }
  // Replaces the first `from` in the newest file of that name.
  void Edit(const std::string& name, const std::string& from, const std::string& to) {
    for (size_t i = texts_.size(); i-- > 0;) {
      if (texts_[i].first != name) continue;
      const size_t at = texts_[i].second.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      texts_[i].second.replace(at, from.size(), to);
      return;
    }
  }
  CheckpointFiles Make() const {
    CheckpointFiles files;
    for (const auto& [name, text] : texts_) {
      Buffer<uint8_t> bytes;
      EXPECT_TRUE(bytes.Append(reinterpret_cast<const uint8_t*>(text.data()), text.size()).ok());
      files.Add(name, std::move(bytes));
    }
    return files;
  }

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
};

std::string Text(const Buffer<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Checkpoint Read(const Files& files) {
  Result<Checkpoint> checkpoint = ReadCheckpoint(files.Make());
  EXPECT_TRUE(checkpoint.ok()) << checkpoint.status().message();
  return checkpoint.ok() ? std::move(checkpoint.value()) : Checkpoint();
}

// The message of the refusal; "" if it was accepted.
std::string Refusal(const Files& files) {
  const Result<Checkpoint> checkpoint = ReadCheckpoint(files.Make());
  if (checkpoint.ok()) return "";
  EXPECT_EQ(checkpoint.status().code(), StatusCode::kBadModel);
  return checkpoint.status().message();
}

void ExpectNamed(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' not in: " << message;
  }
}

TEST(CheckpointTest, ReadsTheWholeRecipe) {
  const Checkpoint checkpoint = Read(Files());
  const ModelConfig& config = checkpoint.config;
  EXPECT_EQ(config.name, "tiny");
  EXPECT_EQ(config.encoder.hidden_size, 16u);
  EXPECT_EQ(config.encoder.layers, 2u);
  EXPECT_EQ(config.encoder.heads, 2u);
  EXPECT_EQ(config.encoder.intermediate_size, 32u);
  EXPECT_EQ(config.encoder.layer_norm_eps, 1e-6);
  EXPECT_EQ(config.pooling, Pooling::kMean);
  EXPECT_TRUE(config.normalize);
  EXPECT_EQ(config.max_tokens, 32u);  // not tokenizer.json's 8
  EXPECT_EQ(config.license, "apache-2.0");
  EXPECT_TRUE(config.tokenizer.wordpiece.lowercase);
  EXPECT_TRUE(config.tokenizer.wordpiece.strip_accents);  // null: as lowercase
  EXPECT_EQ(config.tokenizer.wordpiece.max_word_chars, 50u);
  EXPECT_EQ(config.tokenizer.wordpiece.special_tokens, (std::vector<std::string>{"[PAD]", "[SEP]"}));
  EXPECT_EQ(Text(checkpoint.vocab), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n");
}

struct Change {
  const char* what;  // the test's name
  const char* file;
  const char* from;
  const char* to;
  std::vector<std::string> named;
};

class Refused : public testing::TestWithParam<Change> {};

TEST_P(Refused, IsNamed) {
  Files files;
  files.Edit(GetParam().file, GetParam().from, GetParam().to);
  ExpectNamed(Refusal(files), GetParam().named);
}

INSTANTIATE_TEST_SUITE_P(
    Checkpoint, Refused,
    testing::Values(
        Change{"Architecture", "config.json", "\"bert\"", "\"electra\"",
               {"config.json", "model_type", "bert", "electra", "not supported"}},
        Change{"Activation", "config.json", "\"gelu\"", "\"mish\"", {"hidden_act", "mish"}},
        Change{"Positions", "config.json", "\"hidden_act\"",
               "\"position_embedding_type\": \"relative_key\", \"hidden_act\"",
               {"position_embedding_type", "relative_key"}},
        Change{"Decoder", "config.json", "\"hidden_act\"",
               "\"is_decoder\": true, \"hidden_act\"", {"is_decoder"}},
        Change{"Heads", "config.json", "\"num_attention_heads\": 2",
               "\"num_attention_heads\": 3", {"num_attention_heads", "16", "3"}},
        Change{"HugeSize", "config.json", "\"hidden_size\": 16", "\"hidden_size\": 1e9",
               {"config.json", "hidden_size"}},
        Change{"MissingSize", "config.json", "\"hidden_size\": 16,", "",
               {"config.json", "hidden_size"}},
        Change{"VocabSize", "config.json", "\"vocab_size\": 7", "\"vocab_size\": 6",
               {"vocab_size", "6", "another model"}},
        Change{"NoJson", "config.json", "{", "<", {"config.json"}},
        Change{"PoolingMode", "1_Pooling/config.json", "mean_tokens", "median_tokens",
               {"1_Pooling/config.json", "median_tokens", "not supported"}},
        Change{"TwoModes", "1_Pooling/config.json", "cls_token\": false", "cls_token\": true",
               {"one mode", "2"}},
        Change{"NoMode", "1_Pooling/config.json", "mean_tokens\": true", "mean_tokens\": false",
               {"one mode", "0"}},
        Change{"PoolingDims", "1_Pooling/config.json", "16", "32",
               {"word_embedding_dimension", "16", "32"}},
        Change{"Dense", "modules.json", "models.Normalize", "models.Dense",
               {"2_Normalize/config.json"}},
        Change{"LayerNorm", "modules.json", "models.Normalize", "models.LayerNorm",
               {"modules.json", "module 2", "LayerNorm", "not supported"}},
        Change{"PathOutside", "modules.json", "1_Pooling", "../Pooling", {"modules.json", "path"}},
        Change{"Quantized", "config.json", "\"hidden_act\"",
               "\"quantization_config\": {}, \"hidden_act\"", {"quantization_config"}},
        Change{"ModuleOrder", "modules.json", "models.Pooling", "models.Normalize",
               {"modules.json", "Normalize"}},
        Change{"TooLong", "sentence_bert_config.json", "32", "65",
               {"max_seq_length", "65", "64"}},
        Change{"PostProcessor", "tokenizer.json", "TemplateProcessing", "RobertaProcessing",
               {"post_processor"}},
        Change{"IdGap", "tokenizer.json", "\"b\": 6", "\"b\": 7", {"model.vocab", "b"}},
        Change{"IdTwice", "tokenizer.json", "\"b\": 6", "\"b\": 5", {"model.vocab"}},
        Change{"IdFraction", "tokenizer.json", "\"b\": 6", "\"b\": 5.5", {"model.vocab", "b"}},
        Change{"LineFeed", "tokenizer.json", "\"b\": 6", "\"b\\n\": 6", {"line feed"}},
        Change{"AddedTokenElsewhere", "tokenizer.json", "\"id\": 3", "\"id\": 4", {"[SEP]", "4"}}),
    [](const auto& info) { return std::string(info.param.what); });

TEST(CheckpointTest, MissingFilesAreNamed) {
  for (const char* name : {"config.json", "1_Pooling/config.json", "tokenizer.json"}) {
    Files files;
    files.Drop(name);
    ExpectNamed(Refusal(files), {name});
  }
}

TEST(CheckpointTest, WithoutModulesItIsMeanPoolingWithoutNormalisation) {
  Files files;
  files.Drop("modules.json");
  files.Drop("1_Pooling/config.json");
  const ModelConfig config = Read(files).config;
  EXPECT_EQ(config.pooling, Pooling::kMean);
  EXPECT_FALSE(config.normalize);
}

TEST(CheckpointTest, ReadsThePoolingOfNewerVersions) {
  Files files;
  files.Set("1_Pooling/config.json",
            R"({"embedding_dimension": 16, "pooling_mode": "cls", "include_prompt": true})");
  EXPECT_EQ(Read(files).config.pooling, Pooling::kCls);
  files.Set("1_Pooling/config.json", R"({"pooling_mode": ["mean"]})");
  EXPECT_EQ(Read(files).config.pooling, Pooling::kMean);
  files.Set("1_Pooling/config.json", R"({"pooling_mode": ["mean", "max"]})");
  ExpectNamed(Refusal(files), {"pooling_mode", "2"});
  files.Set("1_Pooling/config.json", R"({"pooling_mode": "mean", "include_prompt": false})");
  ExpectNamed(Refusal(files), {"include_prompt"});
}

TEST(CheckpointTest, MaximumLengthFallsBackToTokenizerThenModel) {
  Files files;
  files.Set("sentence_bert_config.json", R"({"max_seq_length": null})");
  EXPECT_EQ(Read(files).config.max_tokens, 64u);
  files.Set("tokenizer_config.json", R"({"model_max_length": 48})");
  EXPECT_EQ(Read(files).config.max_tokens, 48u);
  files.Set("tokenizer_config.json", R"({"model_max_length": 1e30})");
  EXPECT_EQ(Read(files).config.max_tokens, 64u);
}

TEST(CheckpointTest, PromptsComeInOrder) {
  Files files;
  files.Set("config_sentence_transformers.json",
            R"({"prompts": {"query": "query: ", "document": ""}, "default_prompt_name": null})");
  const auto prompts = Read(files).config.prompts;
  ASSERT_EQ(prompts.size(), 2u);
  EXPECT_EQ(prompts[0], (std::pair<std::string, std::string>("query", "query: ")));
  EXPECT_EQ(prompts[1].first, "document");
  files.Edit("config_sentence_transformers.json", "null", "\"query\"");
  EXPECT_EQ(Read(files).config.default_prompt, "query");
  files.Edit("config_sentence_transformers.json", "\"query\"}", "\"passage\"}");
  ExpectNamed(Refusal(files), {"default_prompt_name", "passage"});
}

TEST(CheckpointTest, WithoutTokenizerJsonVocabTxtAndDefaultsAreRead) {
  Files files;
  files.Drop("tokenizer.json");
  files.Set("vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\na\r\nb");
  files.Set("tokenizer_config.json", R"({"do_lower_case": false, "strip_accents": null})");
  const Checkpoint cased = Read(files);
  EXPECT_FALSE(cased.config.tokenizer.wordpiece.lowercase);
  EXPECT_FALSE(cased.config.tokenizer.wordpiece.strip_accents);
  EXPECT_EQ(cased.config.tokenizer.wordpiece.special_tokens.size(), 5u);
  EXPECT_EQ(Text(cased.vocab), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n");
  files.Set("tokenizer_config.json", R"({"tokenizer_class": "RobertaTokenizer"})");
  ExpectNamed(Refusal(files), {"tokenizer_class", "RobertaTokenizer"});
}

TEST(CheckpointTest, LoweringBySentenceTransformersStripsNoAccents) {
  Files files;
  files.Drop("tokenizer.json");
  files.Set("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n");
  files.Set("tokenizer_config.json", R"({"do_lower_case": false})");
  files.Set("sentence_bert_config.json", R"({"max_seq_length": 32, "do_lower_case": true})");
  const WordPieceConfig tokenizer = Read(files).config.tokenizer.wordpiece;
  EXPECT_TRUE(tokenizer.lowercase);
  EXPECT_FALSE(tokenizer.strip_accents);
}

TEST(CheckpointTest, FilesThatContradictEachOtherAreRefused) {
  Files files;
  files.Set("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nb\na\n");
  ExpectNamed(Refusal(files), {"vocab.txt", "line 6", "\"b\"", "\"a\""});
  files.Set("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n");
  ExpectNamed(Refusal(files), {"vocab.txt", "line 8"});
  files.Set("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n");
  EXPECT_EQ(Refusal(files), "");
  files.Set("tokenizer_config.json", R"({"do_lower_case": false})");
  ExpectNamed(Refusal(files), {"tokenizer_config.json", "do_lower_case"});
}

TEST(CheckpointTest, AnAddedTokenBehindTheVocabularyExtendsIt) {
  Files files;
  files.Set("tokenizer.json", Files::TokenizerJson("," + Files::Special(7, "[QUERY]")));
  files.Edit("config.json", "\"vocab_size\": 7", "\"vocab_size\": 8");
  const Checkpoint checkpoint = Read(files);
  EXPECT_TRUE(Text(checkpoint.vocab).ends_with("b\n[QUERY]\n"));
  EXPECT_EQ(checkpoint.config.tokenizer.wordpiece.special_tokens.back(), "[QUERY]");
}

TEST(CheckpointTest, ReadsBertProcessing) {
  Files files;
  std::string text = Files::TokenizerJson();
  const size_t begin = text.find("{\"type\": \"TemplateProcessing\"");
  const size_t end = text.find("\"model\"");
  text.replace(begin, end - begin,
               R"({"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, )");
  files.Set("tokenizer.json", text);
  EXPECT_EQ(Read(files).config.tokenizer.wordpiece.cls_token, "[CLS]");
}

constexpr char kDense[] = R"({"in_features": 16, "out_features": 8, "bias": false,
    "activation_function": "torch.nn.modules.linear.Identity"})";

TEST(CheckpointTest, DenseModulesComeBetweenPoolingAndNormalize) {
  Files files;
  files.Edit("modules.json", "{\"idx\": 2", R"({"path": "2_Dense", "type": "s.Dense"}, {"idx": 2)");
  files.Set("2_Dense/config.json", kDense);
  const Checkpoint checkpoint = Read(files);
  ASSERT_EQ(checkpoint.config.dense.size(), 1u);
  EXPECT_EQ(checkpoint.config.dense[0].activation, DenseActivation::kIdentity);
  EXPECT_FALSE(checkpoint.config.dense[0].bias);
  EXPECT_EQ(checkpoint.config.dims(), 8u);
  EXPECT_TRUE(checkpoint.config.normalize);
  EXPECT_EQ(checkpoint.dense_weights, std::vector<std::string>{"2_Dense/model.safetensors"});
  files.Edit("2_Dense/config.json", "16", "17");
  ExpectNamed(Refusal(files), {"2_Dense/config.json", "in_features", "16", "17"});
  files.Set("2_Dense/config.json", kDense);
  files.Edit("2_Dense/config.json", "linear.Identity", "activation.Mish");
  ExpectNamed(Refusal(files), {"activation_function", "Mish", "not supported"});
  files.Set("2_Dense/config.json", kDense);
  files.Edit("2_Dense/config.json", "\"bias\"", "\"use_residual\": true, \"bias\"");
  ExpectNamed(Refusal(files), {"use_residual"});
}

TEST(CheckpointTest, ReadsEveryPoolingOfEitherFormat) {
  const std::pair<const char*, Pooling> modes[] = {
      {"mean_tokens", Pooling::kMean},       {"cls_token", Pooling::kCls},
      {"max_tokens", Pooling::kMax},         {"mean_sqrt_len_tokens", Pooling::kMeanSqrtLen},
      {"lasttoken", Pooling::kLast},         {"weightedmean_tokens", Pooling::kWeightedMean}};
  for (const auto& [mode, pooling] : modes) {
    Files files;
    files.Set("1_Pooling/config.json", "{\"pooling_mode_" + std::string(mode) + "\": true}");
    EXPECT_EQ(Read(files).config.pooling, pooling) << mode;
  }
  for (const char* mode : {"mean", "cls", "max", "mean_sqrt_len_tokens", "lasttoken",
                           "weightedmean"}) {
    Files files;
    files.Set("1_Pooling/config.json", "{\"pooling_mode\": \"" + std::string(mode) + "\"}");
    EXPECT_EQ(Refusal(files), "") << mode;
  }
}

TEST(CheckpointTest, ASequenceClassifierIsACrossEncoder) {
  Files files;
  files.Drop("modules.json");
  files.Edit("config.json", "{", R"({"architectures": ["BertForSequenceClassification"],
      "id2label": {"0": "LABEL_0"}, )");
  const ModelConfig config = Read(files).config;
  EXPECT_EQ(config.classifier.labels, 1u);
  EXPECT_TRUE(config.classifier.has_dense);
  EXPECT_EQ(config.classifier.score_activation, DenseActivation::kSigmoid);
  EXPECT_EQ(config.pooling, Pooling::kCls);
  EXPECT_FALSE(config.normalize);
  files.Set("config_sentence_transformers.json",
            R"({"activation_fn": "torch.nn.modules.linear.Identity"})");
  EXPECT_EQ(Read(files).config.classifier.score_activation, DenseActivation::kIdentity);
  files.Edit("config.json", "{", R"({"sentence_transformers":
      {"activation_fn": "torch.nn.modules.activation.Sigmoid"}, )");
  EXPECT_EQ(Read(files).config.classifier.score_activation, DenseActivation::kSigmoid);
  files.Edit("config.json", "\"id2label\": {\"0\": \"LABEL_0\"},", "");
  EXPECT_EQ(Read(files).config.classifier.labels, 2u);  // transformers writes down no two
  files.Edit("config.json", "BertForSequence", "BertForToken");
  EXPECT_EQ(Read(files).config.classifier.labels, 0u);
}

TEST(CheckpointTest, AVocabularyOfMillionsOfLinesIsRefusedBeforeItIsHeld) {
  Files files;
  files.Drop("tokenizer.json");
  files.Set("vocab.txt", std::string(3 << 20, '\n'));
  ExpectNamed(Refusal(files), {"vocab.txt", "1048576"});
}

TEST(CheckpointTest, AnIndexNamesTheShards) {
  Files files;
  files.Set("model.safetensors.index.json", R"({"weight_map": {"a": "model-2.safetensors",
      "b": "model-1.safetensors", "c": "model-2.safetensors"}})");
  EXPECT_EQ(Read(files).transformer_weights,
            (std::vector<std::string>{"model-1.safetensors", "model-2.safetensors"}));
  files.Set("model.safetensors.index.json", R"({"weight_map": {"a": "../x.safetensors"}})");
  ExpectNamed(Refusal(files), {"model.safetensors.index.json", "weight_map", "a"});
  files.Drop("model.safetensors.index.json");
  EXPECT_EQ(Read(files).transformer_weights, std::vector<std::string>{"model.safetensors"});
}

}  // namespace
}  // namespace simile
