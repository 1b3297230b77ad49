// SPDX-License-Identifier: Apache-2.0
// Token ids and offsets of real tokenizer.json files against the reference's
// (tests/golden/README.md describes the files), through all that stands between: the
// file's reader, the recipe's JSON, the table. SIMILE_TEST_MODELS names the folder of
// the checkpoints; tools/test.mjs sets it.
#ifndef __EMSCRIPTEN__

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/sha256.h"
#include "convert/tokenizer_files.h"
#include "model/tokenizer_config_json.h"
#include "text/make_tokenizer.h"

namespace simile {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << "cannot read " << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string GoldenFolder() {
  const std::string here = __FILE__;  // tests/cpp/tokenizer_ids_test.cc
  return here.substr(0, here.rfind("cpp")) + "golden/";
}

// A string, or a recipe [[part, times], …].
std::string ExpandText(const Json& json) {
  if (json.string() != nullptr) return *json.string();
  std::string text;
  for (const Json& entry : *json.array()) {
    const Json::Array& pair = *entry.array();
    for (double i = 0; i < *pair[1].number(); ++i) text += *pair[0].string();
  }
  return text;
}

std::vector<std::string> Texts() {
  std::vector<std::string> texts;
  std::ifstream lines(GoldenFolder() + "tokenizer_texts.jsonl");
  for (std::string line; std::getline(lines, line);) {
    const Result<Json> json = Json::Parse(line, "tokenizer_texts.jsonl");
    EXPECT_TRUE(json.ok()) << json.status().message();
    texts.push_back(ExpandText(json.value()));
  }
  return texts;
}

// As make_tokenizer_ids.py.
std::string HashOf(const Buffer<Token>& tokens) {
  uint64_t state = 0xcbf29ce484222325;
  for (const Token& token : tokens) {
    for (const uint32_t number : {token.id, token.begin, token.end}) {
      for (int shift = 0; shift < 32; shift += 8) {
        state = (state ^ (number >> shift & 0xff)) * 0x100000001b3;
      }
    }
  }
  char hex[16];
  std::snprintf(hex, sizeof(hex), "%06x",
                static_cast<uint32_t>((state ^ state >> 24 ^ state >> 48) & 0xffffff));
  return hex;
}

std::unique_ptr<Tokenizer> Load(const std::string& tokenizer_json) {
  Buffer<uint8_t> bytes;
  EXPECT_TRUE(bytes.Append(reinterpret_cast<const uint8_t*>(tokenizer_json.data()),
                           tokenizer_json.size()).ok());
  CheckpointFiles files;
  files.Add("tokenizer.json", std::move(bytes));
  Result<TokenizerFiles> read = ReadTokenizerFiles(files);
  EXPECT_TRUE(read.ok()) << read.status().message();
  if (!read.ok()) return nullptr;
  const Result<Json> recipe = Json::Parse(TokenizerToJson(read.value().config).Dump(), "recipe");
  TokenizerConfig config;
  const Status parsed = TokenizerFromJson(JsonReader(recipe.value(), "recipe"), &config);
  EXPECT_TRUE(parsed.ok()) << parsed.message();
  auto made = MakeTokenizer(config, std::move(read.value().vocab));
  EXPECT_TRUE(made.ok()) << made.status().message();
  if (!made.ok()) return nullptr;
  EXPECT_EQ(made.value()->vocab_size(), read.value().vocab_size);
  return std::move(made.value());
}

void ExpectGolden(const std::string& model, const std::string& tokenizer_json) {
  std::ifstream golden(GoldenFolder() + "tokenizer_ids/" + model + ".txt");
  std::string sha256;
  ASSERT_TRUE(std::getline(golden, sha256)) << "no golden ids of " << model;
  Sha256 file_hash;
  file_hash.Update(tokenizer_json.data(), tokenizer_json.size());
  ASSERT_EQ(file_hash.Hex(), sha256) << "another tokenizer.json than the golden ids'";
  std::string hashes;
  for (std::string line; std::getline(golden, line);) hashes += line;
  const std::vector<std::string> texts = Texts();
  ASSERT_GE(texts.size(), 5000u);
  ASSERT_EQ(hashes.size(), texts.size() * 6);
  const std::unique_ptr<Tokenizer> tokenizer = Load(tokenizer_json);
  ASSERT_NE(tokenizer, nullptr);
  Buffer<Token> tokens;
  for (size_t i = 0; i < texts.size(); ++i) {
    tokens.Clear();
    ASSERT_TRUE(tokenizer->Tokenize(texts[i], SIZE_MAX, &tokens).ok());
    EXPECT_EQ(HashOf(tokens), hashes.substr(6 * i, 6))
        << "text " << i << ": " << texts[i].substr(0, 200);
  }
}

class TokenizerIdsTest : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerIdsTest, EqualTheReferenceOnFiveThousandStrings) {
  const char* folder = std::getenv("SIMILE_TEST_MODELS");
  if (folder == nullptr) {
    GTEST_SKIP() << "set SIMILE_TEST_MODELS to the folder of the checkpoints (npm run models)";
  }
  const std::string path = std::string(folder) + "/" + GetParam() + "/tokenizer.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  ExpectGolden(GetParam(), ReadFile(path));
}

INSTANTIATE_TEST_SUITE_P(
    OfCheckpoints, TokenizerIdsTest,
    testing::Values("all-mpnet-base-v2", "bge-small-zh-v1.5", "flan-t5-small-titler",
                    "multilingual-e5-small", "smollm2-135m-instruct",
                    "universal-sentence-encoder-lite"),
    [](const auto& info) {
      std::string name;
      for (const char c : std::string(info.param)) name += std::isalnum(c) ? c : '_';
      return name;
    });

}  // namespace
}  // namespace simile

#endif  // __EMSCRIPTEN__
