// SPDX-License-Identifier: Apache-2.0
#include "encoder/workspace.h"

#include <algorithm>

#include "products/linear.h"

namespace simile {
namespace {

// How many of everything.
struct Counts {
  Counts(const EncoderWeights& weights, size_t T, bool observed) {
    const EncoderConfig& shape = weights.shape();
    const size_t H = shape.hidden_size, I = shape.intermediate_size;
    const size_t rows = std::min(T, kMlpRows);
    hidden = T * H;
    qkv = T * (shape.query_size() + 2 * shape.kv_size());
    context = T * shape.query_size();
    wide = rows * (shape.gated ? 2 * I : I);
    activated = shape.gated && (observed || !weights.is_int8()) ? rows * I : 0;
    in_pieces = T > kMlpRows;
    if (!weights.is_int8()) return;
    parts = weights.has_two_parts() ? 2 : 1;
    const size_t narrow = std::max<size_t>(H, shape.query_size());
    quantized = T * QuantizedStride(in_pieces ? narrow : std::max(narrow, I), Linear::form());
    params = T + kRowParamsSlack;
    if (!in_pieces) return;
    wide_quantized = rows * QuantizedStride(I, Linear::form());
    wide_params = rows + kRowParamsSlack;
  }

  // Of what shares one place: attention's rows, the MLP's.
  size_t attention_bytes() const {
    return Arena::PieceBytes<float>(qkv) + Arena::PieceBytes<float>(context);
  }
  size_t mlp_bytes() const {
    return Arena::PieceBytes<float>(wide) + Arena::PieceBytes<float>(activated);
  }
  size_t shared_bytes() const { return std::max(attention_bytes(), mlp_bytes()); }

  size_t hidden, qkv, context, wide, activated;
  size_t parts = 1, quantized = 0, params = 0, wide_quantized = 0, wide_params = 0;
  bool in_pieces;
};

size_t InputBytes(size_t parts, size_t bytes, size_t params) {
  return parts * (Arena::PieceBytes<uint8_t>(bytes) + Arena::PieceBytes<RowQuantization>(params));
}

QuantizedInput TakeInput(size_t parts, size_t bytes, size_t params, Arena* arena) {
  QuantizedInput input = {arena->Take<uint8_t>(bytes), arena->Take<RowQuantization>(params)};
  if (parts < 2) return input;
  input.remainder = arena->Take<uint8_t>(bytes);
  input.remainder_params = arena->Take<RowQuantization>(params);
  return input;
}

}  // namespace

Result<Workspace> Workspace::Plan(const EncoderWeights& weights, size_t T, size_t scratch_bytes,
                                  bool observed, Arena* arena) {
  const Counts n(weights, T, observed);
  SIMILE_RETURN_IF_ERROR(arena->Reset(
      Arena::PieceBytes<uint32_t>(T) + 2 * Arena::PieceBytes<float>(n.hidden) +
      Arena::PieceBytes<uint8_t>(n.shared_bytes()) +
      InputBytes(n.parts, n.quantized, n.params) +
      InputBytes(n.parts, n.wide_quantized, n.wide_params) +
      Arena::PieceBytes<uint8_t>(scratch_bytes)));
  Workspace w;
  w.positions = arena->Take<uint32_t>(T);
  w.hidden = arena->Take<float>(n.hidden);
  w.projected = arena->Take<float>(n.hidden);
  uint8_t* shared = arena->Take<uint8_t>(n.shared_bytes());
  w.qkv = reinterpret_cast<float*>(shared);
  w.context = reinterpret_cast<float*>(shared + Arena::PieceBytes<float>(n.qkv));
  w.wide = reinterpret_cast<float*>(shared);
  w.activated = n.activated == 0
                    ? w.wide
                    : reinterpret_cast<float*>(shared + Arena::PieceBytes<float>(n.wide));
  w.quantized = TakeInput(n.parts, n.quantized, n.params, arena);
  w.wide_quantized = TakeInput(n.parts, n.wide_quantized, n.wide_params, arena);
  if (!n.in_pieces) w.wide_quantized = w.quantized;
  w.attention = arena->Take<uint8_t>(scratch_bytes);
  return w;
}

}  // namespace simile
