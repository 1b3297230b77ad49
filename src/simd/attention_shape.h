// SPDX-License-Identifier: Apache-2.0
// AttentionShape: what attention of one head of keys and values does, in f32
// (attention.h) and in integers (integer_attention.h) alike: its sizes, which keys
// a query reaches, and what is added to the scores. Nothing here knows a model.

#ifndef SIMILE_SIMD_ATTENTION_SHAPE_H_
#define SIMILE_SIMD_ATTENTION_SHAPE_H_

#include <cstddef>
#include <cstdint>

namespace simile {

inline constexpr size_t kUnlimitedReach = SIZE_MAX;

// Keys are multiplied in tiles of so many.
inline constexpr size_t kKeyTile = 8;

// Keys [begin, end) of a text.
struct KeyRange {
  size_t begin, end;
  size_t size() const { return end - begin; }
};

struct AttentionShape {
  size_t T;                // tokens of the text
  size_t d;                // head size, a multiple of 8
  size_t query_heads = 1;  // heads of queries that share the keys and values, side by side
  float scale = 0;         // of the scores; 0: 1 / sqrt(d)
  // Query i sees the keys i - reach_back … i + reach_ahead.
  size_t reach_back = kUnlimitedReach;
  size_t reach_ahead = kUnlimitedReach;
  // bias[j - i] is added to the scaled score of query i and key j; it is readable for
  // 1 - T <= j - i < T + kKeyTile. nullptr: none. Only with one head of queries.
  const float* bias = nullptr;

  bool IsPlain() const {
    return bias == nullptr && reach_back == kUnlimitedReach && reach_ahead == kUnlimitedReach;
  }
  KeyRange Sees(size_t query) const {
    const size_t rest = T - 1 - query;  // keys after it
    return {query < reach_back ? 0 : query - reach_back,
            reach_ahead < rest ? query + reach_ahead + 1 : T};
  }
  // What queries [first, first + count) see, in whole tiles.
  KeyRange TilesOf(size_t first, size_t count) const {
    const size_t end = Sees(first + count - 1).end;
    return {Sees(first).begin / kKeyTile * kKeyTile, (end + kKeyTile - 1) / kKeyTile * kKeyTile};
  }
};

// scores: those of `query` with the keys of `tiles`, scores[j] with key j. Adds the
// bias, makes keys that the query does not see -1e30, and returns the largest.
float FinishScores(const AttentionShape& shape, size_t query, KeyRange tiles, float* scores);

}  // namespace simile

#endif  // SIMILE_SIMD_ATTENTION_SHAPE_H_
