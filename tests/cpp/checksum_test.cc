// SPDX-License-Identifier: Apache-2.0
// Expected values: the `xxhsum -H1` program (xxHash 0.8), seed 0.
#include "base/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace simile {
namespace {

std::string ChecksumOf(const std::string& text) {
  Checksum checksum;
  checksum.Update(text.data(), text.size());
  return checksum.Hex();
}

TEST(Checksum, GivesTheReferencesValues) {
  EXPECT_EQ(ChecksumOf(""), "ef46db3751d8e999");
  EXPECT_EQ(ChecksumOf("a"), "d24ec4f1a98c6e5b");
  EXPECT_EQ(ChecksumOf("abc"), "44bc2cf5ad770999");
  EXPECT_EQ(ChecksumOf("Nobody inspects the spammish repetition"), "fbcea83c8a378bf1");
}

TEST(Checksum, DoesNotDependOnHowTheStreamIsCut) {
  std::string text;
  for (int i = 0; i < 150; ++i) text += static_cast<char>(i * 7);
  for (size_t size = 0; size <= text.size(); ++size) {
    const std::string whole = ChecksumOf(text.substr(0, size));
    for (size_t cut = 0; cut <= size; cut += 5) {
      Checksum checksum;
      checksum.Update(text.data(), cut / 2);
      checksum.Update(text.data() + cut / 2, cut - cut / 2);
      checksum.Update(text.data() + cut, size - cut);
      ASSERT_EQ(checksum.Hex(), whole) << size << " bytes, cut at " << cut;
    }
  }
}

TEST(Checksum, ChangesWithEachBit) {
  std::string text(77, 'x');
  const std::string whole = ChecksumOf(text);
  for (size_t bit = 0; bit < 8 * text.size(); ++bit) {
    text[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_NE(ChecksumOf(text), whole) << "bit " << bit;
    text[bit / 8] ^= static_cast<char>(1 << bit % 8);
  }
}

}  // namespace
}  // namespace simile
