// SPDX-License-Identifier: Apache-2.0
// The only file that includes BearSSL.
#include "base/sha256.h"

#include <bearssl_hash.h>

#include <cstring>
#include <new>

namespace simile {
namespace {

static_assert(sizeof(br_sha256_context) <= 128, "Sha256::state_ is too small");
static_assert(alignof(br_sha256_context) <= 8);

}  // namespace

Sha256::Sha256() { br_sha256_init(::new (state_) br_sha256_context); }

void Sha256::Update(const void* data, size_t size_bytes) {
  br_sha256_update(reinterpret_cast<br_sha256_context*>(state_), data, size_bytes);
}

std::string Sha256::Hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  uint8_t digest[br_sha256_SIZE];
  br_sha256_out(reinterpret_cast<const br_sha256_context*>(state_), digest);
  std::string hex;
  for (uint8_t byte : digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace simile
