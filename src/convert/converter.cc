// SPDX-License-Identifier: Apache-2.0
#include "convert/converter.h"

#include <algorithm>
#include <utility>

#include "base/sha256.h"
#include "convert/calibration_texts.h"
#include "convert/calibrator.h"
#include "convert/checkpoint.h"
#include "convert/checkpoint_files.h"
#include "convert/golden.h"
#include "convert/input_errors.h"
#include "convert/output_file.h"
#include "convert/source_tensors.h"
#include "text/make_tokenizer.h"

namespace simile {
namespace {

// Tensors that are larger than this come a few rows at a time, where they need not be
// held whole.
constexpr uint64_t kPieceBytes = uint64_t{4} << 20;

// The tensors of the f32 model that come from the checkpoint's transformer.
std::vector<TensorSpec> TransformerTensors(ModelConfig config) {
  config.precision = WeightPrecision::kF32;
  config.f32_type_embeddings = config.smoothed = config.outputs_smoothed = false;
  std::vector<TensorSpec> specs = ModelTensorSpecs(config);
  std::erase_if(specs, [](const TensorSpec& spec) {
    return spec.role == TensorRole::kTokenizer || spec.role == TensorRole::kGoldenVectors ||
           spec.role == TensorRole::kDense || spec.role == TensorRole::kDenseBias;
  });
  return specs;
}

// Those of a Dense module, by the names that its file has.
std::vector<TensorSpec> DenseTensors(const ModelConfig& config, int layer) {
  std::vector<TensorSpec> specs = ModelTensorSpecs(config);
  std::erase_if(specs, [&](const TensorSpec& spec) {
    const bool is_dense =
        spec.role == TensorRole::kDense || spec.role == TensorRole::kDenseBias;
    return !is_dense || spec.layer != layer;
  });
  for (TensorSpec& spec : specs) {
    spec.name = spec.role == TensorRole::kDense ? "linear.weight" : "linear.bias";
  }
  return specs;
}

class ConverterImpl final : public Converter, public TensorSink {
 public:
  ConverterImpl(ThreadPool* pool, ConvertOptions options)
      : pool_(pool), options_(std::move(options)) {}

  std::vector<std::string> WantedFiles() override { return files_.WantedNext(); }
  Status AddFile(std::string_view name, Buffer<uint8_t> content) override;
  Status SetCalibration(Buffer<uint8_t> texts) override;
  Status Start() override;
  std::vector<std::string> WeightFiles() const override { return weight_files_; }
  TensorSink* sink() override { return this; }
  void HashSource(const void* data, size_t size_bytes) override {
    source_hash_.Update(data, size_bytes);
  }
  Result<bool> Step() override;
  double progress() const override;
  uint64_t output_bytes() const override {
    return stage_ == Stage::kDone ? output_.size_bytes() : 0;
  }
  Status ReadOutput(uint64_t begin, size_t count, uint8_t* out) const override;

  Status OnHeader(const SafetensorsHeader& header) override;
  Status OnTensor(const TensorInfo& tensor, Buffer<uint8_t> data) override;
  uint64_t PieceBytes(const TensorInfo& tensor) override;
  Status OnPiece(const TensorInfo& tensor, uint64_t begin, Buffer<uint8_t> data) override;
  Status OnEnd() override;

 private:
  enum class Stage { kFiles, kWeights, kCalibrate, kTry, kSeal, kDone, kFailed };
  Status Expect(Stage stage, const char* call) const;
  Status ApplyOptions();
  Status StartCalibration(const Buffer<uint8_t>& vocab);
  Status Advance();
  Status Try();
  Status Seal();

