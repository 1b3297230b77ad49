// SPDX-License-Identifier: Apache-2.0
#include "convert/architectures.h"

#include <string>

#include "convert/hub_config.h"
#include "model/config_json.h"

namespace simile {
namespace {

// What a family's sequence classifier puts on the first token.
enum class Head { kUnsupported, kTanh, kRelu };

struct Family {
  const char* model_type;
  Status (*read)(const JsonReader& reader, EncoderConfig* config);
  Head head;
};
constexpr Family kFamilies[] = {
    {"bert", &ReadBert, Head::kTanh},
    {"roberta", &ReadRoberta, Head::kTanh},
    {"xlm-roberta", &ReadRoberta, Head::kTanh},
    {"camembert", &ReadRoberta, Head::kTanh},
    {"mpnet", &ReadMpnet, Head::kTanh},
    {"distilbert", &ReadDistilBert, Head::kRelu},
    {"nomic_bert", &ReadNomicBert, Head::kUnsupported},
    {"modernbert", &ReadModernBert, Head::kUnsupported},
    {"t5", &ReadT5, Head::kUnsupported},
    {"mt5", &ReadT5, Head::kUnsupported},
    {"llama", &ReadLlama, Head::kUnsupported},
    {"qwen3", &ReadQwen3, Head::kUnsupported},
    {"universal-sentence-encoder-lite", &ReadUseLite, Head::kUnsupported},
};

Result<const Family*> FindFamily(const JsonReader& reader) {
  std::string model_type, known;
  SIMILE_RETURN_IF_ERROR(reader.Read("model_type", &model_type));
  for (const Family& family : kFamilies) {
    if (model_type == family.model_type) return &family;
    known += (known.empty() ? "\"" : ", \"") + std::string(family.model_type) + "\"";
  }
  return reader.Fail("model_type",
                     "\"" + model_type + "\" is not supported; this version reads " + known);
}

// The class that the checkpoint was saved from, or "".
std::string ClassOf(const JsonReader& reader) {
  const Json* classes = reader.json().Find("architectures");
  const Json::Array* names = classes == nullptr ? nullptr : classes->array();
  if (names == nullptr || names->empty() || names->front().string() == nullptr) return "";
  return *names->front().string();
}

// transformers writes down the labels unless there are two.
Status ReadLabels(const JsonReader& reader, uint32_t* labels) {
  *labels = 2;
  SIMILE_RETURN_IF_ERROR(ReadOptionalSize(reader, "num_labels", labels));
  const Json* names = reader.json().Find("id2label");
  if (names == nullptr || names->object() == nullptr || names->object()->empty()) return Status();
  *labels = static_cast<uint32_t>(names->object()->size());
  return Status();
}

Status ReadClassifier(const JsonReader& reader, const Family& family, ModelConfig* config) {
  const std::string name = ClassOf(reader);
  constexpr std::string_view kEnding = "ForSequenceClassification";
  if (!name.ends_with(kEnding)) return Status();
  if (family.head == Head::kUnsupported) {
    return reader.Fail("architectures", "the head of \"" + name + "\" is not supported");
  }
  ClassifierConfig& classifier = config->classifier;
  SIMILE_RETURN_IF_ERROR(ReadLabels(reader, &classifier.labels));
  classifier.has_dense = true;
  classifier.dense_activation =
      family.head == Head::kRelu ? DenseActivation::kRelu : DenseActivation::kTanh;
  // sentence-transformers' CrossEncoder, unless the checkpoint says otherwise.
  classifier.score_activation =
      classifier.labels == 1 ? DenseActivation::kSigmoid : DenseActivation::kIdentity;
  return Status();
}

}  // namespace

Status ReadArchitecture(const JsonReader& reader, ModelConfig* config) {
  SIMILE_ASSIGN_OR_RETURN(const Family* family, FindFamily(reader));
  if (HasMember(reader, "quantization_config")) {
    return reader.Fail("quantization_config", "weights that are quantised already are not read");
  }
  SIMILE_RETURN_IF_ERROR(CheckFixed(reader, {{"pruned_heads", "{}"}}));
  SIMILE_RETURN_IF_ERROR(family->read(reader, &config->encoder));
  SIMILE_RETURN_IF_ERROR(ReadClassifier(reader, *family, config));
  return reader.ReadOptional("_name_or_path", &config->name);
}

}  // namespace simile
