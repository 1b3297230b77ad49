// SPDX-License-Identifier: Apache-2.0
// Token ids of real sentencepiece files against the reference's (tests/golden/README.md
// describes the files). SIMILE_TEST_MODELS names the folder of the checkpoints.
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
#include "text/sentencepiece.h"

namespace simile {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << "cannot read " << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string GoldenFolder() {
  const std::string here = __FILE__;  // tests/cpp/sentencepiece_ids_test.cc
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

// As make_sentencepiece_ids.py.
std::string HashOf(const Buffer<Token>& tokens) {
  uint64_t state = 0xcbf29ce484222325;
  for (const Token& token : tokens) {
    for (int shift = 0; shift < 32; shift += 8) {
      state = (state ^ (token.id >> shift & 0xff)) * 0x100000001b3;
    }
  }
  char hex[16];
  std::snprintf(hex, sizeof(hex), "%06x",
                static_cast<uint32_t>((state ^ state >> 24 ^ state >> 48) & 0xffffff));
  return hex;
}

void ExpectGolden(const std::string& name, const std::string& model) {
  std::ifstream golden(GoldenFolder() + "sentencepiece_ids/" + name + ".txt");
  std::string sha256;
  ASSERT_TRUE(std::getline(golden, sha256)) << "no golden ids of " << name;
  Sha256 file_hash;
  file_hash.Update(model.data(), model.size());
  ASSERT_EQ(file_hash.Hex(), sha256) << "another model than the golden ids'";
  std::string hashes;
  for (std::string line; std::getline(golden, line);) hashes += line;
  const std::vector<std::string> texts = Texts();
  ASSERT_GE(texts.size(), 5000u);
  ASSERT_EQ(hashes.size(), texts.size() * 6);
  Buffer<uint8_t> bytes;
  ASSERT_TRUE(bytes.Append(reinterpret_cast<const uint8_t*>(model.data()), model.size()).ok());
  const auto tokenizer = MakeSentencepiece(std::move(bytes), {});
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status().message();
  Buffer<Token> tokens;
  for (size_t i = 0; i < texts.size(); ++i) {
    tokens.Clear();
    ASSERT_TRUE(tokenizer.value()->Tokenize(texts[i], SIZE_MAX, &tokens).ok());
    EXPECT_EQ(HashOf(tokens), hashes.substr(6 * i, 6))
        << "text " << i << ": " << texts[i].substr(0, 200);
  }
}

class SentencepieceIdsTest : public testing::TestWithParam<const char*> {};

TEST_P(SentencepieceIdsTest, EqualTheReferenceOnFiveThousandStrings) {
  const char* folder = std::getenv("SIMILE_TEST_MODELS");
  if (folder == nullptr) {
    GTEST_SKIP() << "set SIMILE_TEST_MODELS to the folder of the checkpoints (npm run models)";
  }
  const std::string path = std::string(folder) + "/" + GetParam() + "/tokenizer.model";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  ExpectGolden(GetParam(), ReadFile(path));
}

INSTANTIATE_TEST_SUITE_P(OfFiles, SentencepieceIdsTest,
                         testing::Values("use-multilingual-v3", "mistral-v1"),
                         [](const auto& info) {
                           std::string name;
                           for (const char c : std::string(info.param)) {
                             name += std::isalnum(c) ? c : '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace simile

#endif  // __EMSCRIPTEN__
