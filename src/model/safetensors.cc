// SPDX-License-Identifier: Apache-2.0
#include "model/safetensors.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/json.h"

namespace simile {
namespace {

constexpr uint64_t kMinHeaderBytes = 2;  // "{}"
constexpr uint64_t kMaxHeaderBytes = 16 << 20;
constexpr size_t kMaxTensors = 4096;
constexpr size_t kMaxNameBytes = 256;
constexpr size_t kMaxDimensions = 8;
// The word embeddings of the largest model that model_config.h allows, in F32.
constexpr uint64_t kMaxTensorBytes = uint64_t{1} << 34;
// Of the header's JSON: a tensor is an object, a dtype, a shape, its dimensions,
// a pair and two offsets, so that a header's tree stays under 10 MB.
constexpr size_t kMaxValues = kMaxTensors * (6 + kMaxDimensions) + 256;
// Offsets are whole numbers in JSON, exact as doubles below this.
constexpr double kOffsetsEnd = 9007199254740992.0;  // 2^53

struct DTypeRow {
  DType dtype;
  const char* name;
  size_t size;
};
constexpr DTypeRow kDTypes[] = {
    {DType::kF32, "F32", 4}, {DType::kF16, "F16", 2}, {DType::kBF16, "BF16", 2},
    {DType::kI8, "I8", 1},   {DType::kU8, "U8", 1},   {DType::kI64, "I64", 8},
};

// What people hand in instead of a model, by its first bytes.
struct Lookalike {
  std::string_view start;
  const char* what;
};
constexpr Lookalike kLookalikes[] = {
    {"<!DOCTYP", "a web page, not a model (did a server answer with its error page?)"},
    {"<!doctyp", "a web page, not a model (did a server answer with its error page?)"},
    {"<html", "a web page, not a model (did a server answer with its error page?)"},
    {"<HTML", "a web page, not a model (did a server answer with its error page?)"},
    {"<?xml", "an XML document, not a model"},
    {"version ", "a Git LFS pointer, not the file that it stands for"},
    {"\x1f\x8b\x08", "a gzip file; unpack it first"},
    {"PK\x03\x04", "a zip archive or a PyTorch checkpoint; a safetensors file is needed"},
    {"GGUF", "a GGUF model; a safetensors file is needed"},
    {"{", "a JSON text, not a model"},
};

// The start of a message about a file that is no safetensors file, "" if its
// first bytes (at most 8) say nothing.
std::string NameLookalike(std::string_view start) {
  for (const Lookalike& lookalike : kLookalikes) {
    if (!start.starts_with(lookalike.start)) continue;
    return std::string("this is ") + lookalike.what;
  }
  // ONNX is a protobuf: field 1 (IR version), a small number, then field 2 (producer).
  const bool is_onnx = start.size() > 2 && start[0] == 0x08 && start[1] > 0 && start[1] < 32 &&
                       (start[2] == 0x12 || start[2] == 0x3a);
  return is_onnx ? "this is an ONNX model; a safetensors file is needed" : "";
}

std::string Describe(const TensorInfo& tensor) { return "tensor '" + tensor.name + "': "; }

Status ReadDType(const Json& entry, TensorInfo* tensor) {
  const Json* dtype = entry.Find("dtype");
  const std::string* name = dtype == nullptr ? nullptr : dtype->string();
  if (name == nullptr) return BadModel(Describe(*tensor) + "has no dtype");
  for (const DTypeRow& row : kDTypes) {
    if (*name == row.name) {
      tensor->dtype = row.dtype;
      return Status();
    }
  }
  std::string known;
  for (const DTypeRow& row : kDTypes) known += (known.empty() ? "" : ", ") + std::string(row.name);
  return BadModel(Describe(*tensor) + "dtype '" + *name +
                  "' is not supported; this version reads " + known);
}

// A whole number below 2^53.
bool ReadOffset(const Json& json, uint64_t* out) {
  const double* number = json.number();
  if (number == nullptr || !(*number >= 0 && *number < kOffsetsEnd)) return false;
  *out = static_cast<uint64_t>(*number);
  return static_cast<double>(*out) == *number;
}

Status ReadShape(const Json& entry, TensorInfo* tensor, uint64_t* size_bytes) {
  const Json* shape = entry.Find("shape");
  if (shape == nullptr || shape->array() == nullptr || shape->array()->size() > kMaxDimensions) {
    return BadModel(Describe(*tensor) + "expected a shape of at most " +
                    std::to_string(kMaxDimensions) + " dimensions");
  }
  uint64_t bytes = DTypeSize(tensor->dtype);
  for (const Json& dimension : *shape->array()) {
    uint64_t n = 0;
    if (!ReadOffset(dimension, &n)) {
      return BadModel(Describe(*tensor) + "a dimension is no whole number below 2^53");
    }
    if (n != 0 && bytes > UINT64_MAX / n) {
      return BadModel(Describe(*tensor) + "its shape takes more than 2^64 bytes");
    }
    bytes *= n;
    tensor->shape.push_back(n);
  }
  if (bytes > kMaxTensorBytes) {
    return BadModel(Describe(*tensor) + "its shape takes " + std::to_string(bytes) +
                    " bytes, expected at most " + std::to_string(kMaxTensorBytes));
  }
  *size_bytes = bytes;
  return Status();
}

Status ReadOffsets(const Json& entry, uint64_t size_bytes, TensorInfo* tensor) {
  const Json* offsets = entry.Find("data_offsets");
  const Json::Array* pair = offsets == nullptr ? nullptr : offsets->array();
  if (pair == nullptr || pair->size() != 2 || !ReadOffset((*pair)[0], &tensor->begin) ||
      !ReadOffset((*pair)[1], &tensor->end) || tensor->begin > tensor->end) {
    return BadModel(Describe(*tensor) + "expected data_offsets [begin, end]");
  }
  if (tensor->size_bytes() == size_bytes) return Status();
  return BadModel(Describe(*tensor) + "its shape takes " + std::to_string(size_bytes) +
                  " bytes, its offsets span " + std::to_string(tensor->size_bytes()));
}

Result<TensorInfo> ReadTensor(const std::string& name, const Json& entry) {
  TensorInfo tensor;
  tensor.name = name;
  if (name.empty() || name.size() > kMaxNameBytes) {
    return BadModel("a tensor's name has " + std::to_string(name.size()) +
                    " bytes: expected 1 to " + std::to_string(kMaxNameBytes));
  }
  if (entry.object() == nullptr) return BadModel(Describe(tensor) + "expected an object");
  uint64_t size_bytes = 0;
  SIMILE_RETURN_IF_ERROR(ReadDType(entry, &tensor));
  SIMILE_RETURN_IF_ERROR(ReadShape(entry, &tensor, &size_bytes));
  SIMILE_RETURN_IF_ERROR(ReadOffsets(entry, size_bytes, &tensor));
  return tensor;
}

Status ReadMetadata(const Json& json, SafetensorsHeader* header) {
  if (json.object() == nullptr) return BadModel("__metadata__: expected an object");
  for (const auto& [key, value] : *json.object()) {
    if (value.string() == nullptr) {
      return BadModel("__metadata__: '" + key + "': expected a string");
    }
    header->metadata.emplace_back(key, *value.string());
  }
  return Status();
}

// Tensors neither overlap nor leave holes, so that every byte has one meaning.
// The name decides between empty tensors, whose order their offsets leave open.
Status CheckCoverage(SafetensorsHeader* header) {
  std::sort(header->tensors.begin(), header->tensors.end(),
            [](const TensorInfo& a, const TensorInfo& b) {
              return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
            });
  for (const TensorInfo& tensor : header->tensors) {
    if (tensor.begin != header->data_bytes) {
      return BadModel(Describe(tensor) +
                      (tensor.begin < header->data_bytes ? "overlaps" : "leaves a hole after") +
                      " the tensor before it: it begins at byte " + std::to_string(tensor.begin) +
                      " of the data, expected " + std::to_string(header->data_bytes));
    }
    header->data_bytes = tensor.end;
  }
  return Status();
}

Result<SafetensorsHeader> ParseHeader(std::string_view text) {
  SIMILE_ASSIGN_OR_RETURN(const Json json, Json::Parse(text, "safetensors header", kMaxValues));
  if (json.object() == nullptr) return BadModel("safetensors header: expected an object");
  SafetensorsHeader header;
  for (const auto& [name, entry] : *json.object()) {
    if (name == "__metadata__") {
      SIMILE_RETURN_IF_ERROR(ReadMetadata(entry, &header));
    } else {
      SIMILE_ASSIGN_OR_RETURN(TensorInfo tensor, ReadTensor(name, entry));
      header.tensors.push_back(std::move(tensor));
    }
  }
  if (header.tensors.size() > kMaxTensors) {
    return BadModel("safetensors header: " + std::to_string(header.tensors.size()) +
                    " tensors, expected at most " + std::to_string(kMaxTensors));
  }
  SIMILE_RETURN_IF_ERROR(CheckCoverage(&header));
  return header;
}

uint64_t ReadLittleEndian64(const uint8_t* bytes) {
  uint64_t value = 0;
  for (size_t i = sizeof(value); i > 0; --i) value = value << 8 | bytes[i - 1];
  return value;
}

}  // namespace

size_t DTypeSize(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].size; }
const char* DTypeName(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].name; }

