// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) of a stream, by BearSSL, which sha256.cc alone includes.

#ifndef SIMILE_BASE_SHA256_H_
#define SIMILE_BASE_SHA256_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace simile {

class Sha256 {
 public:
  Sha256();
  void Update(const void* data, size_t size_bytes);
  // 64 lower-case hex digits of all bytes so far; the stream may go on.
  std::string Hex() const;

 private:
  alignas(8) uint8_t state_[128];  // br_sha256_context, checked in sha256.cc
};

}  // namespace simile

#endif  // SIMILE_BASE_SHA256_H_
