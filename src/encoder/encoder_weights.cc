// SPDX-License-Identifier: Apache-2.0
#include "encoder/encoder_weights.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "simd/row_kernels.h"

namespace simile {
namespace {

constexpr size_t kRoles = static_cast<size_t>(TensorRole::kOutputSmoothing) + 1;

// Which product a matrix belongs to. Those of one product stand in the order of its
// outputs.
struct MatrixPlace {
  TensorRole weight;
  Linear EncoderLayer::* linear;
  std::optional<ProductInput> input;  // none: embeddings, which are never in two parts
};
constexpr MatrixPlace kPlaces[] = {
    {TensorRole::kQuery, &EncoderLayer::qkv, ProductInput::kAttention},
    {TensorRole::kKey, &EncoderLayer::qkv, ProductInput::kAttention},
    {TensorRole::kValue, &EncoderLayer::qkv, ProductInput::kAttention},
    {TensorRole::kQkv, &EncoderLayer::qkv, ProductInput::kAttention},
    {TensorRole::kAttentionOutput, &EncoderLayer::attention_output,
     ProductInput::kAttentionOutput},
    {TensorRole::kGate, &EncoderLayer::intermediate, ProductInput::kIntermediate},
    {TensorRole::kIntermediate, &EncoderLayer::intermediate, ProductInput::kIntermediate},
    {TensorRole::kGateUp, &EncoderLayer::intermediate, ProductInput::kIntermediate},
    {TensorRole::kOutput, &EncoderLayer::output, ProductInput::kOutput},
    {TensorRole::kResidual, &EncoderLayer::residual, std::nullopt},
};
constexpr TensorRole kTables[] = {TensorRole::kWordEmbeddings, TensorRole::kPositionEmbeddings,
                                  TensorRole::kTypeEmbeddings};

bool IsScale(TensorRole role) {
  return std::any_of(std::begin(kPlaces), std::end(kPlaces),
                     [&](const MatrixPlace& p) { return role == ScaleOf(p.weight); }) ||
         std::any_of(std::begin(kTables), std::end(kTables),
                     [&](TensorRole table) { return role == ScaleOf(table); });
}

// What no arithmetic repairs: NaN, infinity, scales that are not above 0.
Status CheckValues(const TensorSpec& spec, const Buffer<uint8_t>& data) {
  if (spec.dtype != DType::kF32) return Status();
  const float* values = reinterpret_cast<const float*>(data.data());
  const size_t count = data.size() / sizeof(float);
  if (!AllFinite(values, count)) {
    return BadModel("tensor '" + spec.name + "': holds a NaN or an infinity");
  }
  if (!IsScale(spec.role)) return Status();
  for (size_t i = 0; i < count; ++i) {
    if (!(values[i] > 0.0f)) {
      return BadModel("tensor '" + spec.name + "': scale " + std::to_string(i) +
                      " is not above 0");
    }
  }
  return Status();
}

Status CheckMultiplesOfEight(const EncoderConfig& shape) {
  const struct {
    const char* name;
    size_t size;
  } sizes[] = {{"hidden size", shape.hidden_size},
               {"intermediate size", shape.intermediate_size},
               {"embedding size", shape.embedding_size},
               {"head size", shape.head_size},
               {"head size of layer 0", shape.layer_head_size(0)}};
  for (const auto& size : sizes) {
    if (size.size % 8 == 0) continue;
    return BadModel(std::string(size.name) + " " + std::to_string(size.size) +
                    ": must be a multiple of 8");
  }
  return Status();
}

const TensorSpec* Find(const std::vector<TensorSpec>& specs, TensorRole role,
                       uint32_t layer) {
  const auto found = std::find_if(specs.begin(), specs.end(), [&](const TensorSpec& spec) {
    return spec.role == role && spec.layer == static_cast<int>(layer);
  });
  return found == specs.end() ? nullptr : &*found;
}

const float* AsFloats(const Buffer<uint8_t>& bytes) {
  return bytes.empty() ? nullptr : reinterpret_cast<const float*>(bytes.data());
}

}  // namespace

Status EncoderWeights::Init(const ModelConfig& config) {
  shape_ = config.encoder;
  precision_ = config.precision;
  SIMILE_RETURN_IF_ERROR(CheckMultiplesOfEight(shape_));
  const std::vector<TensorSpec> specs = ModelTensorSpecs(config);
  layers_.resize(shape_.layers);
  matrices_.resize(shape_.layers);
  slots_.resize((shape_.layers + 1) * kRoles);
  in_two_parts_.resize(shape_.layers * kProductInputs);
  for (const LayerInput& at : config.two_part_inputs) {
    in_two_parts_[at.layer * kProductInputs + static_cast<size_t>(at.input)] = true;
  }
  for (uint32_t layer = 0; layer < shape_.layers; ++layer) {
    SIMILE_RETURN_IF_ERROR(PlanMatrices(specs, layer));
  }
  for (const TensorSpec& spec : specs) expected_ += IsEncoderTensor(spec.role);
  return Status();
}

Status EncoderWeights::PlanMatrices(const std::vector<TensorSpec>& specs, uint32_t layer) {
  for (const MatrixPlace& place : kPlaces) {
    const TensorSpec* spec = Find(specs, place.weight, layer);
    if (spec == nullptr) continue;
    const bool has_bias = Find(specs, BiasOf(place.weight), layer) != nullptr;
    matrices_[layer].push_back({place.weight, place.linear, OutputsOf(place.linear, layer),
                                static_cast<size_t>(spec->shape[0]),
                                static_cast<size_t>(spec->shape[1]), has_bias,
                                place.input && IsInTwoParts(*place.input, layer)});
  }
  const size_t H = shape_.hidden_size, I = shape_.intermediate_size;
  const bool fits =
      OutputsOf(&EncoderLayer::qkv, layer) ==
          shape_.layer_query_size(layer) + 2 * shape_.layer_kv_size(layer) &&
      OutputsOf(&EncoderLayer::attention_output, layer) == H &&
      OutputsOf(&EncoderLayer::intermediate, layer) == (shape_.gated ? 2 * I : I) &&
      OutputsOf(&EncoderLayer::output, layer) == H;
  return fits ? Status() : InternalError("the list of tensors contradicts the encoder's shape");
}

size_t EncoderWeights::OutputsOf(Linear EncoderLayer::* linear, uint32_t layer) const {
  size_t outputs = 0;
  for (const Matrix& matrix : matrices_[layer]) {
    if (matrix.linear == linear) outputs += matrix.outputs;
  }
  return outputs;
}

Buffer<uint8_t>& EncoderWeights::Slot(TensorRole role, int layer) {
  return slots_[static_cast<size_t>(layer + 1) * kRoles + static_cast<size_t>(role)];
}

const Buffer<uint8_t>& EncoderWeights::Slot(TensorRole role, int layer) const {
  return slots_[static_cast<size_t>(layer + 1) * kRoles + static_cast<size_t>(role)];
}

Status EncoderWeights::SetTensor(const TensorSpec& spec, Buffer<uint8_t> data) {
  if (!IsEncoderTensor(spec.role)) {
    return InternalError("tensor '" + spec.name + "' is not the encoder's");
  }
  SIMILE_RETURN_IF_ERROR(CheckValues(spec, data));
  Slot(spec.role, spec.layer) = std::move(data);
  ++received_;
  return spec.layer < 0 ? Status() : PackWhatIsReady(spec.layer);
}

Status EncoderWeights::PackWhatIsReady(int layer) {
  for (const Matrix& matrix : matrices_[static_cast<size_t>(layer)]) {
    const bool has_scale = !is_int8() || !Slot(ScaleOf(matrix.weight), layer).empty();
    const bool has_bias = !matrix.has_bias || !Slot(BiasOf(matrix.weight), layer).empty();
    if (!Slot(matrix.weight, layer).empty() && has_bias && has_scale) {
      SIMILE_RETURN_IF_ERROR(Pack(layer, matrix));
    }
  }
  return Status();
}

Status EncoderWeights::Pack(int layer, const Matrix& matrix) {
  Linear& linear = layers_[static_cast<size_t>(layer)].*matrix.linear;
  Buffer<uint8_t>& weight = Slot(matrix.weight, layer);
  Buffer<uint8_t>& scale = Slot(ScaleOf(matrix.weight), layer);
  Buffer<uint8_t>& bias = Slot(BiasOf(matrix.weight), layer);
  if (linear.N() == 0) {
    const size_t outputs = OutputsOf(matrix.linear, static_cast<uint32_t>(layer));
    SIMILE_RETURN_IF_ERROR(is_int8() ? linear.InitInt8(outputs, matrix.inputs, matrix.in_two_parts)
                                     : linear.InitF32(outputs, matrix.inputs));
  }
  if (!matrix.has_bias) {
    SIMILE_RETURN_IF_ERROR(bias.Resize(matrix.outputs * sizeof(float)));
    std::memset(bias.data(), 0, bias.size());
  }
  if (is_int8()) {
    linear.PackInt8(matrix.first, matrix.outputs, reinterpret_cast<const int8_t*>(weight.data()),
                    AsFloats(scale), AsFloats(bias));
  } else {
    linear.PackF32(matrix.first, matrix.outputs, AsFloats(weight), AsFloats(bias));
  }
  weight.Free();
  scale.Free();
  bias.Free();
  return Status();
}

Status EncoderWeights::Finish() const {
  if (received_ == expected_) return Status();
  return InternalError("the encoder got " + std::to_string(received_) + " of " +
                       std::to_string(expected_) + " tensors");
}

size_t EncoderWeights::size_bytes() const {
  size_t total = 0;
  for (const Buffer<uint8_t>& slot : slots_) total += slot.size_bytes();
  for (const EncoderLayer& layer : layers_) {
    for (const Linear* linear :
         {&layer.qkv, &layer.attention_output, &layer.intermediate, &layer.output,
          &layer.residual}) {
      total += linear->size_bytes();
    }
  }
  return total;
}

bool EncoderWeights::IsInTwoParts(ProductInput input, uint32_t layer) const {
  return in_two_parts_[layer * kProductInputs + static_cast<size_t>(input)];
}

bool EncoderWeights::has_two_parts() const {
  return std::find(in_two_parts_.begin(), in_two_parts_.end(), true) != in_two_parts_.end();
}

InputPlan EncoderWeights::PlanOf(ProductInput input, uint32_t layer) const {
  return {Floats(SmoothingOf(input), static_cast<int>(layer)), IsInTwoParts(input, layer)};
}

const float* EncoderWeights::Floats(TensorRole role, int layer) const {
  return AsFloats(Slot(role, layer));
}

void EncoderWeights::AddEmbedding(TensorRole role, size_t row, bool accumulate, float* out) const {
  const size_t E = shape_.embedding_size;
  const Buffer<uint8_t>& table = Slot(role, -1);
  if (const float* scales = AsFloats(Slot(ScaleOf(role), -1)); scales != nullptr) {
    Dequantize(reinterpret_cast<const int8_t*>(table.data()) + row * E, scales[row], E,
               accumulate, out);
  } else {
    const float* values = AsFloats(table) + row * E;
    if (accumulate) {
      AddTo(values, E, out);
    } else {
      std::memcpy(out, values, E * sizeof(float));
    }
  }
}

void EncoderWeights::EmbedToken(uint32_t id, uint8_t type, size_t position, float* out) const {
  // The reference's order of additions: word, type, position.
  AddEmbedding(TensorRole::kWordEmbeddings, id, false, out);
  if (shape_.embedding_scale != 1) {
    Scale(static_cast<float>(shape_.embedding_scale), shape_.embedding_size, out);
  }
  if (shape_.type_vocab_size != 0) AddEmbedding(TensorRole::kTypeEmbeddings, type, true, out);
  if (shape_.has_position_table()) {
    AddEmbedding(TensorRole::kPositionEmbeddings, position + shape_.position_offset, true, out);
  }
}

}  // namespace simile
