// SPDX-License-Identifier: Apache-2.0
#include "base/checksum.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace simile {
namespace {

static_assert(std::endian::native == std::endian::little);

// The specification's five primes.
constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87;
constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
constexpr uint64_t kPrime3 = 0x165667B19E3779F9;
constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5;

template <typename T>
uint64_t Read(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

uint64_t Round(uint64_t lane, uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

uint64_t Avalanche(uint64_t hash) {
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return hash ^ hash >> 32;
}

// What is left after the last whole block.
uint64_t MixRest(uint64_t hash, const uint8_t* bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    hash = std::rotl(hash ^ Round(0, Read<uint64_t>(bytes)), 27) * kPrime1 + kPrime4;
  }
  for (; count >= 4; bytes += 4, count -= 4) {
    hash = std::rotl(hash ^ Read<uint32_t>(bytes) * kPrime1, 23) * kPrime2 + kPrime3;
  }
  for (; count > 0; ++bytes, --count) {
    hash = std::rotl(hash ^ *bytes * kPrime5, 11) * kPrime1;
  }
  return hash;
}

}  // namespace

Checksum::Checksum() : lanes_{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1} {}

void Checksum::MixBlock(const uint8_t* block) {
  for (size_t i = 0; i < 4; ++i) lanes_[i] = Round(lanes_[i], Read<uint64_t>(block + 8 * i));
}

void Checksum::Update(const void* data, size_t size_bytes) {
  const uint8_t* bytes = static_cast<const uint8_t*>(data);
  const size_t held = size_bytes_ % kBlock;
  size_bytes_ += size_bytes;
  if (held > 0) {
    const size_t taken = std::min(size_bytes, kBlock - held);
    std::memcpy(rest_ + held, bytes, taken);
    if (held + taken < kBlock) return;
    MixBlock(rest_);
    bytes += taken;
    size_bytes -= taken;
  }
  for (; size_bytes >= kBlock; bytes += kBlock, size_bytes -= kBlock) MixBlock(bytes);
  if (size_bytes > 0) std::memcpy(rest_, bytes, size_bytes);
}

uint64_t Checksum::Value() const {
  uint64_t hash = kPrime5;  // of less than a block
  if (size_bytes_ >= kBlock) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
           std::rotl(lanes_[3], 18);
    for (const uint64_t lane : lanes_) hash = (hash ^ Round(0, lane)) * kPrime1 + kPrime4;
  }
  return Avalanche(MixRest(hash + size_bytes_, rest_, size_bytes_ % kBlock));
}

std::string Checksum::Hex() const {
  const uint64_t value = Value();
  std::string hex;
  for (int shift = 60; shift >= 0; shift -= 4) hex += "0123456789abcdef"[value >> shift & 15];
  return hex;
}

}  // namespace simile
