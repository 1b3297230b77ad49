// SPDX-License-Identifier: Apache-2.0
// Tokenizers of tokenizer.json's kind over vocabularies of a few pieces. That they
// equal the reference on real ones is tokenizer_ids_test.cc.
#include "text/steps_tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "convert/tokenizer_files.h"
#include "model/tokenizer_config_json.h"
#include "text/make_tokenizer.h"

namespace simile {
namespace {

// A tokenizer.json from its parts, each of them JSON.
struct File {
  std::string added = "[]";
  std::string normalizer = "null";
  std::string pre_tokenizer = "null";
  std::string post_processor = "null";
  std::string model;

  std::string Text() const {
    return R"({"added_tokens": )" + added + R"(, "normalizer": )" + normalizer +
           R"(, "pre_tokenizer": )" + pre_tokenizer + R"(, "post_processor": )" +
           post_processor + R"(, "model": )" + model + "}";
  }
};

constexpr char kMetaspace[] = R"({"type": "Metaspace", "replacement": "▁",
    "prepend_scheme": "always", "split": true})";

File UnigramFile() {
  File file;
  file.pre_tokenizer = kMetaspace;
  file.model = R"({"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["▁", -2], ["a", -3],
      ["b", -3], ["ab", -4], ["▁ab", -5], ["c", -9]]})";
  return file;
}

File BpeFile(const std::string& options = "") {
  File file;
  file.model = R"({"type": "BPE", "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3, "aba": 4,
      "<0xC3>": 5, "<0xA9>": 6}, "merges": ["a b", ["ab", "a"]])" + options + "}";
  return file;
}

Result<TokenizerFiles> ReadFiles(const std::string& text) {
  Buffer<uint8_t> bytes;
  EXPECT_TRUE(bytes.Append(reinterpret_cast<const uint8_t*>(text.data()), text.size()).ok());
  CheckpointFiles files;
  files.Add("tokenizer.json", std::move(bytes));
  return ReadTokenizerFiles(files);
}

// The refusal's message; "" if there is none.
std::string Refusal(const File& file) {
  Result<TokenizerFiles> read = ReadFiles(file.Text());
  if (!read.ok()) return read.status().message();
  const auto made = MakeTokenizer(read.value().config, std::move(read.value().vocab));
  return made.ok() ? "" : made.status().message();
}

std::unique_ptr<Tokenizer> Make(const File& file) {
  Result<TokenizerFiles> read = ReadFiles(file.Text());
  EXPECT_TRUE(read.ok()) << read.status().message();
  auto made = MakeTokenizer(read.value().config, std::move(read.value().vocab));
  EXPECT_TRUE(made.ok()) << made.status().message();
  return std::move(made.value());
}

std::vector<uint32_t> Ids(const Tokenizer& tokenizer, const std::string& text,
                          size_t max_tokens = 1 << 20) {
  Buffer<Token> tokens;
  EXPECT_TRUE(tokenizer.Tokenize(text, max_tokens, &tokens).ok());
  std::vector<uint32_t> ids;
  for (const Token& token : tokens) ids.push_back(token.id);
  return ids;
}

using IdList = std::vector<uint32_t>;

TEST(Unigram, TakesTheCutWhoseScoresAddUpToTheMost) {
  const auto tokenizer = Make(UnigramFile());
  EXPECT_EQ(Ids(*tokenizer, "ab"), IdList({5}));        // -5, not ▁ ab: -6
  EXPECT_EQ(Ids(*tokenizer, "aab"), IdList({1, 2, 4}));
  EXPECT_EQ(Ids(*tokenizer, ""), IdList());
  EXPECT_EQ(Ids(*tokenizer, " "), IdList({1}));
}

TEST(Unigram, RunsOfUnknownCharactersAreOneToken) {
  const auto tokenizer = Make(UnigramFile());
  Buffer<Token> tokens;
  ASSERT_TRUE(tokenizer->Tokenize("ab éü b", 100, &tokens).ok());
  ASSERT_EQ(tokens.size(), 5u);  // ▁ab ▁ <unk> ▁ b
  EXPECT_EQ(tokens[2].id, 0u);
  EXPECT_EQ(tokens[2].begin, 3u);
  EXPECT_EQ(tokens[2].end, 7u);
}

TEST(Bpe, MergesTheEarliestPairFirst) {
  const auto tokenizer = Make(BpeFile(R"(, "unk_token": "<unk>")"));
  EXPECT_EQ(Ids(*tokenizer, "aba"), IdList({4}));
  EXPECT_EQ(Ids(*tokenizer, "bab"), IdList({2, 3}));
  EXPECT_EQ(Ids(*tokenizer, "xxa"), IdList({0, 0, 1}));
}

