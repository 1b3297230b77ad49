// SPDX-License-Identifier: Apache-2.0
// Feeds bytes to a SafetensorsStream as a reader of files does, and a sink that
// writes down what comes out.

#ifndef SIMILE_TESTS_CPP_STREAM_FEED_H_
#define SIMILE_TESTS_CPP_STREAM_FEED_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "model/safetensors.h"

namespace simile {

// Commits at most chunk bytes at once; then Finish. The first error ends it.
inline Status Feed(std::string_view file, size_t chunk, SafetensorsStream* stream) {
  for (size_t done = 0; done < file.size();) {
    const size_t room = std::min(chunk, stream->span_size());
    const size_t count = std::min(room, file.size() - done);
    if (count != 0) std::memcpy(stream->span_data(), file.data() + done, count);
    // No room and bytes left: a commit too many says why.
    SIMILE_RETURN_IF_ERROR(stream->Commit(count == 0 ? 1 : count));
    done += count;
  }
  return stream->Finish();
}

// Writes down what it gets; fails where a test asks it to.
class RecordingSink : public TensorSink {
 public:
  explicit RecordingSink(std::string fail_at = "") : fail_at_(std::move(fail_at)) {}

  Status OnHeader(const SafetensorsHeader& header) override {
    log += "header " + std::to_string(header.tensors.size()) + " " +
           std::to_string(header.data_bytes) + "\n";
    return Answer("header");
  }
  Status OnTensor(const TensorInfo& tensor, Buffer<uint8_t> data) override {
    log += tensor.name + " " + DTypeName(tensor.dtype);
    for (uint64_t n : tensor.shape) log += " " + std::to_string(n);
    log += ": " + std::string(data.begin(), data.end()) + "\n";
    return Answer(tensor.name);
  }
  Status OnEnd() override {
    log += "end\n";
    return Answer("end");
  }

  std::string log;

 private:
  Status Answer(const std::string& at) const {
    return at == fail_at_ ? IntegrityError("the sink refuses " + at) : Status();
  }
  std::string fail_at_;
};

}  // namespace simile

#endif  // SIMILE_TESTS_CPP_STREAM_FEED_H_
