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
  EXPECT_EQ(config.bert.hidden_size, 16u);
  EXPECT_EQ(config.bert.layers, 2u);
  EXPECT_EQ(config.bert.heads, 2u);
  EXPECT_EQ(config.bert.intermediate_size, 32u);
  EXPECT_EQ(config.bert.layer_norm_eps, 1e-6);
  EXPECT_EQ(config.pooling, Pooling::kMean);
  EXPECT_TRUE(config.normalize);
  EXPECT_EQ(config.max_tokens, 32u);  // not tokenizer.json's 8
  EXPECT_EQ(config.license, "apache-2.0");
  EXPECT_TRUE(config.tokenizer.lowercase);
  EXPECT_TRUE(config.tokenizer.strip_accents);  // null: as lowercase
  EXPECT_EQ(config.tokenizer.max_word_chars, 50u);
  EXPECT_EQ(config.tokenizer.special_tokens, (std::vector<std::string>{"[PAD]", "[SEP]"}));
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
        Change{"Architecture", "config.json", "\"bert\"", "\"roberta\"",
               {"config.json", "model_type", "bert", "roberta"}},
        Change{"Activation", "config.json", "\"gelu\"", "\"relu\"", {"hidden_act", "relu"}},
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
        Change{"VocabSize", "config.json", "\"vocab_size\": 7", "\"vocab_size\": 8",
               {"vocab_size", "8", "7"}},
        Change{"NoJson", "config.json", "{", "<", {"config.json"}},
        Change{"PoolingMode", "1_Pooling/config.json", "mean_tokens", "max_tokens",
               {"1_Pooling/config.json", "max_tokens", "not supported"}},
        Change{"TwoModes", "1_Pooling/config.json", "cls_token\": false", "cls_token\": true",
               {"one mode", "2"}},
        Change{"NoMode", "1_Pooling/config.json", "mean_tokens\": true", "mean_tokens\": false",
               {"one mode", "0"}},
        Change{"PoolingDims", "1_Pooling/config.json", "16", "32",
               {"word_embedding_dimension", "16", "32"}},
        Change{"Dense", "modules.json", "models.Normalize", "models.Dense",
               {"modules.json", "Dense"}},
        Change{"ModuleOrder", "modules.json", "models.Pooling", "models.Normalize",
               {"modules.json", "Normalize"}},
        Change{"TooLong", "sentence_bert_config.json", "32", "65",
               {"max_seq_length", "65", "64"}},
        Change{"TokenizerModel", "tokenizer.json", "\"WordPiece\"", "\"BPE\"",
               {"tokenizer.json", "model", "WordPiece", "BPE"}},
        Change{"Normalizer", "tokenizer.json", "BertNormalizer", "NFC",
               {"normalizer", "BertNormalizer", "NFC"}},
        Change{"PreTokenizer", "tokenizer.json", "BertPreTokenizer", "Whitespace",
               {"pre_tokenizer", "Whitespace"}},
        Change{"PostProcessor", "tokenizer.json", "TemplateProcessing", "RobertaProcessing",
               {"post_processor"}},
        Change{"IdGap", "tokenizer.json", "\"b\": 6", "\"b\": 7", {"model.vocab", "b"}},
        Change{"IdTwice", "tokenizer.json", "\"b\": 6", "\"b\": 5", {"model.vocab"}},
        Change{"IdFraction", "tokenizer.json", "\"b\": 6", "\"b\": 5.5", {"model.vocab", "b"}},
        Change{"LineFeed", "tokenizer.json", "\"b\": 6", "\"b\\n\": 6", {"line feed"}},
        Change{"PlainAddedToken", "tokenizer.json", "\"special\": true", "\"special\": false",
               {"[PAD]", "special"}},
        Change{"Lstrip", "tokenizer.json", "\"lstrip\": false", "\"lstrip\": true",
               {"[PAD]", "lstrip"}},
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
  ExpectNamed(Refusal(files), {"default_prompt_name"});
}

TEST(CheckpointTest, WithoutTokenizerJsonVocabTxtAndDefaultsAreRead) {
  Files files;
  files.Drop("tokenizer.json");
  files.Set("vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\na\r\nb");
  files.Set("tokenizer_config.json", R"({"do_lower_case": false, "strip_accents": null})");
  const Checkpoint cased = Read(files);
  EXPECT_FALSE(cased.config.tokenizer.lowercase);
  EXPECT_FALSE(cased.config.tokenizer.strip_accents);
  EXPECT_EQ(cased.config.tokenizer.special_tokens.size(), 5u);
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
  const WordPieceConfig tokenizer = Read(files).config.tokenizer;
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
  EXPECT_EQ(checkpoint.config.tokenizer.special_tokens.back(), "[QUERY]");
}

TEST(CheckpointTest, ReadsBertProcessing) {
  Files files;
  std::string text = Files::TokenizerJson();
  const size_t begin = text.find("{\"type\": \"TemplateProcessing\"");
  const size_t end = text.find("\"model\"");
  text.replace(begin, end - begin,
               R"({"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, )");
  files.Set("tokenizer.json", text);
  EXPECT_EQ(Read(files).config.tokenizer.cls_token, "[CLS]");
}

TEST(ModelCardTest, LicenseComesFromTheFrontMatterAlone) {
  EXPECT_EQ(LicenseOfModelCard("---\nlicense: mit\n---\n"), "mit");
  EXPECT_EQ(LicenseOfModelCard("---\r\nlanguage: en\r\nlicense: \"apache-2.0\"\r\n---\r\n"),
            "apache-2.0");
  EXPECT_EQ(LicenseOfModelCard("---\nlicense:\n- cc-by-4.0\n- mit\n---\n"), "cc-by-4.0");
  EXPECT_EQ(LicenseOfModelCard("---\nlanguage: en\n---\nlicense: mit\n"), "unknown");
  EXPECT_EQ(LicenseOfModelCard("# Model\nlicense: mit\n"), "unknown");
  EXPECT_EQ(LicenseOfModelCard("---\nlicense: \xff\xfe\n---\n"), "unknown");
  EXPECT_EQ(LicenseOfModelCard("---\nlicense:\n---\n"), "unknown");
  EXPECT_EQ(LicenseOfModelCard("---\nlicense: mit"), "mit");
  EXPECT_EQ(LicenseOfModelCard(""), "unknown");
}

TEST(CheckpointTest, AVocabularyOfMillionsOfLinesIsRefusedBeforeItIsHeld) {
  Files files;
  files.Drop("tokenizer.json");
  files.Set("vocab.txt", std::string(3 << 20, '\n'));
  ExpectNamed(Refusal(files), {"vocab.txt", "1048576"});
}

TEST(CheckpointFilesTest, KeepsOnlyWhatIsWanted) {
  EXPECT_TRUE(CheckpointFiles::Wants("1_Pooling/config.json"));
  EXPECT_FALSE(CheckpointFiles::Wants("model.safetensors"));
  EXPECT_FALSE(CheckpointFiles::Wants("Pooling/config.json"));
  CheckpointFiles files;
  files.Add("other.json", Buffer<uint8_t>());
  EXPECT_FALSE(files.Has("other.json"));
}

}  // namespace
}  // namespace simile
