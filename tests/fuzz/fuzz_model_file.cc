// SPDX-License-Identifier: Apache-2.0
// Any bytes as a model file: it is refused, or it loads and every call works. The
// mutator knows the container, so that most inputs come past the header: it
// builds small whole models and changes header, recipe or data of a file.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/model_tensors.h"
#include "model/safetensors_writer.h"
#include "pool/text_embedder.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace simile {
namespace {

using Random = std::minstd_rand;

constexpr size_t kLengthBytes = 8;
constexpr char kVocabulary[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n##a\n##b\n";
constexpr uint32_t kVocabularySize = 10;

void UseEverything(TextEmbedder* embedder) {
  const std::array<std::string_view, 3> texts = {"", "ab [MASK] c\xcc\x81 \xe4\xb8\xad!", "aaaa"};
  std::vector<float> vectors(texts.size() * embedder->config().dims());
  (void)embedder->Embed(texts.data(), texts.size(), true, vectors.data(), nullptr).ok();
  std::array<Token, 64> tokens;
  (void)embedder->Tokenize(texts[1], 0, tokens.data(), tokens.size()).ok();
}

void LoadAndUse(const uint8_t* data, size_t size) {
  static const std::unique_ptr<ThreadPool> pool = std::move(ThreadPool::Create(1).value());
  TextEmbedder embedder(pool.get());
  embedder.SkipGoldenCheck();
  SafetensorsStream stream(size, &embedder);
  const size_t chunk = 1 + size % 97;  // however it is cut
  for (size_t done = 0; done < size;) {
    const size_t count = std::min({chunk, stream.span_size(), size - done});
    if (count == 0) break;
    std::memcpy(stream.span_data(), data + done, count);
    if (!stream.Commit(count).ok()) break;
    done += count;
  }
  const bool is_whole = stream.Finish().ok();
  if (is_whole != embedder.loaded()) std::abort();
  if (is_whole) UseEverything(&embedder);
}

uint32_t Below(uint32_t end, Random* random) { return static_cast<uint32_t>((*random)() % end); }

// Parts that the family's tensors have names for.
void AddParts(Random* random, EncoderConfig* shape) {
  switch (shape->architecture) {
    case Architecture::kMpnet:
      shape->relative_buckets = 4 + 2 * Below(15, random);
      shape->relative_max_distance = shape->relative_buckets + Below(100, random);
      shape->position_offset = 2;
      break;
    case Architecture::kModernBert:
      shape->norm_placement = NormPlacement::kBefore;
      shape->final_norm = true;
      shape->first_norm = false;
      shape->gated = true;
      shape->positions = Positions::kRotary;
      shape->rotary_base = 10000;
      shape->local_window = 1 + Below(3, random);
      shape->global_every = 1 + Below(2, random);
      break;
    case Architecture::kQwen3:
      shape->norm = Norm::kRmsNorm;
      shape->norm_placement = NormPlacement::kBefore;
      shape->norm_bias = shape->embeddings_norm = shape->qkv_bias = shape->mlp_bias = false;
      shape->final_norm = shape->query_key_norm = shape->gated = shape->causal = true;
      shape->positions = Positions::kRotary;
      shape->rotary_base = 1000000;
      shape->activation = Activation::kSilu;
      break;
    default: break;
  }
}

EncoderConfig RandomShape(Random* random) {
  constexpr Architecture kArchitectures[] = {Architecture::kBert, Architecture::kMpnet,
                                             Architecture::kModernBert, Architecture::kQwen3};
  EncoderConfig shape;
  shape.architecture = kArchitectures[Below(std::size(kArchitectures), random)];
  shape.hidden_size = shape.embedding_size = 8 + 8 * Below(2, random);
  shape.layers = 1 + Below(2, random);
  shape.heads = shape.kv_heads = 1;
  shape.head_size = shape.hidden_size;
  shape.intermediate_size = 8 + 8 * Below(3, random);
  shape.vocab_size = kVocabularySize;
  shape.max_positions = 2 + Below(20, random);
  shape.type_vocab_size = shape.architecture == Architecture::kBert ? 1 + Below(2, random) : 0;
  AddParts(random, &shape);
  return shape;
}

ModelConfig RandomConfig(Random* random) {
  ModelConfig config;
  config.encoder = RandomShape(random);
  config.max_tokens = 2 + Below(config.encoder.max_positions - 1, random);
  config.pooling = static_cast<Pooling>(Below(6, random));
  config.precision = Below(2, random) == 0 ? WeightPrecision::kF32 : WeightPrecision::kInt8;
  config.smoothed = config.precision == WeightPrecision::kInt8 && Below(2, random) == 0;
  for (size_t i = 0; config.precision == WeightPrecision::kInt8 && i < kProductInputs; ++i) {
    const uint32_t layer = Below(2 * config.encoder.layers, random);
    if (layer < config.encoder.layers) {
      config.two_part_inputs.push_back({static_cast<ProductInput>(i), layer});
    }
  }
  config.tokenizer.wordpiece.lowercase = Below(2, random) == 0;
  config.prompts = {{"query", "q: "}};
  config.golden_texts = {"a", "b", "ab c"};
  return config;
}

std::string TensorBytes(const TensorSpec& spec, Random* random) {
  if (spec.role == TensorRole::kTokenizer) return kVocabulary;
  size_t count = 1;
  for (const uint64_t n : spec.shape) count *= n;
  std::string bytes(count * DTypeSize(spec.dtype), '\0');
  for (size_t i = 0; i < count; ++i) {
    // Above 0, as scales must be.
    const float value = static_cast<float>(1 + Below(1000, random)) / 500;
    if (spec.dtype == DType::kF32) std::memcpy(&bytes[i * sizeof(value)], &value, sizeof(value));
    if (spec.dtype == DType::kI8) bytes[i] = static_cast<char>(Below(255, random) - 127);
  }
  return bytes;
}

std::string WholeModel(Random* random) {
  const ModelConfig config = RandomConfig(random);
  std::vector<TensorInfo> tensors;
  std::string data;
  for (const TensorSpec& spec : ModelTensorSpecs(config)) {
    const std::string bytes = TensorBytes(spec, random);
    TensorInfo tensor{spec.name, spec.dtype, spec.shape, data.size(), data.size() + bytes.size()};
    if (spec.role == TensorRole::kTokenizer) tensor.shape = {bytes.size()};
    tensors.push_back(tensor);
    data += bytes;
  }
  return SafetensorsHeaderBytes({{"simile", ModelConfigToJson(config).Dump()}}, tensors) + data;
}

struct FileParts {
  std::string header;
  std::string data;
};

bool Split(std::string_view file, FileParts* parts) {
  if (file.size() < kLengthBytes) return false;
  uint64_t size = 0;
  std::memcpy(&size, file.data(), kLengthBytes);
  if (size > file.size() - kLengthBytes) return false;
  parts->header = file.substr(kLengthBytes, static_cast<size_t>(size));
  parts->data = file.substr(kLengthBytes + static_cast<size_t>(size));
  return true;
}

std::string Join(const FileParts& parts) {
  const uint64_t size = parts.header.size();
  std::string file(kLengthBytes, '\0');
  std::memcpy(file.data(), &size, kLengthBytes);
  return file + parts.header + parts.data;
}

void MutateBytes(std::string* text) {
  const size_t size = text->size();
  text->resize(size + 16);
  text->resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text->data()), size, size + 16));
}

