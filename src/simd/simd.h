// SPDX-License-Identifier: Apache-2.0
// The portable SIMD layer: Google's Highway, compiled for the one instruction
// set of the target (static dispatch), always four floats wide, so that every
// sum adds in the same order natively and in WebAssembly. Kernels use Mul and
// Add, never MulAdd, which some targets fuse. Included by .cc files of src/simd.

#ifndef SIMILE_SIMD_SIMD_H_
#define SIMILE_SIMD_SIMD_H_

#define HWY_COMPILE_ONLY_STATIC
#include "hwy/highway.h"

namespace simile {

namespace hn = hwy::HWY_NAMESPACE;

inline constexpr size_t kLanes = 4;
using F32Tag = hn::FixedTag<float, kLanes>;
using I32Tag = hn::FixedTag<int32_t, kLanes>;
using F32 = hn::Vec<F32Tag>;
using I32 = hn::Vec<I32Tag>;
inline constexpr F32Tag kF32;
inline constexpr I32Tag kI32;

inline F32 Load(const float* p) { return hn::LoadU(kF32, p); }
inline void Store(F32 v, float* p) { hn::StoreU(v, kF32, p); }
inline F32 Splat(float x) { return hn::Set(kF32, x); }

// 1.5 * 2^23: added to x, |x| <= 2^22, it leaves the nearest integer to x (halves to
// even) in the low bits.
inline constexpr float kRoundingShift = 12582912.0f;

// x rounded to the nearest integer, for |x| <= 2^22. WebAssembly's conversion, which
// must saturate, takes ten instructions. shift: kRoundingShift in every lane.
inline I32 NearestSmallInt(F32 x, F32 shift) {
  return hn::Sub(hn::BitCast(kI32, hn::Add(x, shift)), hn::BitCast(kI32, shift));
}
inline I32 NearestSmallInt(F32 x) { return NearestSmallInt(x, Splat(kRoundingShift)); }

// `table` by a way that the compiler cannot see through, so that its entries are
// loaded, outside of loops. Vector constants are built anew wherever they are
// used: by V8 in two moves and a shuffle each.
inline const float* Opaque(const float* table) {
  asm("" : "+r"(table));
  return table;
}

// The `count` < 4 floats at p, the other lanes 0. Reads no byte beyond them.
inline F32 LoadPart(const float* p, size_t count) {
  float lanes[kLanes] = {};
  for (size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return Load(lanes);
}
inline void StorePart(F32 v, float* p, size_t count) {
  float lanes[kLanes];
  Store(v, lanes);
  for (size_t i = 0; i < count; ++i) p[i] = lanes[i];
}

// (a0 + a1) + (a2 + a3): the one order in which lanes are added.
inline float SumLanes(F32 v) {
  float lanes[kLanes];
  Store(v, lanes);
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}
inline float MaxLanes(F32 v) {
  float lanes[kLanes];
  Store(v, lanes);
  const float a = lanes[0] > lanes[1] ? lanes[0] : lanes[1];
  const float b = lanes[2] > lanes[3] ? lanes[2] : lanes[3];
  return a > b ? a : b;
}

// The largest of n >= 1 floats.
inline float MaxOf(const float* x, size_t n) {
  F32 max_v = Splat(x[0]);
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) max_v = hn::Max(max_v, Load(x + i));
  float max = MaxLanes(max_v);
  for (; i < n; ++i) max = x[i] > max ? x[i] : max;
  return max;
}

}  // namespace simile

#endif  // SIMILE_SIMD_SIMD_H_