TEST(Bpe, UnknownCharactersBecomeBytesOrOneTokenOrNothing) {
  EXPECT_EQ(Ids(*Make(BpeFile(R"(, "byte_fallback": true)")), "aé"), IdList({1, 5, 6}));
  EXPECT_EQ(Ids(*Make(BpeFile(R"(, "fuse_unk": true, "unk_token": "<unk>")")), "xya"),
            IdList({0, 1}));
  EXPECT_EQ(Ids(*Make(BpeFile()), "xya"), IdList({1}));
}

TEST(Bpe, AWordThatIsATokenNeedsNoMerges) {
  File file = BpeFile(R"(, "ignore_merges": true)");
  file.model.replace(file.model.find("\"a b\", "), 7, "");
  EXPECT_EQ(Ids(*Make(file), "aba"), IdList({4}));
}

TEST(StepsTokenizer, CutsTheTextsEndAndKeepsItsOwnTokens) {
  File file = UnigramFile();
  file.post_processor = R"({"type": "TemplateProcessing", "single": [
      {"SpecialToken": {"id": "a", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
      {"SpecialToken": {"id": "b", "type_id": 0}}],
      "special_tokens": {"a": {"id": "a", "ids": [2], "tokens": ["a"]},
                         "b": {"id": "b", "ids": [3], "tokens": ["b"]}}})";
  const auto tokenizer = Make(file);
  Buffer<Token> tokens;
  const auto result = tokenizer->Tokenize("ab ab ab", 4, &tokens);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().full_count, 5u);
  EXPECT_TRUE(result.value().truncated);
  EXPECT_EQ(Ids(*tokenizer, "ab ab ab", 4), IdList({2, 5, 5, 3}));
  EXPECT_FALSE(tokenizer->Tokenize("ab", 1, &tokens).ok());
  EXPECT_EQ(tokens.size(), 4u);  // what failed left nothing
}

TEST(StepsTokenizer, AddedTokensTakeTheWhiteSpaceThatTheySay) {
  File file = UnigramFile();
  file.added = R"([{"id": 7, "content": "<m>", "lstrip": true, "rstrip": true, "special": true},
      {"id": 8, "content": "word", "single_word": true, "normalized": false, "special": false}])";
  const auto tokenizer = Make(file);
  EXPECT_EQ(tokenizer->vocab_size(), 9u);
  Buffer<Token> tokens;
  ASSERT_TRUE(tokenizer->Tokenize("ab  <m> \u3000ab", 100, &tokens).ok());
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[1].id, 7u);
  EXPECT_EQ(tokens[1].begin, 2u);
  EXPECT_EQ(tokens[1].end, 11u);
  EXPECT_EQ(Ids(*tokenizer, "word")[0], 8u);
  EXPECT_EQ(Ids(*tokenizer, "words"), IdList({1, 0}));
}

TEST(StepsTokenizer, ReadsInvalidUtf8AsReplacementCharacters) {
  const auto tokenizer = Make(UnigramFile());
  EXPECT_EQ(Ids(*tokenizer, "a\xff\xc3"), Ids(*tokenizer, "a\ufffd\ufffd"));
}

// Time and memory grow with the text, not with its square.
TEST(StepsTokenizer, TakesALongWordInItsStride) {
  File bpe = BpeFile(R"(, "fuse_unk": true, "unk_token": "<unk>")");
  for (const char* part : {"ab", "a", "x", "\u0301"}) {
    std::string text;
    for (int i = 0; i < 300000; ++i) text += part;
    EXPECT_GE(Ids(*Make(UnigramFile()), text).size(), 1u);
    EXPECT_GE(Ids(*Make(bpe), text).size(), 1u);
  }
}

TEST(StepsTokenizer, RunningOutOfMemoryIsAnErrorAndLeavesTheTokensAsTheyWere) {
  const auto tokenizer = Make(UnigramFile());
  Buffer<Token> tokens;
  ASSERT_TRUE(tokens.Append({1, 2, 3}).ok());
  for (int countdown = 0;; ++countdown) {
    ASSERT_LT(countdown, 1000);
    FailAllocationForTest(countdown);
    const auto result = tokenizer->Tokenize("ab xy ab", 100, &tokens);
    FailAllocationForTest(-1);
    if (result.ok()) break;
    EXPECT_EQ(result.status().code(), StatusCode::kOutOfMemory);
    ASSERT_EQ(tokens.size(), 1u);
  }
}

struct Wrong {
  const char* name;
  std::string File::*part;
  const char* json;
  const char* named;
};

class RefusedTokenizerTest : public testing::TestWithParam<Wrong> {};

