// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>


namespace simile {
namespace {

struct CodePoints {
  std::vector<uint32_t> values;
  std::vector<uint32_t> sizes;
};

CodePoints DecodeAll(std::string_view text) {
  CodePoints result;
  for (size_t i = 0; i < text.size();) {
    const DecodedCodePoint decoded = DecodeUtf8(text, i);
    result.values.push_back(decoded.code_point);
    result.sizes.push_back(decoded.size_bytes);
    i += decoded.size_bytes;
  }
  return result;
}

using Values = std::vector<uint32_t>;

TEST(Utf8, DecodesWhatItEncodedForEveryScalarValue) {
  for (uint32_t code_point = 0; code_point < 0x110000; ++code_point) {
    if (code_point >= 0xd800 && code_point <= 0xdfff) continue;
    char bytes[4];
    const size_t size = EncodeUtf8(code_point, bytes);
    const std::string_view text(bytes, size);
    const DecodedCodePoint decoded = DecodeUtf8(text, 0);
    ASSERT_EQ(decoded.code_point, code_point);
    ASSERT_EQ(decoded.size_bytes, size);
    ASSERT_TRUE(IsValidUtf8(text));
  }
}

TEST(Utf8, MakesOneReplacementOfEachMaximalInvalidPart) {
  // The example of the Unicode Standard, 3.9, table 3-11.
  const CodePoints found = DecodeAll("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64");
  EXPECT_EQ(found.values, (Values{0x61, 0xfffd, 0xfffd, 0xfffd, 0x62, 0xfffd, 0x63, 0xfffd,
                                  0xfffd, 0x64}));
  EXPECT_EQ(found.sizes, (Values{1, 3, 2, 1, 1, 1, 1, 1, 1, 1}));
}

TEST(Utf8, TakesSurrogatesOverlongFormsAndTooLargeValuesByteByByte) {
  for (const char* text : {"\xed\xa0\x80", "\xed\xbf\xbf", "\xe0\x80\xaf", "\xf4\x90\x80",
                           "\xf0\x8f\xbf", "\xff\xfe\xfd", "\xc0\xc1\xf5"}) {
    EXPECT_EQ(DecodeAll(text).values, (Values{0xfffd, 0xfffd, 0xfffd}));
    EXPECT_FALSE(IsValidUtf8(text));
  }
}

TEST(Utf8, StopsAtTheEndOfATruncatedCharacter) {
  for (const char* text : {"\xc3", "\xe2\x82", "\xf0\x9f\x98"}) {
    const CodePoints found = DecodeAll(text);
    EXPECT_EQ(found.values, Values{0xfffd});
    EXPECT_EQ(found.sizes[0], std::string_view(text).size());
  }
}

TEST(Utf8, IsValidWithAReplacementCharacterInTheText) {
  EXPECT_TRUE(IsValidUtf8("a\xef\xbf\xbd"));
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace simile
