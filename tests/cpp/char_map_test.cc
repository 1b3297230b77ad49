// SPDX-License-Identifier: Apache-2.0
#include "sentencepiece/char_map.h"

#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "text/double_array.h"
#include "text/literal_tokens.h"
#include "text/sentencepiece.h"
#include "tiny_sentencepiece.h"

namespace simile {
namespace {

// The table of the file: keys to offsets into the replacements.
std::string Table(const std::vector<KeyValue>& keys, std::string_view replacements) {
  Buffer<uint32_t> units;
  EXPECT_TRUE(BuildDoubleArray(keys, &units).ok());
  while (units.size() % 256 != 0) EXPECT_TRUE(units.Append(0).ok());
  for (size_t i = 1; i < units.size(); ++i) {
    if (units[i] == 0) units[i] = 1u << 31;  // the label of no byte
  }
  const auto bytes = static_cast<uint32_t>(units.size_bytes());
  std::string table(4, '\0');
  std::memcpy(table.data(), &bytes, 4);
  table.append(reinterpret_cast<const char*>(units.data()), units.size_bytes());
  return table + std::string(replacements);
}

TEST(CharMap, ReplacesCharactersBeforeTheyAreCut) {
  TinySentencepiece model;
  model.pieces.push_back({"▁b", -1});
  model.char_map = Table({{"é", 0}, {"ü", 2}}, std::string_view("b\0u\0", 4));
  ASSERT_TRUE(CheckCharMap(model.char_map).ok());
  auto tokenizer = MakeSentencepiece(model.Bytes(), {});
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status().message();
  Buffer<Token> tokens;
  ASSERT_TRUE(tokenizer.value()->Tokenize("é", SIZE_MAX, &tokens).ok());
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_EQ(tokens[0].id, 1u);
  EXPECT_EQ(tokens[0].end, 2u);
}

TEST(CharMap, RefusesMoreNestedKeysThanTheLibraryHasRoomFor) {
  std::vector<std::string> texts;
  for (int size = 1; size <= 33; ++size) texts.push_back(std::string(size, 'a'));
  std::vector<KeyValue> keys;
  for (const std::string& text : texts) keys.push_back({text, 0});
  EXPECT_NE(CheckCharMap(Table(keys, std::string_view("b\0", 2))).message().find("begin alike"),
            std::string::npos);
  keys.pop_back();
  EXPECT_TRUE(CheckCharMap(Table(keys, std::string_view("b\0", 2))).ok());
}

TEST(CharMap, RefusesKeysAndReplacementsThatAreTooLong) {
  const std::string key(65, 'k');
  EXPECT_NE(CheckCharMap(Table({{key, 0}}, std::string_view("b\0", 2))).message().find("key"),
            std::string::npos);
  const std::string replacement = std::string(257, 'r') + std::string(1, '\0');
  EXPECT_NE(CheckCharMap(Table({{"k", 0}}, replacement)).message().find("replacement"),
            std::string::npos);
}

TEST(CharMap, RefusesWhateverLeavesTheTable) {
  const std::string good = Table({{"é", 0}}, std::string_view("b\0", 2));
  for (size_t unit = 0; unit < 256; ++unit) {
    for (const uint32_t bits : {0xffffffffu, 0x7fffff00u, 0x00100000u}) {
      std::string bad = good;
      const uint32_t labelled = (bits & ~0x800000ffu) | (unit & 0xff);
      std::memcpy(bad.data() + 4 + unit * 4, &labelled, 4);
      // Good or not, a text of any bytes stays inside (AddressSanitizer watches).
      TinySentencepiece model;
      model.pieces.push_back({"a", -1});
      model.char_map = bad;
      auto tokenizer = MakeSentencepiece(model.Bytes(), {});
      if (!tokenizer.ok()) continue;
      Buffer<Token> tokens;
      EXPECT_TRUE(tokenizer.value()->Tokenize("é\xc3\x01\xff abc", SIZE_MAX, &tokens).ok());
    }
  }
}

TEST(CharMap, RefusesACircle) {
  // The root is its own child by the byte 0, and a key ends there.
  std::string table = Table({{"é", 0}}, std::string_view("b\0", 2));
  const uint32_t root = 0x100;
  std::memcpy(table.data() + 4, &root, 4);
  EXPECT_NE(CheckCharMap(table).message().find("begin alike"), std::string::npos);
}

TEST(CharMap, RefusesSizesThatDoNotFit) {
  const std::string good = Table({{"é", 0}}, std::string_view("b\0", 2));
  EXPECT_TRUE(CheckCharMap("").ok());
  for (const size_t size : {size_t{1}, size_t{4}, size_t{1028}, good.size() - 1}) {
    EXPECT_FALSE(CheckCharMap(std::string_view(good).substr(0, size)).ok()) << size;
  }
}

TEST(LiteralTokens, TheLongestOfSeveralCounts) {
  const Result<LiteralTokens> made = LiteralTokens::Make(
      {{"<a>", 1, false, false}, {"<a>b", 2, false, false}, {"<a>bcd", 3, false, false}});
  ASSERT_TRUE(made.ok());
  const std::pair<const char*, uint32_t> cases[] = {
      {"<a>", 1}, {"<a>x", 1}, {"<a>bc", 2}, {"<a>bcd", 3}, {"<a>bcz", 2}, {"<a>a", 1}};
  for (const auto& [text, id] : cases) {
    const LiteralTokens::Match match = made.value().FindNext(text, 0);
    EXPECT_EQ(match.begin, 0u) << text;
    EXPECT_EQ(match.id, id) << text;
  }
  EXPECT_EQ(made.value().FindNext("<a<b", 0).begin, 4u);
}

}  // namespace
}  // namespace simile