TEST_P(RefusedTokenizerTest, IsRefusedByName) {
  File file = UnigramFile();
  file.*GetParam().part = GetParam().json;
  const std::string message = Refusal(file);
  EXPECT_NE(message.find(GetParam().named), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    OnePartAtATime, RefusedTokenizerTest,
    testing::Values(
        Wrong{"Normalizer", &File::normalizer, R"({"type": "Roman"})", "Roman"},
        Wrong{"NormalizerOfASequence", &File::normalizer,
              R"({"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Roman"}]})",
              "Roman"},
        Wrong{"ReplaceRegex", &File::normalizer,
              R"({"type": "Replace", "pattern": {"Regex": "a+"}, "content": ""})", "a+"},
        Wrong{"ReplaceNothing", &File::normalizer,
              R"({"type": "Replace", "pattern": {"String": ""}, "content": "a"})", "Replace"},
        Wrong{"Charsmap", &File::normalizer,
              R"({"type": "Precompiled", "precompiled_charsmap": "AAAA"})", "character map"},
        Wrong{"Base64", &File::normalizer,
              R"({"type": "Precompiled", "precompiled_charsmap": "A*"})", "base64"},
        Wrong{"PreTokenizer", &File::pre_tokenizer, R"({"type": "UnicodeScripts"})",
              "UnicodeScripts"},
        Wrong{"SplitRegex", &File::pre_tokenizer,
              R"({"type": "Split", "pattern": {"Regex": "a|b"}, "behavior": "Isolated",
                  "invert": false})", "a|b"},
        Wrong{"Behavior", &File::pre_tokenizer,
              R"({"type": "Punctuation", "behavior": "Doubled"})", "Doubled"},
        Wrong{"Replacement", &File::pre_tokenizer,
              R"({"type": "Metaspace", "replacement": "__"})", "__"},
        Wrong{"PostProcessor", &File::post_processor, R"({"type": "Echo"})", "Echo"},
        Wrong{"TwoTexts", &File::post_processor,
              R"({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}},
                  {"Sequence": {"id": "A"}}], "special_tokens": {}})", "once"},
        Wrong{"EndToken", &File::post_processor,
              R"({"type": "BertProcessing", "cls": ["x", 99], "sep": ["y", 1]})", "99"},
        Wrong{"Model", &File::model, R"({"type": "WordLevel", "vocab": {}})", "WordLevel"},
        Wrong{"UnkId", &File::model, R"({"type": "Unigram", "vocab": [["a", 0]]})", "unk_id"},
        Wrong{"UnkIdTooHigh", &File::model,
              R"({"type": "Unigram", "unk_id": 9, "vocab": [["a", 0]]})", "unk_id"},
        Wrong{"Score", &File::model,
              R"({"type": "Unigram", "unk_id": 0, "vocab": [["a", "0"]]})", "entry 0"},
        Wrong{"Merge", &File::model,
              R"({"type": "BPE", "vocab": {"a": 0}, "merges": ["a b c"]})", "entry 0"},
        Wrong{"MergeUnknown", &File::model,
              R"({"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"]})", "\"aa\""},
        Wrong{"Dropout", &File::model,
              R"({"type": "BPE", "dropout": 0.1, "vocab": {"a": 0}, "merges": []})", "dropout"},
        Wrong{"Suffix", &File::model,
              R"({"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {"a": 0}, "merges": []})",
              "end_of_word_suffix"},
        Wrong{"AddedId", &File::added,
              R"([{"id": 5, "content": "<m>", "special": true}])", "<m>"},
        Wrong{"AddedTwice", &File::added,
              R"([{"id": 2, "content": "a", "special": true},
                  {"id": 2, "content": "a", "special": true}])", "twice"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(TokenizerRecipe, SaysTheSameAgain) {
  File file = UnigramFile();
  file.added = R"([{"id": 7, "content": "<m>", "lstrip": true, "special": true}])";
  file.normalizer = R"({"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "NFKC"},
      {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
      {"type": "Strip", "strip_left": true, "strip_right": false}]})";
  file.pre_tokenizer = std::string(R"({"type": "Sequence", "pretokenizers": [
      {"type": "Split", "pattern": {"String": "c"}, "behavior": "MergedWithNext",
       "invert": true}, {"type": "Digits", "individual_digits": true}, )") + kMetaspace + "]}";
  const Result<TokenizerFiles> read = ReadFiles(file.Text());
  ASSERT_TRUE(read.ok()) << read.status().message();
  const std::string recipe = TokenizerToJson(read.value().config).Dump();
  const Result<Json> json = Json::Parse(recipe, "recipe");
  TokenizerConfig config;
  const Status status = TokenizerFromJson(JsonReader(json.value(), "recipe"), &config);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(TokenizerToJson(config).Dump(), recipe);
  EXPECT_EQ(config.steps.normalizers.size(), 4u);
  EXPECT_TRUE(config.steps.added_tokens[0].lstrip);
}

}  // namespace
}  // namespace simile
