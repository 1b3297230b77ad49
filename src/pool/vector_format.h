// SPDX-License-Identifier: Apache-2.0
// How an embedder's vectors are handed out: shortened to their first dimensions
// (Matryoshka Representation Learning, Kusupati et al. 2022), and in fewer bits.
// Reference: sentence-transformers, truncate_embeddings and quantize_embeddings.
// "binary" is its "ubinary", bit for bit. "int8" is not its "int8", which maps the
// range of each dimension over a set of texts to 256 steps: that needs texts to
// calibrate with, and makes a vector depend on them. Here each vector has one
// scale of its own, so a text has the same bytes in any company, and cosines need
// no scale at all.

#ifndef SIMILE_POOL_VECTOR_FORMAT_H_
#define SIMILE_POOL_VECTOR_FORMAT_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"

namespace simile {

enum class VectorPrecision {
  kFloat32 = 0,
  kInt8 = 1,    // value = q * scale, q in -127 … 127
  kBinary = 2,  // a bit for each dimension, 1 where the value is above 0
};

struct VectorFormat {
  size_t dims;     // how many of the first dimensions stay
  bool normalize;  // vectors that are cut are scaled to length 1 again
  VectorPrecision precision;
};

// Bytes that the values of one vector take: 4 a dimension, 1, or 1 for eight.
size_t VectorBytes(VectorPrecision precision, size_t dims);

// scale = max|v| / 127, q = round(v / scale), halves to even. A vector of zeros has
// scale 0. q: [dims]; returns the scale. v must be finite.
float QuantizeVector(const float* v, size_t dims, int8_t* q);

// Bits from the most significant of the first byte on, as numpy.packbits has
// them; those after the last dimension are 0. bits: [(dims + 7) / 8].
void BinarizeVector(const float* v, size_t dims, uint8_t* bits);

// vectors: [count, D] f32; out: [count] rows of VectorBytes; scales: [count] f32,
// written for kInt8 alone. kInvalidArgument if format.dims is 0 or above D;
// kOutOfMemory.
Status FormatVectors(const float* vectors, size_t count, size_t D, const VectorFormat& format,
                     uint8_t* out, float* scales);

}  // namespace simile

#endif  // SIMILE_POOL_VECTOR_FORMAT_H_
