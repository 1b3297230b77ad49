// SPDX-License-Identifier: Apache-2.0
#include "tiny_model.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "model/safetensors_writer.h"
#include "pool/text_embedder.h"
#include "random.h"

namespace simile {
namespace {

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string Vocabulary() {
  std::string vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (char c = 'a'; c <= 'z'; ++c) vocab += std::string(1, c) + "\n";
  for (char c = 'a'; c <= 'i'; ++c) vocab += "##" + std::string(1, c) + "\n";
  return vocab;
}

ModelConfig TinyConfig(WeightPrecision precision, bool smoothed) {
  ModelConfig config;
  config.name = "tiny";
  config.encoder = {.hidden_size = 32, .layers = 2, .heads = 4, .kv_heads = 4,
                    .head_size = 8, .intermediate_size = 64, .vocab_size = 40,
                    .max_positions = 32, .type_vocab_size = 2, .layer_norm_eps = 1e-12,
                    .embedding_size = 32};
  config.max_tokens = 24;
  config.precision = precision;
  config.smoothed = smoothed;
  config.calibration = smoothed ? "smoothquant" : "none";
  config.license = "apache-2.0";
  config.source = "test";
  config.source_sha256 = std::string(64, '0');
  config.vector_space = "0123456789abcdef";
  config.golden_texts = {"a b c", "hi, [MASK] abc!"};
  return config;
}

template <typename T>
std::vector<uint8_t> ToBytes(const std::vector<T>& values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// Values that keep activations about 1, as a trained model does.
std::vector<uint8_t> RandomTensor(const TensorSpec& spec, Random& random) {
  size_t count = 1;
  for (uint64_t n : spec.shape) count *= n;
  if (spec.dtype == DType::kI8) return ToBytes(random.Weights(count));
  std::vector<float> values = random.Floats(count, 0.3f);
  const bool is_scale = EndsWith(spec.name, "_scale");
  const bool near_one =
      EndsWith(spec.name, "LayerNorm.weight") || EndsWith(spec.name, ".smoothing");
  for (float& value : values) {
    if (is_scale) value = 0.002f + 0.001f * std::fabs(value);
    if (near_one) value += 1.0f;
  }
  return ToBytes(values);
}

TensorInfo InfoOf(const TensorSpec& spec, const std::vector<uint8_t>& bytes) {
  TensorInfo info;
  info.name = spec.name;
  info.dtype = spec.dtype;
  info.shape = spec.shape;
  if (spec.role == TensorRole::kTokenizer) info.shape = {bytes.size()};
  return info;
}

}  // namespace

Buffer<uint8_t> TinyModel::Bytes(const TensorSpec& spec) const {
  const std::vector<uint8_t>& bytes = tensors.at(spec.name);
  Buffer<uint8_t> copy;
  (void)copy.Append(bytes.data(), bytes.size()).ok();
  return copy;
}

const std::vector<float>& TinyModel::Floats(const std::string& name) const {
  const auto known = floats_.find(name);
  if (known != floats_.end()) return known->second;
  const std::vector<uint8_t>& bytes = tensors.at(name);
  const auto scale_bytes = tensors.find(name + "_scale");
  std::vector<float> values;
  if (scale_bytes == tensors.end()) {
    values.resize(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return floats_[name] = values;
  }
  const float* scales = reinterpret_cast<const float*>(scale_bytes->second.data());
  const size_t columns = bytes.size() / (scale_bytes->second.size() / sizeof(float));
  const float* smoothing = nullptr;
  for (const char* input : {"attention.self.", "intermediate."}) {
    const size_t at = name.find(input);
    const auto found = at == std::string::npos
                           ? tensors.end()
                           : tensors.find(name.substr(0, at) + input + "smoothing");
    if (found != tensors.end()) smoothing = reinterpret_cast<const float*>(found->second.data());
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    const float factor = smoothing == nullptr ? 1.0f : smoothing[i % columns];
    values.push_back(static_cast<int8_t>(bytes[i]) * scales[i / columns] * factor);
  }
  return floats_[name] = values;
}

std::vector<uint8_t> TinyModel::File() const {
  std::vector<TensorInfo> infos;
  std::vector<uint8_t> data;
  for (const TensorSpec& spec : ModelTensorSpecs(config)) {
    const std::vector<uint8_t>& bytes = tensors.at(spec.name);
    TensorInfo info = InfoOf(spec, bytes);
    info.begin = data.size();
    data.insert(data.end(), bytes.begin(), bytes.end());
    info.end = data.size();
    infos.push_back(info);
  }
  const std::string header = SafetensorsHeaderBytes(
      {{"format", "simile"}, {"simile", ModelConfigToJson(config).Dump()}}, infos);
  std::vector<uint8_t> file(header.begin(), header.end());
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

TinyModel MakeTinyModel(WeightPrecision precision, uint64_t seed, bool smoothed) {
  Random random(seed);
  TinyModel model;
  model.config = TinyConfig(precision, smoothed);
  for (const TensorSpec& spec : ModelTensorSpecs(model.config)) {
    const std::string vocab = Vocabulary();
    model.tensors[spec.name] = spec.role == TensorRole::kTokenizer
                                   ? std::vector<uint8_t>(vocab.begin(), vocab.end())
                                   : RandomTensor(spec, random);
  }
  return model;
}

void CompleteTinyModel(TinyModel* model, uint64_t seed) {
  Random random(seed);
  std::map<std::string, std::vector<uint8_t>> tensors;
  for (const TensorSpec& spec : ModelTensorSpecs(model->config)) {
    std::vector<uint8_t>& known = model->tensors[spec.name];
    if (spec.role != TensorRole::kTokenizer) {
      const std::vector<uint8_t> made = RandomTensor(spec, random);
      if (known.size() != made.size()) known = made;
    }
    tensors[spec.name] = known;
  }
  model->tensors = std::move(tensors);
}

TinyModel MakeLoadableModel(WeightPrecision precision, uint64_t seed, bool smoothed) {
  TinyModel model = MakeTinyModel(precision, seed, smoothed);
  const auto pool = std::move(ThreadPool::Create(1).value());
  TextEmbedder embedder(pool.get());
  embedder.SkipGoldenCheck();
  std::vector<uint8_t> file = model.File();
  SafetensorsStream stream(file.size(), &embedder);
  for (size_t done = 0; done < file.size();) {
    const size_t count = stream.span_size();
    if (count == 0) return model;
    std::memcpy(stream.span_data(), file.data() + done, count);
    if (!stream.Commit(count).ok()) return model;
    done += count;
  }
  if (!stream.Finish().ok()) return model;
  const std::vector<std::string>& golden = model.config.golden_texts;
  const std::vector<std::string_view> texts(golden.begin(), golden.end());
  std::vector<float> vectors(texts.size() * model.config.dims());
  (void)embedder.Embed(texts.data(), texts.size(), model.config.normalize, vectors.data(), nullptr)
      .ok();
  model.tensors["golden.vectors"] = ToBytes(vectors);
  return model;
}

}  // namespace simile
