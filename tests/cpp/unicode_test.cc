// SPDX-License-Identifier: Apache-2.0
#include "text/unicode.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <utility>


namespace simile {
namespace {

// tests/golden/README.md describes the file.
struct BlockHash {
  const char* property;
  uint32_t block;
  uint64_t hash;
};
constexpr BlockHash kReference[] = {
#include "../golden/unicode.inc"
};
constexpr uint32_t kBlock = 0x1000;

using Hashes = std::map<std::pair<std::string, uint32_t>, uint64_t>;

std::string Hex(uint32_t value) {
  char text[12];
  std::snprintf(text, sizeof(text), "%x", value);
  return text;
}

std::string Hex(const uint32_t* values, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + Hex(values[i]);
  return text;
}

void Add(const std::string& property, uint32_t code_point, const std::string& value,
         Hashes* hashes) {
  const auto key = std::make_pair(property, code_point / kBlock * kBlock);
  uint64_t& state = hashes->try_emplace(key, 0xcbf29ce484222325).first->second;
  for (const char byte : Hex(code_point) + "=" + value + "\n") {
    state = (state ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  }
}

void AddClass(uint32_t code_point, Hashes* hashes) {
  const CharClass found = Classify(code_point);
  const bool is_space = found.kind == CharKind::kSpace;
  const bool is_removed =
      found.kind == CharKind::kControl || found.kind == CharKind::kControlSpace;
  if (is_removed) Add("clean", code_point, "removed", hashes);
  if (is_space && code_point != ' ') Add("clean", code_point, "space", hashes);
  if (is_space || found.kind == CharKind::kControlSpace) {
    Add("split", code_point, "space", hashes);
  }
  if (found.kind == CharKind::kPunctuation) Add("split", code_point, "punctuation", hashes);
  if (found.combining_class != 0) {
    Add("order", code_point, std::to_string(found.combining_class), hashes);
  }
  if (IsCjk(code_point)) Add("cjk", code_point, "cjk", hashes);
}

void AddMappings(uint32_t code_point, Hashes* hashes) {
  uint32_t lower[kMaxLowerCase];
  const size_t lower_count = LowerCase(code_point, lower);
  if (lower_count != 1 || lower[0] != code_point) {
    Add("lower", code_point, Hex(lower, lower_count), hashes);
  }
  uint32_t bases[kMaxBaseCharacters];
  const size_t base_count = BaseCharacters(code_point, bases);
  if (base_count != 1 || bases[0] != code_point) {
    Add("base", code_point, Hex(bases, base_count), hashes);
  }
}

TEST(Unicode, EqualsTheReferenceAtEveryCodePoint) {
  Hashes expected;
  for (const BlockHash& block : kReference) {
    expected[{block.property, block.block}] = block.hash;
  }
  Hashes found;
  for (uint32_t code_point = 0; code_point < 0x110000; ++code_point) {
    if (code_point >= 0xd800 && code_point <= 0xdfff) continue;
    AddClass(code_point, &found);
    AddMappings(code_point, &found);
  }
  for (const auto& [key, hash] : expected) {
    EXPECT_EQ(found[key], hash) << key.first << " in the block of U+" << Hex(key.second);
  }
  EXPECT_EQ(found.size(), expected.size());
}

TEST(Unicode, KeepsItsTablesSmall) { EXPECT_LT(UnicodeTableBytes(), 12u * 1024); }

TEST(Unicode, DecomposesHangulByArithmetic) {
  uint32_t parts[kMaxBaseCharacters];
  ASSERT_EQ(BaseCharacters(0xac00, parts), 2u);  // 가
  EXPECT_EQ(parts[0], 0x1100u);
  EXPECT_EQ(parts[1], 0x1161u);
  ASSERT_EQ(BaseCharacters(0xd7a3, parts), 3u);  // 힣
  EXPECT_EQ(parts[0], 0x1112u);
  EXPECT_EQ(parts[1], 0x1175u);
  EXPECT_EQ(parts[2], 0x11c2u);
  EXPECT_EQ(BaseCharacters(0xd7a4, parts), 1u);
}

TEST(Unicode, LowersTheDottedCapitalIToTwoCharacters) {
  uint32_t lower[kMaxLowerCase];
  ASSERT_EQ(LowerCase(0x130, lower), 2u);
  EXPECT_EQ(lower[0], 0x69u);
  EXPECT_EQ(lower[1], 0x307u);
}

TEST(Unicode, FindsIdeographsOfBothPlanes) {
  uint32_t base[kMaxBaseCharacters];
  ASSERT_EQ(BaseCharacters(0xf900, base), 1u);
  EXPECT_EQ(base[0], 0x8c48u);
  ASSERT_EQ(BaseCharacters(0x2fa1d, base), 1u);
  EXPECT_EQ(base[0], 0x2a600u);
}

}  // namespace
}  // namespace simile
