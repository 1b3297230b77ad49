// SPDX-License-Identifier: Apache-2.0
// The files of golden token ids, for the tests that hold a tokenizer against them
// (tests/golden/README.md describes them). Read from disk, so natively alone.

#ifndef SIMILE_TESTS_CPP_GOLDEN_IDS_H_
#define SIMILE_TESTS_CPP_GOLDEN_IDS_H_

#include <gtest/gtest.h>

#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/json.h"
#include "base/sha256.h"
#include "text/tokenizer.h"

namespace simile {

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << "cannot read " << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

inline Buffer<uint8_t> BufferOf(const std::string& text) {
  Buffer<uint8_t> bytes;
  EXPECT_TRUE(bytes.Append(reinterpret_cast<const uint8_t*>(text.data()), text.size()).ok());
  return bytes;
}

inline std::string Sha256Of(const std::string& text) {
  Sha256 hash;
  hash.Update(text.data(), text.size());
  return hash.Hex();
}

inline std::string GoldenFolder() {
  const std::string here = __FILE__;  // tests/cpp/golden_ids.h
  return here.substr(0, here.rfind("cpp")) + "golden/";
}

// A string, or a recipe [[part, times], …].
inline std::string ExpandText(const Json& json) {
  if (json.string() != nullptr) return *json.string();
  std::string text;
  for (const Json& entry : *json.array()) {
    const Json::Array& pair = *entry.array();
    for (double i = 0; i < *pair[1].number(); ++i) text += *pair[0].string();
  }
  return text;
}

inline std::vector<std::string> GoldenStrings() {
  std::vector<std::string> texts;
  std::ifstream lines(GoldenFolder() + "tokenizer_texts.jsonl");
  for (std::string line; std::getline(lines, line);) {
    const Result<Json> json = Json::Parse(line, "tokenizer_texts.jsonl");
    EXPECT_TRUE(json.ok()) << json.status().message();
    texts.push_back(ExpandText(json.value()));
  }
  return texts;
}

// What a golden file's hashes are over: every token's id, perhaps with its offsets.
enum class Hashed { kIds, kIdsAndOffsets };

// As make_tokenizer_ids.py and make_sentencepiece_ids.py: FNV-1a, 24 of its bits.
inline std::string HashOf(const Buffer<Token>& tokens, Hashed hashed) {
  uint64_t state = 0xcbf29ce484222325;
  const auto mix = [&state](uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) {
      state = (state ^ (number >> shift & 0xff)) * 0x100000001b3;
    }
  };
  for (const Token& token : tokens) {
    mix(token.id);
    if (hashed == Hashed::kIds) continue;
    mix(token.begin);
    mix(token.end);
  }
  char hex[16];
  std::snprintf(hex, sizeof(hex), "%06x",
                static_cast<uint32_t>((state ^ state >> 24 ^ state >> 48) & 0xffffff));
  return hex;
}

// The file that the golden ids of `golden` ("tokenizer_ids/NAME.txt") were made with.
inline std::string GoldenSource(const std::string& golden) {
  std::ifstream file(GoldenFolder() + golden);
  std::string sha256;
  EXPECT_TRUE(std::getline(file, sha256)) << "no " << golden;
  return sha256;
}

inline void ExpectGoldenIds(const std::string& golden, Hashed hashed, const Tokenizer& tokenizer) {
  std::ifstream file(GoldenFolder() + golden);
  std::string line, hashes;
  std::getline(file, line);  // see GoldenSource
  while (std::getline(file, line)) hashes += line;
  const std::vector<std::string> texts = GoldenStrings();
  ASSERT_GE(texts.size(), 5000u);
  ASSERT_EQ(hashes.size(), texts.size() * 6);
  Buffer<Token> tokens;
  for (size_t i = 0; i < texts.size(); ++i) {
    tokens.Clear();
    ASSERT_TRUE(tokenizer.Tokenize(texts[i], SIZE_MAX, &tokens).ok());
    EXPECT_EQ(HashOf(tokens, hashed), hashes.substr(6 * i, 6))
        << "text " << i << ": " << texts[i].substr(0, 200);
  }
}

// The file of a checkpoint in the folder that SIMILE_TEST_MODELS names (tools/test.mjs
// sets it), or "" and why it cannot be.
inline std::string CheckpointFile(const std::string& name, std::string* reason) {
  const char* folder = std::getenv("SIMILE_TEST_MODELS");
  if (folder == nullptr) {
    *reason = "set SIMILE_TEST_MODELS to the folder of the checkpoints (npm run models)";
    return "";
  }
  const std::string path = std::string(folder) + "/" + name;
  if (std::filesystem::exists(path)) return path;
  *reason = path + " is not there";
  return "";
}

// A test's name may have letters, digits and "_".
inline std::string TestNameOf(const testing::TestParamInfo<const char*>& info) {
  std::string name;
  for (const char c : std::string(info.param)) name += std::isalnum(c) ? c : '_';
  return name;
}

}  // namespace simile

#endif  // SIMILE_TESTS_CPP_GOLDEN_IDS_H_
