// SPDX-License-Identifier: Apache-2.0
#include "text/char_class.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

#include "base/utf8.h"
#include "text/aligned_text.h"
#include "text/graphemes.h"
#include "text/normal_forms.h"

namespace simile {
namespace {

// tests/golden/README.md describes the file.
struct Golden {
  const char* name;
  uint32_t count;
  uint64_t hash;
};
constexpr Golden kGolden[] = {
#include "../golden/char_classes.inc"
};

class Rows {
 public:
  void Add(uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) {
      hash_ = (hash_ ^ (number >> shift & 0xff)) * 0x100000001b3;
    }
  }
  void AddRow(uint32_t code_point) {
    ++count_;
    Add(code_point);
  }

  void Expect(const char* name) const {
    for (const Golden& golden : kGolden) {
      if (std::strcmp(golden.name, name) != 0) continue;
      EXPECT_EQ(count_, golden.count) << name;
      EXPECT_EQ(hash_, golden.hash) << name;
      return;
    }
    ADD_FAILURE() << "no golden value of " << name;
  }

 private:
  uint32_t count_ = 0;
  uint64_t hash_ = 0xcbf29ce484222325;
};

template <typename F>
void ForEachScalar(F use) {
  for (uint32_t cp = 0; cp < 0x110000; ++cp) {
    if (cp < 0xd800 || cp > 0xdfff) use(cp);
  }
}

template <typename F>
void ExpectClass(const char* name, F is_in) {
  Rows rows;
  ForEachScalar([&](uint32_t cp) {
    if (is_in(cp)) rows.AddRow(cp);
  });
  rows.Expect(name);
}

TEST(CharClass, EqualsTheReferenceAtEveryCodePoint) {
  ExpectClass("letter", IsLetter);
  ExpectClass("number", IsNumber);
  ExpectClass("white_space", IsWhiteSpace);
  ExpectClass("word", IsWordChar);
  ExpectClass("numeric", IsNumeric);
  ExpectClass("mark", IsCombiningMark);
}

TEST(CharClass, ExtendsAClusterWhereTheReferenceDoes) {
  ExpectClass("extends", [](uint32_t cp) {
    const AlignedChar chars[] = {{'a', 0, 1}, {cp, 1, 2}};
    return GraphemeEnd(chars, 0, 2) == 2;
  });
}

TEST(CharClass, NormalisesEveryCodePointAsTheReferenceDoes) {
  const std::pair<const char*, NormalForm> forms[] = {{"nfd", NormalForm::kNfd},
                                                      {"nfc", NormalForm::kNfc},
                                                      {"nfkd", NormalForm::kNfkd},
                                                      {"nfkc", NormalForm::kNfkc}};
  AlignedText text;
  for (const auto& [name, form] : forms) {
    Rows rows;
    ForEachScalar([&](uint32_t cp) {
      char bytes[4];
      const size_t size = EncodeUtf8(cp, bytes);
      ASSERT_TRUE(text.Assign({bytes, size}, 0, size).ok());
      ASSERT_TRUE(Normalize(form, &text).ok());
      if (text.size() == 1 && text[0].code_point == cp) return;
      rows.AddRow(cp);
      for (const AlignedChar& c : text.chars()) rows.Add(c.code_point);
    });
    rows.Expect(name);
  }
}

size_t FirstCluster(std::initializer_list<uint32_t> code_points) {
  Buffer<AlignedChar> chars;
  for (const uint32_t cp : code_points) EXPECT_TRUE(chars.Append({cp, 0, 0}).ok());
  return GraphemeEnd(chars.data(), 0, chars.size());
}

TEST(Graphemes, HoldTogetherWhatAReaderTakesForOneCharacter) {
  EXPECT_EQ(FirstCluster({'\r', '\n', 'a'}), 2u);
  EXPECT_EQ(FirstCluster({'\n', 0x301}), 1u);
  EXPECT_EQ(FirstCluster({0x1100, 0x1161, 0x11a8, 0x1100}), 3u);              // Hangul
  EXPECT_EQ(FirstCluster({0xac00, 0x11a8, 0x11a8}), 3u);
  EXPECT_EQ(FirstCluster({0xac01, 0x1161}), 1u);                             // LVT × V: no
  EXPECT_EQ(FirstCluster({0x600, 'a', 'b'}), 2u);                            // Prepend
  EXPECT_EQ(FirstCluster({0x915, 0x94d, 0x937, 0x301, 'a'}), 4u);            // GB9c
  EXPECT_EQ(FirstCluster({0x915, 0x301, 0x937}), 2u);                        // no linker
  EXPECT_EQ(FirstCluster({0x1f468, 0x1f3fd, 0x200d, 0x1f469, 'a'}), 4u);     // GB11
  EXPECT_EQ(FirstCluster({'a', 0x200d, 0x1f469}), 2u);
  EXPECT_EQ(FirstCluster({0x1f1eb, 0x1f1f7, 0x1f1e9, 0x1f1ea}), 2u);         // flags
}

TEST(NormalForms, KeepTheCanonicalOrderAndWhereCharactersComeFrom) {
  const std::string_view source = "e\u0323\u0301x";  // 1 + 2 + 2 + 1 bytes
  AlignedText text;
  ASSERT_TRUE(text.Assign(source, 0, source.size()).ok());
  ASSERT_TRUE(Normalize(NormalForm::kNfc, &text).ok());
  ASSERT_EQ(text.size(), 3u);
  EXPECT_EQ(text[0].code_point, 0x1eb9u);  // ẹ
  EXPECT_EQ(text[1].code_point, 0x301u);
  EXPECT_EQ(text[1].begin, 3u);
  EXPECT_EQ(text[2].begin, 5u);
}

TEST(NormalForms, TakesLongRunsOfMarksInItsStride) {
  std::string source = "a";
  for (int i = 0; i < 100000; ++i) source += i % 2 == 0 ? "\u0301" : "\u0323";
  AlignedText text;
  ASSERT_TRUE(text.Assign(source, 0, source.size()).ok());
  ASSERT_TRUE(Normalize(NormalForm::kNfc, &text).ok());
  EXPECT_EQ(text[0].code_point, 0x1ea1u);  // ạ: the lowest class comes first
  EXPECT_EQ(text.size(), 100000u);
}

}  // namespace
}  // namespace simile
