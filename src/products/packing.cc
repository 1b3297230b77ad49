// SPDX-License-Identifier: Apache-2.0
#include "products/packing.h"

#include <algorithm>
#include <cstring>

namespace simile {
namespace {

size_t RoundUp(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// The first `bytes` of each of `count` rows, kUnit bytes of every row in turn, as if
// there were nr rows. Returns the end of what it wrote.
template <size_t kUnit>
uint8_t* Interleave(const void* rows, size_t bytes, size_t count, size_t nr, uint8_t* out) {
  const uint8_t* from = static_cast<const uint8_t*>(rows);
  for (size_t begin = 0; begin < bytes; begin += kUnit, out += nr * kUnit) {
    const size_t size = std::min(kUnit, bytes - begin);
    if (count < nr || size < kUnit) std::memset(out, 0, nr * kUnit);
    for (size_t n = 0; n < count; ++n) {
      // Of a size known to the compiler, but for a row's end.
      if (size == kUnit) {
        std::memcpy(out + n * kUnit, from + n * bytes + begin, kUnit);
      } else {
        std::memcpy(out + n * kUnit, from + n * bytes + begin, size);
      }
    }
  }
  return out;
}

uint8_t* InterleaveInt8(size_t kr, const int8_t* w, size_t K, size_t count, size_t nr,
                        uint8_t* out) {
  switch (kr) {
    case 8: return Interleave<8>(w, K, count, nr, out);
    case 4: return Interleave<4>(w, K, count, nr, out);
    case 2: return Interleave<2>(w, K, count, nr, out);
    default: return Interleave<1>(w, K, count, nr, out);
  }
}

uint8_t* PutZeros(size_t bytes, uint8_t* out) {
  std::memset(out, 0, bytes);
  return out + bytes;
}

// One number for each column of a block, 0 for those that it lacks.
template <typename T>
uint8_t* Put(const T* values, size_t count, size_t nr, uint8_t* out) {
  std::memcpy(out, values, count * sizeof(T));
  return PutZeros((nr - count) * sizeof(T), out + count * sizeof(T));
}

int32_t SumOf(const int8_t* values, size_t count) {
  int32_t sum = 0;
  for (size_t i = 0; i < count; ++i) sum += values[i];
  return sum;
}

}  // namespace

size_t PackedInt8Bytes(PackedShape shape, size_t columns, size_t K) {
  // Per column: the sum of its weights, the weights, its scale and its bias.
  const size_t column = sizeof(int32_t) + RoundUp(K, shape.kr) + 2 * sizeof(float);
  return RoundUp(columns, shape.nr) * column;
}

size_t PackedF32Bytes(PackedShape shape, size_t columns, size_t K) {
  return RoundUp(columns, shape.nr) * (1 + K) * sizeof(float);
}

void PackInt8(PackedShape shape, size_t columns, size_t K, const int8_t* w, const float* scale,
              const float* bias, uint8_t* packed) {
  for (size_t n = 0; n < columns; n += shape.nr) {
    const size_t count = std::min(shape.nr, columns - n);
    for (size_t i = 0; i < shape.nr; ++i) {
      const int32_t sum = i < count ? -SumOf(w + (n + i) * K, K) : 0;
      packed = Put(&sum, 1, 1, packed);
    }
    packed = InterleaveInt8(shape.kr, w + n * K, K, count, shape.nr, packed);
    packed = Put(scale + n, count, shape.nr, packed);
    packed = bias == nullptr ? PutZeros(shape.nr * sizeof(float), packed)
                             : Put(bias + n, count, shape.nr, packed);
  }
}

void PackF32(PackedShape shape, size_t columns, size_t K, const float* w, const float* bias,
             float* packed) {
  uint8_t* out = reinterpret_cast<uint8_t*>(packed);
  for (size_t n = 0; n < columns; n += shape.nr) {
    const size_t count = std::min(shape.nr, columns - n);
    out = Put(bias + n, count, shape.nr, out);
    out = Interleave<sizeof(float)>(w + n * K, K * sizeof(float), count, shape.nr, out);
  }
}

}  // namespace simile
