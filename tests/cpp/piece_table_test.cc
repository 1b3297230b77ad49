// SPDX-License-Identifier: Apache-2.0
#include "text/piece_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "random.h"
#include "text/double_array.h"

namespace simile {
namespace {

std::vector<KeyValue> KeysOf(const std::set<std::string>& texts) {
  std::vector<KeyValue> keys;
  for (const std::string& text : texts) {
    keys.emplace_back(text, static_cast<uint32_t>(keys.size()));
  }
  return keys;
}

TEST(DoubleArray, FindsEveryKeyAndNoOther) {
  uint32_t state = 1;
  const auto next = [&state](uint32_t limit) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
  };
  std::set<std::string> texts;
  while (texts.size() < 20000) {
    std::string text;
    for (uint32_t i = 0, size = 1 + next(6); i < size; ++i) {
      text += static_cast<char>(1 + next(texts.size() % 2 == 0 ? 255 : 20));
    }
    texts.insert(text);
  }
  const std::vector<KeyValue> keys = KeysOf(texts);
  Buffer<uint32_t> units;
  ASSERT_TRUE(BuildDoubleArray(keys, &units).ok());
  const DoubleArray trie(units.data(), units.size());
  for (const auto& [key, value] : keys) ASSERT_EQ(trie.Find(key), value);
  for (int i = 0; i < 100000; ++i) {
    std::string text;
    for (uint32_t k = 0, size = 1 + next(4); k < size; ++k) text += static_cast<char>(next(256));
    if (!texts.contains(text)) ASSERT_EQ(trie.Find(text), DoubleArray::kNoValue);
  }
}

TEST(DoubleArray, IsNearlyFull) {
  std::set<std::string> texts;
  size_t nodes = 0;
  for (int i = 0; i < 5000; ++i) texts.insert(std::to_string(i * 7919));
  std::set<std::string> prefixes;
  for (const std::string& text : texts) {
    for (size_t n = 1; n <= text.size(); ++n) prefixes.insert(text.substr(0, n));
  }
  nodes = prefixes.size() + texts.size();
  Buffer<uint32_t> units;
  ASSERT_TRUE(BuildDoubleArray(KeysOf(texts), &units).ok());
  EXPECT_LT(units.size(), nodes + nodes / 4 + 512);
}

TEST(DoubleArray, RefusesKeysThatAreNoneOrUnsorted) {
  const std::vector<std::vector<KeyValue>> wrong = {
      {{"", 0}}, {{"a", 0}, {"a", 1}}, {{"b", 0}, {"a", 1}}, {{std::string_view("a\0b", 3), 0}}};
  for (const std::vector<KeyValue>& keys : wrong) {
    Buffer<uint32_t> units;
    EXPECT_FALSE(BuildDoubleArray(keys, &units).ok());
  }
}

TEST(DoubleArray, NoWalkLeavesUnitsFromAStranger) {
  uint32_t state = 7;
  Buffer<uint32_t> units;
  for (int i = 0; i < 300; ++i) {
    state = state * 1664525u + 1013904223u;
    ASSERT_TRUE(units.Append(state).ok());
  }
  const DoubleArray trie(units.data(), units.size());
  for (int i = 0; i < 10000; ++i) {
    char text[4];
    state = state * 1664525u + 1013904223u;
    std::memcpy(text, &state, sizeof(text));
    trie.Find({text, sizeof(text)});
  }
  EXPECT_EQ(DoubleArray().Find("a"), DoubleArray::kNoValue);
}

PieceTableParts Parts() {
  PieceTableParts parts;
  parts.piece_count = 4;
  parts.keys = {{"a", 1}, {"ab", 3}, {"b", 2}};
  parts.scores = {0.0, -3.4635426998138428, -20.3647518157959, -1.5};
  parts.merges = {{1, 2, 3}};
  parts.charsmap = "xyz of 12 by";
  return parts;
}

Buffer<uint8_t> Build(const PieceTableParts& parts) {
  Result<Buffer<uint8_t>> built = BuildPieceTable(parts);
  EXPECT_TRUE(built.ok()) << built.status().message();
  return std::move(built.value());
}

TEST(PieceTable, GivesBackWhatItWasMadeOf) {
  const PieceTableParts parts = Parts();
  Result<PieceTable> table = PieceTable::Make(Build(parts));
  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_EQ(table.value().size(), 4u);
  EXPECT_EQ(table.value().Find("ab"), 3u);
  EXPECT_EQ(table.value().Find("abc"), PieceTable::kNoPiece);
  for (uint32_t id = 0; id < 4; ++id) EXPECT_EQ(table.value().Score(id), parts.scores[id]);
  EXPECT_EQ(table.value().MinScore(), parts.scores[2]);
  ASSERT_EQ(table.value().merge_count(), 1u);
  EXPECT_EQ(table.value().merges()[0].merged, 3u);
  EXPECT_EQ(table.value().charsmap(), "xyz of 12 by");
}

TEST(PieceTable, KeepsTheBitsOfScores) {
  PieceTableParts parts = Parts();
  const double near_float = std::nextafter(static_cast<double>(-3.25f), 0.0);
  for (const double score : {near_float, -0.1, 1e-300, -3.2845087051, -0.0}) {
    parts.scores[2] = score;
    Result<PieceTable> table = PieceTable::Make(Build(parts));
    ASSERT_TRUE(table.ok()) << table.status().message();
    EXPECT_EQ(table.value().Score(2), score);
    EXPECT_EQ(std::signbit(table.value().Score(2)), std::signbit(score));
    EXPECT_EQ(table.value().Score(3), -1.5);
  }
  parts.scores[2] = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(BuildPieceTable(parts).ok());
}

TEST(PieceTable, RefusesEveryTruncation) {
  const Buffer<uint8_t> whole = Build(Parts());
  for (size_t size = 0; size < whole.size(); ++size) {
    Buffer<uint8_t> part;
    ASSERT_TRUE(part.Append(whole.data(), size).ok());
    EXPECT_FALSE(PieceTable::Make(std::move(part)).ok()) << size;
  }
}

TEST(PieceTable, RefusesCountsThatDoNotAddUp) {
  for (size_t at = 0; at < 28; at += 4) {
    for (const uint32_t value : {0u, 1u, 5u, 0x7fffffffu, 0xffffffffu}) {
      Buffer<uint8_t> bytes = Build(Parts());
      uint32_t old = 0;
      std::memcpy(&old, bytes.data() + at, 4);
      std::memcpy(bytes.data() + at, &value, 4);
      if (value != old) EXPECT_FALSE(PieceTable::Make(std::move(bytes)).ok()) << at;
    }
  }
}

TEST(PieceTable, RefusesAMergeOfPiecesThatAreNotThere) {
  PieceTableParts parts = Parts();
  parts.merges[0].merged = 4;
  const Result<PieceTable> table = PieceTable::Make(Build(parts));
  ASSERT_FALSE(table.ok());
  EXPECT_NE(table.status().message().find("merge 0"), std::string::npos);
}

}  // namespace
}  // namespace simile