void Collect(Json* json, std::vector<Json*>* nodes) {
  nodes->push_back(json);
  if (Json::Array* array = json->array()) {
    for (Json& value : *array) Collect(&value, nodes);
  }
  if (Json::Object* object = json->object()) {
    for (auto& member : *object) Collect(&member.second, nodes);
  }
}

Json InterestingValue(Random* random) {
  const Json values[] = {Json(),         true,          0,           1,           2,
                         -1,             8,             16,          0.5,         1e-12,
                         1e300,          4096,          4294967296., 1099511627776.,
                         9007199254740991.,  9007199254740992., 18446744073709551615.,
                         "",             "F32",         "I8",        "U8",        "int8",
                         "f32",          "mean",        "lasttoken", "[UNK]",     "rotary", "output",
                         Json::Array(),  Json::Object(), Json::Array{0, 8}};
  return values[Below(std::size(values), random)];
}

void MutateTree(Json* root, Random* random) {
  std::vector<Json*> nodes;
  Collect(root, &nodes);
  Json* node = nodes[Below(static_cast<uint32_t>(nodes.size()), random)];
  Json::Object* object = node->object();
  if (object != nullptr && !object->empty()) {
    const auto member = object->begin() + Below(static_cast<uint32_t>(object->size()), random);
    if (Below(2, random) == 0) {
      object->erase(member);
    } else {
      MutateBytes(&member->first);
    }
  } else if (node->string() != nullptr && Below(2, random) == 0) {
    std::string text = *node->string();
    MutateBytes(&text);
    *node = text;
  } else {
    *node = InterestingValue(random);
  }
}

// A header or recipe, changed as a tree if it can be read, else as bytes.
std::string MutateJson(std::string text, Random* random) {
  Result<Json> json = Json::Parse(text, "json");
  if (!json.ok() || Below(8, random) == 0) {
    MutateBytes(&text);
    return text;
  }
  MutateTree(&json.value(), random);
  return json.value().Dump();
}

std::string MutateRecipe(const std::string& header, Random* random) {
  Result<Json> json = Json::Parse(header, "json");
  const Json* metadata = json.ok() ? json.value().Find("__metadata__") : nullptr;
  const Json* recipe = metadata == nullptr ? nullptr : metadata->Find("simile");
  if (recipe == nullptr || recipe->string() == nullptr) return MutateJson(header, random);
  Json changed = *metadata;
  changed.Set("simile", MutateJson(*recipe->string(), random));
  json.value().Set("__metadata__", std::move(changed));
  return json.value().Dump();
}

std::string Mutate(std::string_view file, Random* random) {
  FileParts parts;
  const uint32_t choice = Below(16, random);
  if (choice == 0 || !Split(file, &parts)) return WholeModel(random);
  if (choice < 6) parts.header = MutateJson(parts.header, random);
  else if (choice < 11) parts.header = MutateRecipe(parts.header, random);
  else if (choice < 15) MutateBytes(&parts.data);
  std::string mutated = Join(parts);
  if (choice == 15) MutateBytes(&mutated);
  return mutated;
}

}  // namespace
}  // namespace simile

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  simile::Random random(seed);
  const std::string mutated =
      simile::Mutate({reinterpret_cast<const char*>(data), size}, &random);
  const size_t count = std::min(mutated.size(), max_size);
  std::memcpy(data, mutated.data(), count);
  return count;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  simile::LoadAndUse(data, size);
  return 0;
}
