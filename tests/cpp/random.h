// SPDX-License-Identifier: Apache-2.0
// A small deterministic source of numbers for tests (SplitMix64, Steele et al.
// 2014): the same everywhere, unlike std::normal_distribution.

#ifndef SIMILE_TESTS_CPP_RANDOM_H_
#define SIMILE_TESTS_CPP_RANDOM_H_

#include <cstdint>
#include <vector>

namespace simile {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t bound) { return Next() % bound; }

  // Uniform in [-scale, scale).
  float Float(float scale = 1.0f) {
    return scale * (static_cast<float>(Next() >> 40) / 8388608.0f - 1.0f);
  }
  std::vector<float> Floats(size_t count, float scale = 1.0f) {
    std::vector<float> values(count);
    for (float& value : values) value = Float(scale);
    return values;
  }
  // Symmetric int8, -127 … 127.
  std::vector<int8_t> Weights(size_t count) {
    std::vector<int8_t> values(count);
    for (int8_t& value : values) value = static_cast<int8_t>(static_cast<int>(Below(255)) - 127);
    return values;
  }

 private:
  uint64_t state_;
};

}  // namespace simile

#endif  // SIMILE_TESTS_CPP_RANDOM_H_
