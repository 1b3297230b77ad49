// SPDX-License-Identifier: Apache-2.0
// The safetensors container, read as a stream: a checked header, then tensors
// one after the other, each in memory of its own, so that what consumes them can
// drop each before the next arrives. Simile files and Hugging Face checkpoints
// both come this way. Format: github.com/huggingface/safetensors, README.md.

#ifndef SIMILE_MODEL_SAFETENSORS_H_
#define SIMILE_MODEL_SAFETENSORS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"

namespace simile {

enum class DType { kF32, kF16, kBF16, kI8, kU8, kI64 };

size_t DTypeSize(DType dtype);
const char* DTypeName(DType dtype);  // "F32", "F16", …

struct TensorInfo {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<uint64_t> shape;
  uint64_t begin = 0;  // offsets into the data, half open
  uint64_t end = 0;
  uint64_t size_bytes() const { return end - begin; }
};

struct SafetensorsHeader {
  std::vector<TensorInfo> tensors;  // sorted by begin; they cover the data whole
  std::vector<std::pair<std::string, std::string>> metadata;
  uint64_t data_bytes = 0;
  const std::string* FindMetadata(std::string_view key) const;
  const TensorInfo* FindTensor(std::string_view name) const;
};

// Receives what a SafetensorsStream finds, in file order.
class TensorSink {
 public:
  virtual ~TensorSink() = default;
  virtual Status OnHeader(const SafetensorsHeader& header) = 0;
  // The tensor's bytes, little-endian, row-major; the sink owns them now.
  virtual Status OnTensor(const TensorInfo& tensor, Buffer<uint8_t> data) = 0;
  // A sink that need not hold a large tensor whole says in how many bytes (1 or more) it
  // wants it; it then comes through OnPiece instead, in order, the last piece shorter.
  virtual uint64_t PieceBytes(const TensorInfo& tensor) { return tensor.size_bytes(); }
  // begin: of the piece within the tensor.
  virtual Status OnPiece(const TensorInfo& /*tensor*/, uint64_t /*begin*/,
                         Buffer<uint8_t> /*data*/) {
    return InternalError("a tensor came in pieces");
  }
  virtual Status OnEnd() = 0;  // after the last tensor
};

// A push parser. The caller asks where the next bytes go, writes them there and
// commits them: each byte is copied once, to the place where it stays.
class SafetensorsStream {
 public:
  // file_bytes: the file's size, or 0 if unknown. Borrows the sink.
  SafetensorsStream(uint64_t file_bytes, TensorSink* sink);

  // Where the next bytes go, and how many may be written there (0: the file is
  // complete, or a call failed). Valid until the next call.
  uint8_t* span_data();
  size_t span_size() const;

  // `count` <= span_size() bytes were written. After an error every further
  // call returns the same error.
  Status Commit(size_t count);
  // The file ended. kBadModel if bytes are missing.
  Status Finish();

 private:
  enum class Part { kLength, kHeader, kTensor, kDone };
  size_t PartSize() const;
  std::string_view FirstBytes() const;
  Status Fail(Status status);
  Status NoModel(const std::string& fault) const;
  Status NextPart();
  Status StartHeader();
  Status StartTensors();
  Status StartTensor();
  Status StartPiece();
  Status HandOver();

  uint64_t file_bytes_;
  TensorSink* sink_;
  Part part_ = Part::kLength;
  Status status_;
  SafetensorsHeader header_;
  size_t next_tensor_ = 0;
  uint64_t piece_begin_ = 0;  // of bytes_, within the tensor
  uint64_t end_bytes_ = 0;    // of the file, as its header describes it
  uint64_t received_bytes_ = 0;
  uint8_t length_[8] = {};  // the file's first bytes: the header's length
  Buffer<uint8_t> bytes_;   // the header or tensor that is being filled
  size_t filled_ = 0;
};

}  // namespace simile

#endif  // SIMILE_MODEL_SAFETENSORS_H_
