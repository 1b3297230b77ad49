// SPDX-License-Identifier: Apache-2.0
#include "pool/vector_format.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "base/buffer.h"
#include "pool/pooling.h"

namespace simile {

size_t VectorBytes(VectorPrecision precision, size_t dims) {
  switch (precision) {
    case VectorPrecision::kFloat32:
      return dims * sizeof(float);
    case VectorPrecision::kInt8:
      return dims;
    case VectorPrecision::kBinary:
      return (dims + 7) / 8;
  }
  return 0;
}

float QuantizeVector(const float* v, size_t dims, int8_t* q) {
  float largest = 0.0f;
  for (size_t i = 0; i < dims; ++i) largest = std::max(largest, std::fabs(v[i]));
  const float scale = largest / 127.0f;
  for (size_t i = 0; i < dims; ++i) {
    // Where the scale is denormal, its rounding may take a quotient past 127.
    const float steps = scale > 0.0f ? std::clamp(v[i] / scale, -127.0f, 127.0f) : 0.0f;
    q[i] = static_cast<int8_t>(std::nearbyint(steps));
  }
  return scale;
}

void BinarizeVector(const float* v, size_t dims, uint8_t* bits) {
  std::memset(bits, 0, VectorBytes(VectorPrecision::kBinary, dims));
  for (size_t i = 0; i < dims; ++i) {
    if (v[i] > 0.0f) bits[i / 8] |= static_cast<uint8_t>(0x80 >> (i % 8));
  }
}

Status FormatVectors(const float* vectors, size_t count, size_t D, const VectorFormat& format,
                     uint8_t* out, float* scales) {
  const size_t dims = format.dims;
  if (dims == 0 || dims > D) {
    return InvalidArgument("dims: expected 1 to " + std::to_string(D) + ", got " +
                           std::to_string(dims));
  }
  const size_t row_bytes = VectorBytes(format.precision, dims);
  Buffer<float> row;
  SIMILE_RETURN_IF_ERROR(row.Resize(dims));
  for (size_t i = 0; i < count; ++i) {
    std::memcpy(row.data(), vectors + i * D, dims * sizeof(float));
    if (dims < D && format.normalize) NormalizeL2(dims, row.data());
    uint8_t* bytes = out + i * row_bytes;
    switch (format.precision) {
      case VectorPrecision::kFloat32:
        std::memcpy(bytes, row.data(), row_bytes);
        break;
      case VectorPrecision::kInt8:
        scales[i] = QuantizeVector(row.data(), dims, reinterpret_cast<int8_t*>(bytes));
        break;
      case VectorPrecision::kBinary:
        BinarizeVector(row.data(), dims, bytes);
        break;
    }
  }
  return Status();
}

}  // namespace simile
