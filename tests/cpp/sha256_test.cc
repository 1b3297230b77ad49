// SPDX-License-Identifier: Apache-2.0
// Expected values: FIPS 180-4's examples (NIST, "SHA_All.pdf").
#include "base/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace simile {
namespace {

std::string HashOf(const std::string& text) {
  Sha256 hash;
  hash.Update(text.data(), text.size());
  return hash.Hex();
}

TEST(Sha256, GivesTheStandardsValues) {
  EXPECT_EQ(HashOf(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HashOf("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HashOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(HashOf(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheStreamIsCut) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  const std::string whole = HashOf(text);
  for (size_t chunk = 1; chunk <= 130; ++chunk) {
    Sha256 hash;
    for (size_t i = 0; i < text.size(); i += chunk) {
      hash.Update(text.data() + i, std::min(chunk, text.size() - i));
    }
    EXPECT_EQ(hash.Hex(), whole) << chunk;
  }
}

TEST(Sha256, CanBeReadBeforeTheStreamEnds) {
  Sha256 hash;
  hash.Update("ab", 2);
  EXPECT_EQ(hash.Hex(), HashOf("ab"));
  EXPECT_EQ(hash.Hex(), HashOf("ab"));
  hash.Update("c", 1);
  EXPECT_EQ(hash.Hex(), HashOf("abc"));
}

}  // namespace
}  // namespace simile