const std::string* SafetensorsHeader::FindMetadata(std::string_view key) const {
  for (const auto& [name, value] : metadata) {
    if (name == key) return &value;
  }
  return nullptr;
}

const TensorInfo* SafetensorsHeader::FindTensor(std::string_view name) const {
  for (const TensorInfo& tensor : tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

SafetensorsStream::SafetensorsStream(uint64_t file_bytes, TensorSink* sink)
    : file_bytes_(file_bytes), sink_(sink) {}

uint8_t* SafetensorsStream::span_data() {
  return part_ == Part::kLength ? length_ + filled_ : bytes_.data() + filled_;
}

size_t SafetensorsStream::span_size() const { return status_.ok() ? PartSize() - filled_ : 0; }

size_t SafetensorsStream::PartSize() const {
  return part_ == Part::kLength ? sizeof(length_) : bytes_.size();
}

Status SafetensorsStream::Commit(size_t count) {
  if (!status_.ok()) return status_;
  if (count > span_size()) {
    return Fail(part_ == Part::kDone
                    ? BadModel("the file goes on after the last tensor that it lists")
                    : InvalidArgument("more bytes committed than there was room for"));
  }
  filled_ += count;
  received_bytes_ += count;
  while (part_ != Part::kDone && filled_ == PartSize()) {
    Status status = NextPart();
    if (!status.ok()) return Fail(std::move(status));
  }
  return Status();
}

Status SafetensorsStream::Finish() {
  if (!status_.ok() || part_ == Part::kDone) return status_;
  if (received_bytes_ == 0) return Fail(BadModel("the file is empty"));
  if (part_ == Part::kLength) {
    const std::string lookalike = NameLookalike(FirstBytes());
    if (!lookalike.empty()) return Fail(BadModel(lookalike));
  }
  const uint64_t missing =
      part_ == Part::kTensor ? end_bytes_ - received_bytes_ : PartSize() - filled_;
  return Fail(BadModel("the file ends after " + std::to_string(received_bytes_) + " bytes: " +
                       (part_ == Part::kTensor ? "" : "at least ") + std::to_string(missing) +
                       " bytes are missing"));
}

Status SafetensorsStream::Fail(Status status) {
  status_ = std::move(status);
  bytes_.Free();
  filled_ = 0;
  return status_;
}

std::string_view SafetensorsStream::FirstBytes() const {
  return {reinterpret_cast<const char*>(length_),
          static_cast<size_t>(std::min<uint64_t>(received_bytes_, sizeof(length_)))};
}

// A header that cannot be read: rather what the file is, if its start tells.
Status SafetensorsStream::NoModel(const std::string& fault) const {
  const std::string lookalike = NameLookalike(FirstBytes());
  return BadModel(lookalike.empty() ? "this is no safetensors file: " + fault : lookalike);
}

Status SafetensorsStream::NextPart() {
  switch (part_) {
    case Part::kLength: return StartHeader();
    case Part::kHeader: return StartTensors();
    case Part::kTensor: return HandOver();
    case Part::kDone: break;
  }
  return Status();
}

Status SafetensorsStream::StartHeader() {
  const uint64_t size = ReadLittleEndian64(length_);
  if (size < kMinHeaderBytes || size > kMaxHeaderBytes) {
    return NoModel("its first 8 bytes announce a header of " + std::to_string(size) +
                   " bytes, expected " + std::to_string(kMinHeaderBytes) + " to " +
                   std::to_string(kMaxHeaderBytes));
  }
  if (file_bytes_ != 0 && (file_bytes_ < sizeof(length_) || size > file_bytes_ - sizeof(length_))) {
    return NoModel("it has " + std::to_string(file_bytes_) +
                   " bytes and announces a header of " + std::to_string(size));
  }
  part_ = Part::kHeader;
  filled_ = 0;
  return bytes_.Resize(static_cast<size_t>(size));
}

Status SafetensorsStream::StartTensors() {
  Result<SafetensorsHeader> header =
      ParseHeader({reinterpret_cast<const char*>(bytes_.data()), bytes_.size()});
  if (!header.ok()) {
    const bool is_fault = header.status().code() == StatusCode::kBadModel;
    // Only bytes that are no JSON object at all speak for another kind of file.
    return is_fault && bytes_[0] != '{' ? NoModel(header.status().message()) : header.status();
  }
  header_ = std::move(header.value());
  end_bytes_ = received_bytes_ + header_.data_bytes;
  if (file_bytes_ != 0 && file_bytes_ != end_bytes_) {
    return BadModel("the file has " + std::to_string(file_bytes_) +
                    " bytes, its header describes " + std::to_string(end_bytes_) +
                    (file_bytes_ < end_bytes_ ? "; it is cut off" : ""));
  }
  SIMILE_RETURN_IF_ERROR(sink_->OnHeader(header_));
  return StartTensor();
}

// What has arrived of a tensor: all of it, or a piece.
Status SafetensorsStream::HandOver() {
  const TensorInfo& tensor = header_.tensors[next_tensor_];
  const uint64_t begin = piece_begin_;
  piece_begin_ += filled_;
  const bool is_whole = filled_ == tensor.size_bytes();
  SIMILE_RETURN_IF_ERROR(is_whole ? sink_->OnTensor(tensor, std::move(bytes_))
                                  : sink_->OnPiece(tensor, begin, std::move(bytes_)));
  if (piece_begin_ < tensor.size_bytes()) return StartPiece();
  ++next_tensor_;
  return StartTensor();
}

Status SafetensorsStream::StartTensor() {
  piece_begin_ = 0;
  if (next_tensor_ < header_.tensors.size()) {
    part_ = Part::kTensor;
    return StartPiece();
  }
  filled_ = 0;
  bytes_.Free();
  part_ = Part::kDone;
  return sink_->OnEnd();
}

Status SafetensorsStream::StartPiece() {
  filled_ = 0;
  bytes_.Free();
  const TensorInfo& tensor = header_.tensors[next_tensor_];
  const uint64_t rest = tensor.size_bytes() - piece_begin_;
  const uint64_t bytes = std::min(rest, sink_->PieceBytes(tensor));
  // Half of what size_t can say, which a 32-bit machine could not hold either.
  if (bytes <= SIZE_MAX / 2 && bytes_.Resize(static_cast<size_t>(bytes)).ok()) return Status();
  return OutOfMemory(Describe(tensor) + "no memory for its " + std::to_string(bytes) + " bytes");
}

}  // namespace simile
