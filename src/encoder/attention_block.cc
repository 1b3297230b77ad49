// SPDX-License-Identifier: Apache-2.0
#include "encoder/attention_block.h"

#include <algorithm>
#include <bit>

#include "encoder/rows.h"
#include "simd/attention.h"
#include "simd/integer_attention.h"
#include "simd/row_kernels.h"

namespace simile {

bool AttentionBlock::IsInteger() const {
  return weights_.is_int8() && shape().head_size <= kMaxIntegerHead;
}

void AttentionBlock::Init() {
  if (shape().positions != Positions::kRotary) return;
  rotary_.Init(shape().rotary_base, shape().head_size);
  local_rotary_.Init(shape().local_rotary_base, shape().head_size);
}

Status AttentionBlock::Prepare(size_t longest) {
  // Powers of two, so that texts that get longer and longer make few new tables.
  const size_t T =
      std::min<size_t>(shape().max_positions, std::bit_ceil(std::max<size_t>(longest, 64)));
  if (shape().positions == Positions::kRotary) {
    SIMILE_RETURN_IF_ERROR(rotary_.Grow(T));
    if (shape().local_rotary_base != 0) SIMILE_RETURN_IF_ERROR(local_rotary_.Grow(T));
  }
  if (!shape().has_relative_bias()) return Status();
  return relative_.Grow(T, weights_.Floats(TensorRole::kRelativeBias, -1),
                        shape().relative_buckets, shape().relative_max_distance, shape().heads,
                        IsInteger() ? kIntegerBiasUnit : 1.0f);
}

size_t AttentionBlock::ScratchBytes(size_t longest) const {
  const size_t d = shape().head_size;
  return IsInteger() ? IntegerAttentionScratch(longest, d)
                     : AttentionScratch(longest, d) * sizeof(float);
}

const RotaryTable& AttentionBlock::RotaryOf(uint32_t layer) const {
  return shape().IsLocal(layer) && shape().local_rotary_base != 0 ? local_rotary_ : rotary_;
}

void AttentionBlock::PrepareRow(uint32_t layer, size_t position, float* row) const {
  const size_t d = shape().layer_head_size(layer);
  const float eps = static_cast<float>(shape().layer_norm_eps);
  const RotaryTable& rotary = RotaryOf(layer);
  const float* query_norm = weights_.Floats(TensorRole::kQueryNormGamma, static_cast<int>(layer));
  const float* key_norm = weights_.Floats(TensorRole::kKeyNormGamma, static_cast<int>(layer));
  for (size_t head = 0; head < shape().heads + shape().kv_heads; ++head, row += d) {
    if (shape().query_key_norm) {
      RmsNorm(row, head < shape().heads ? query_norm : key_norm, eps, d, row);
    }
    if (shape().positions == Positions::kRotary) {
      RotateHalves(rotary.cosines(position), rotary.sines(position), d, row);
    }
  }
}

AttentionShape AttentionBlock::ShapeOf(uint32_t layer, size_t T) const {
  AttentionShape attention = {.T = T, .d = shape().layer_head_size(layer)};
  attention.scale = static_cast<float>(shape().attention_scale);
  if (shape().IsLocal(layer)) {
    attention.reach_back = attention.reach_ahead = shape().local_window;
  }
  if (shape().causal) attention.reach_ahead = 0;
  return attention;
}

void AttentionBlock::Run(ThreadPool& pool, const EncoderInput& input, uint32_t layer,
                         const Workspace& work, size_t scratch_bytes) const {
  const size_t d = shape().layer_head_size(layer);
  const size_t Q = shape().layer_query_size(layer), KV = shape().layer_kv_size(layer);
  const size_t stride = Q + 2 * KV;
  if (shape().query_key_norm || shape().positions == Positions::kRotary) {
    ForRows(pool, input.offsets[input.B], [&](size_t t) {
      PrepareRow(layer, work.positions[t], work.qkv + t * stride);
    });
  }
  // Heads that share keys and values share a task, unless that leaves threads idle.
  const size_t sharing = shape().heads / shape().kv_heads;
  const size_t together = pool.threads() == 1 && !shape().has_relative_bias() ? sharing : 1;
  const size_t tasks = shape().heads / together;  // of one text
  pool.For(input.B * tasks, [&](size_t thread, size_t task) {
    const size_t first = input.offsets[task / tasks];
    const size_t head = task % tasks * together;
    AttentionShape attention = ShapeOf(layer, input.offsets[task / tasks + 1] - first);
    attention.query_heads = together;
    if (shape().has_relative_bias()) attention.bias = relative_.bias(head);
    const float* q = work.qkv + first * stride + head * d;
    const float* k = work.qkv + first * stride + Q + head / sharing * d;
    float* out = work.context + first * Q + head * d;
    void* scratch = work.attention + thread * scratch_bytes;
    if (IsInteger()) {
      AttendHeadInInteger(attention, q, k, k + KV, stride, scratch, out, Q);
    } else {
      AttendHead(attention, q, k, k + KV, stride, static_cast<float*>(scratch), out, Q);
    }
  });
}

}  // namespace simile