  ThreadPool* pool_;
  ConvertOptions options_;
  Stage stage_ = Stage::kFiles;
  CheckpointFiles files_;
  Buffer<uint8_t> calibration_texts_;
  Sha256 source_hash_;
  ModelConfig config_;
  std::vector<std::string> weight_files_;
  size_t transformer_files_ = 0;  // the first of them; then one for each dense layer
  size_t next_file_ = 0;          // of weight_files_
  SourceTensors source_;          // of the file that comes now
  std::unique_ptr<Calibrator> calibrator_;  // nullptr without calibration
  OutputFile output_;
};

Status ConverterImpl::Expect(Stage stage, const char* call) const {
  if (stage_ == stage) return Status();
  return InvalidArgument(std::string("converter: ") + call + " is out of order");
}

Status ConverterImpl::AddFile(std::string_view name, Buffer<uint8_t> content) {
  SIMILE_RETURN_IF_ERROR(Expect(Stage::kFiles, "addFile"));
  files_.Add(name, std::move(content));
  return Status();
}

Status ConverterImpl::SetCalibration(Buffer<uint8_t> texts) {
  SIMILE_RETURN_IF_ERROR(Expect(Stage::kFiles, "setCalibration"));
  std::string_view rest(reinterpret_cast<const char*>(texts.data()), texts.size());
  size_t count = 0;
  while (!NextCalibrationLine(&rest).empty()) ++count;
  if (count < kMinCalibrationTexts) {
    return InvalidArgument("calibration: expected at least " +
                           std::to_string(kMinCalibrationTexts) + " texts, one a line, got " +
                           std::to_string(count));
  }
  calibration_texts_ = std::move(texts);
  return Status();
}

Status ConverterImpl::Start() {
  SIMILE_RETURN_IF_ERROR(Expect(Stage::kFiles, "start"));
  SIMILE_ASSIGN_OR_RETURN(Checkpoint checkpoint, ReadCheckpoint(files_));
  files_ = CheckpointFiles();
  config_ = std::move(checkpoint.config);
  weight_files_ = std::move(checkpoint.transformer_weights);
  transformer_files_ = weight_files_.size();
  weight_files_.insert(weight_files_.end(), checkpoint.dense_weights.begin(),
                       checkpoint.dense_weights.end());
  SIMILE_RETURN_IF_ERROR(ApplyOptions());
  // Makes the tokenizer, which refuses a vocabulary it cannot use.
  SIMILE_RETURN_IF_ERROR(StartCalibration(checkpoint.vocab));
  SIMILE_RETURN_IF_ERROR(output_.Init(config_));
  SIMILE_RETURN_IF_ERROR(
      output_.Set(TensorRole::kTokenizer, -1, std::move(checkpoint.vocab)));
  stage_ = Stage::kWeights;
  return Status();
}

Status ConverterImpl::ApplyOptions() {
  if (!options_.name.empty()) config_.name = options_.name;
  if (!options_.license.empty()) config_.license = options_.license;
  config_.source = options_.source;
  config_.precision = options_.precision;
  config_.f32_type_embeddings = options_.precision == WeightPrecision::kInt8 &&
                                config_.encoder.type_vocab_size != 0;
  config_.golden_texts = GoldenTexts();
  // What a reader would refuse is refused before the weights come.
  const Result<ModelConfig> checked = ModelConfigFromJson(ModelConfigToJson(config_));
  if (!checked.ok()) return checked.status();
  return Encoder::Create(config_).status();
}

Status ConverterImpl::StartCalibration(const Buffer<uint8_t>& vocab) {
  Buffer<uint8_t> copy;
  SIMILE_RETURN_IF_ERROR(copy.Append(vocab.data(), vocab.size()));
  SIMILE_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer,
                          MakeTokenizer(config_.tokenizer, std::move(copy)));
  if (config_.precision != WeightPrecision::kInt8 || calibration_texts_.empty()) {
    return Status();
  }
  CalibrationTexts texts;
  SIMILE_RETURN_IF_ERROR(texts.Init(
      *tokenizer, config_.max_tokens,
      {reinterpret_cast<const char*>(calibration_texts_.data()), calibration_texts_.size()}));
  calibration_texts_.Free();
  config_.smoothed = true;
  config_.outputs_smoothed = SmoothsOutputs(config_.encoder);
  config_.calibration = Calibrator::Describe(config_.encoder, texts.tokens());
  SIMILE_ASSIGN_OR_RETURN(calibrator_, Calibrator::Create(pool_, config_, std::move(texts)));
  return Status();
}

Status ConverterImpl::OnHeader(const SafetensorsHeader& header) {
  SIMILE_RETURN_IF_ERROR(Expect(Stage::kWeights, "weights"));
  const bool is_transformer = next_file_ < transformer_files_;
  if (next_file_ == 0) source_ = SourceTensors(TransformerTensors(config_));
  if (!is_transformer) {
    source_ = SourceTensors(
        DenseTensors(config_, static_cast<int>(next_file_ - transformer_files_)));
  }
  const Status status =
      source_.AddHeader(header, !is_transformer || next_file_ + 1 == transformer_files_);
  if (status.ok() || weight_files_.size() == 1) return status;
  return Status(status.code(), weight_files_[next_file_] + ": " + status.message());
}

Status ConverterImpl::OnTensor(const TensorInfo& tensor, Buffer<uint8_t> data) {
  const TensorSpec* spec = source_.Find(tensor.name);
  if (spec == nullptr) return Status();
  SIMILE_ASSIGN_OR_RETURN(Buffer<uint8_t> values, WidenToF32(tensor, std::move(data)));
  if (config_.precision == WeightPrecision::kF32) {
    return output_.Set(spec->role, spec->layer, std::move(values));
  }
  if (calibrator_ == nullptr || !IsEncoderTensor(spec->role)) {
    return output_.SetF32(spec->role, spec->layer, values);
  }
  if (!Calibrator::Rounds(spec->role)) {
    SIMILE_RETURN_IF_ERROR(output_.SetF32(spec->role, spec->layer, values));
  }
  return calibrator_->SetTensor(*spec, std::move(values));
}

uint64_t ConverterImpl::PieceBytes(const TensorInfo& tensor) {
  const TensorSpec* spec = source_.Find(tensor.name);
  // What is passed over is not held either.
  if (spec == nullptr) return std::max<uint64_t>(1, std::min(kPieceBytes, tensor.size_bytes()));
  if (calibrator_ != nullptr || !output_.IsInt8(spec->role, spec->layer)) {
    return tensor.size_bytes();
  }
  const uint64_t row_bytes = spec->shape[1] * DTypeSize(tensor.dtype);
  return std::max<uint64_t>(1, kPieceBytes / row_bytes) * row_bytes;
}

Status ConverterImpl::OnPiece(const TensorInfo& tensor, uint64_t begin, Buffer<uint8_t> data) {
  const TensorSpec* spec = source_.Find(tensor.name);
  if (spec == nullptr) return Status();
  const uint64_t row_bytes = spec->shape[1] * DTypeSize(tensor.dtype);
  SIMILE_ASSIGN_OR_RETURN(const Buffer<uint8_t> values, WidenToF32(tensor, std::move(data)));
  return output_.SetRowsF32(spec->role, spec->layer, static_cast<size_t>(begin / row_bytes),
                            values);
}

Status ConverterImpl::OnEnd() {
  if (++next_file_ < weight_files_.size()) return Status();
  stage_ = Stage::kTry;
  if (calibrator_ == nullptr) return Status();
  stage_ = Stage::kCalibrate;
  return calibrator_->Finish();
}

Result<bool> ConverterImpl::Step() {
  if (stage_ == Stage::kDone) return false;
  const Status status = Advance();
  if (!status.ok()) {
    stage_ = Stage::kFailed;
    return status;
  }
  return stage_ != Stage::kDone;
}

Status ConverterImpl::Advance() {
  switch (stage_) {
    case Stage::kCalibrate: {
      SIMILE_ASSIGN_OR_RETURN(const bool more, calibrator_->Step(&output_));
      if (more) return Status();
      calibrator_.reset();
      stage_ = Stage::kTry;
      return Status();
    }
    case Stage::kTry:
      SIMILE_RETURN_IF_ERROR(Try());
      stage_ = Stage::kSeal;
      return Status();
    default:
      SIMILE_RETURN_IF_ERROR(Expect(Stage::kSeal, "step"));
      SIMILE_RETURN_IF_ERROR(Seal());
      stage_ = Stage::kDone;
      return Status();
  }
}

// The golden vectors are those of the file itself, so it is sealed with others
// first: their size is known, and no other tensor depends on them.
Status ConverterImpl::Try() {
  Buffer<uint8_t> blank;
  SIMILE_RETURN_IF_ERROR(
      blank.Resize(config_.golden_texts.size() * config_.golden_dims() * sizeof(float)));
  std::fill(blank.begin(), blank.end(), uint8_t{0});
  SIMILE_RETURN_IF_ERROR(output_.Set(TensorRole::kGoldenVectors, -1, std::move(blank)));
  SIMILE_RETURN_IF_ERROR(output_.Seal(config_));
  InputErrors errors(config_.encoder, output_);
  const bool is_int8 = config_.precision == WeightPrecision::kInt8;
  SIMILE_ASSIGN_OR_RETURN(Buffer<uint8_t> vectors,
                          ComputeGoldenVectors(pool_, output_, is_int8 ? &errors : nullptr));
  config_.two_part_inputs = errors.InTwoParts(config_.smoothed);
  return output_.Set(TensorRole::kGoldenVectors, -1, std::move(vectors));
}

Status ConverterImpl::Seal() {
  config_.source_sha256 = source_hash_.Hex();
  config_.vector_space = output_.VectorSpace(config_);
  SIMILE_RETURN_IF_ERROR(output_.Seal(config_));
  if (config_.two_part_inputs.empty()) return Status();  // those of Try are the file's
  SIMILE_ASSIGN_OR_RETURN(Buffer<uint8_t> vectors,
                          ComputeGoldenVectors(pool_, output_, nullptr));
  return output_.Set(TensorRole::kGoldenVectors, -1, std::move(vectors));
}

double ConverterImpl::progress() const {
  if (stage_ == Stage::kDone) return 1;
  // Sealing is quick beside calibration.
  constexpr double kCalibrationShare = 0.98;
  if (stage_ == Stage::kCalibrate) return kCalibrationShare * calibrator_->progress();
  const bool is_after = stage_ == Stage::kTry || stage_ == Stage::kSeal;
  return is_after && config_.smoothed ? kCalibrationShare : 0;
}

Status ConverterImpl::ReadOutput(uint64_t begin, size_t count, uint8_t* out) const {
  if (stage_ != Stage::kDone) return InvalidArgument("converter: the output is not ready");
  return output_.Read(begin, count, out);
}

}  // namespace

std::unique_ptr<Converter> Converter::Create(ThreadPool* pool, ConvertOptions options) {
  return std::make_unique<ConverterImpl>(pool, std::move(options));
}

}  // namespace simile
