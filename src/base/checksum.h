// SPDX-License-Identifier: Apache-2.0
// XXH64 of a stream (Yann Collet's xxHash, doc/xxhash_spec.md, seed 0): finds damage
// in what this machine stored itself, some twenty times faster than SHA-256. It
// proves nothing against someone who wants two files to agree.

#ifndef SIMILE_BASE_CHECKSUM_H_
#define SIMILE_BASE_CHECKSUM_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace simile {

class Checksum {
 public:
  Checksum();
  void Update(const void* data, size_t size_bytes);
  // 16 lower-case hex digits of all bytes so far; the stream may go on.
  std::string Hex() const;

 private:
  static constexpr size_t kBlock = 32;
  void MixBlock(const uint8_t* block);
  uint64_t Value() const;

  uint64_t lanes_[4];
  uint64_t size_bytes_ = 0;
  uint8_t rest_[kBlock] = {};  // of size_bytes_ % kBlock bytes
};

}  // namespace simile

#endif  // SIMILE_BASE_CHECKSUM_H_
