// SPDX-License-Identifier: Apache-2.0
// A conversion of the tiny checkpoint, from its files to a file that loads.

#ifndef SIMILE_TESTS_CPP_CONVERSION_H_
#define SIMILE_TESTS_CPP_CONVERSION_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convert/converter.h"
#include "pool/text_embedder.h"
#include "stream_feed.h"
#include "tiny_checkpoint.h"

namespace simile {

inline std::unique_ptr<ThreadPool> Threads(size_t count) {
  Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::Create(count);
  EXPECT_TRUE(pool.ok());
  return std::move(pool.value());
}

struct Conversion {
  ConvertOptions options;
  std::string calibration;  // "" for none
  std::string weights = TinyCheckpoint().Weights();
  std::string config = TinyCheckpoint::Config();
  size_t chunk = 1 << 20;
  size_t threads = 1;
  int fail_after = -1;  // allocations from Start on; never if negative
};

inline Status StreamInto(const std::string& file, size_t chunk, TensorSink* sink) {
  SafetensorsStream stream(file.size(), sink);
  return Feed(file, chunk, &stream);
}

inline Status AddFiles(Converter* converter, const std::string& config = TinyCheckpoint::Config()) {
  std::string vocab;
  for (const std::string& token : TinyCheckpoint::Vocab()) vocab += token + "\n";
  SIMILE_RETURN_IF_ERROR(converter->AddFile("config.json", Bytes(config)));
  return converter->AddFile("vocab.txt", Bytes(vocab));
}

inline Result<std::string> Convert(const Conversion& conversion) {
  const auto pool = Threads(conversion.threads);
  const auto converter = Converter::Create(pool.get(), conversion.options);
  SIMILE_RETURN_IF_ERROR(AddFiles(converter.get(), conversion.config));
  if (!conversion.calibration.empty()) {
    SIMILE_RETURN_IF_ERROR(converter->SetCalibration(Bytes(conversion.calibration)));
  }
  FailAllocationForTest(conversion.fail_after);
  SIMILE_RETURN_IF_ERROR(converter->Start());
  converter->HashSource(conversion.weights.data(), conversion.weights.size());
  SIMILE_RETURN_IF_ERROR(StreamInto(conversion.weights, conversion.chunk, converter->sink()));
  double progress = converter->progress();
  for (bool more = true; more;) {
    SIMILE_ASSIGN_OR_RETURN(more, converter->Step());
    EXPECT_GE(converter->progress(), progress);
    progress = converter->progress();
  }
  EXPECT_EQ(progress, 1.0);
  std::string file(converter->output_bytes(), '\0');
  SIMILE_RETURN_IF_ERROR(
      converter->ReadOutput(0, file.size(), reinterpret_cast<uint8_t*>(file.data())));
  return file;
}

inline std::string MustConvert(const Conversion& conversion) {
  Result<std::string> file = Convert(conversion);
  EXPECT_TRUE(file.ok()) << file.status().message();
  return file.ok() ? file.value() : "";
}

// The message of the refusal.
inline std::string Refusal(const Conversion& conversion, StatusCode code = StatusCode::kBadModel) {
  const Result<std::string> file = Convert(conversion);
  EXPECT_FALSE(file.ok());
  if (file.ok()) return "";
  EXPECT_EQ(file.status().code(), code) << file.status().message();
  return file.status().message();
}

inline void ExpectNamed(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' not in: " << message;
  }
}

// GPTQ is done from 64 tokens on, one for each input of the widest product;
// sixteen words of a letter have 48.
inline std::string CalibrationFor(bool gptq) {
  return gptq ? TinyCheckpoint::CalibrationTexts(100)
              : "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\n";
}

// A loaded file; its golden vectors were verified.
struct Loaded {
  explicit Loaded(const std::string& file) {
    const Status status = StreamInto(file, 1 << 20, &embedder);
    EXPECT_TRUE(status.ok()) << status.message();
  }
  std::vector<float> Embed(const std::vector<std::string_view>& texts) {
    std::vector<float> vectors(texts.size() * TinyCheckpoint::kHidden);
    EXPECT_TRUE(embedder.Embed(texts.data(), texts.size(), true, vectors.data(), nullptr).ok());
    return vectors;
  }
  std::unique_ptr<ThreadPool> pool = Threads(1);
  TextEmbedder embedder{pool.get()};
};

inline const std::vector<std::string_view> kTexts = {"the thing", "a", "abc def ghi jkl mno", "zzz?",
                                              "the the the ing"};

inline float MinCosine(const std::string& a, const std::string& b) {
  const std::vector<float> x = Loaded(a).Embed(kTexts);
  const std::vector<float> y = Loaded(b).Embed(kTexts);
  float lowest = 1;
  for (size_t i = 0; i < kTexts.size(); ++i) {
    float dot = 0;
    for (size_t k = 0; k < TinyCheckpoint::kHidden; ++k) {
      dot += x[i * TinyCheckpoint::kHidden + k] * y[i * TinyCheckpoint::kHidden + k];
    }
    lowest = std::min(lowest, dot);
  }
  return lowest;
}

inline Conversion F32() {
  Conversion conversion;
  conversion.options.precision = WeightPrecision::kF32;
  return conversion;
}
inline Conversion Calibrated(bool gptq) {
  Conversion conversion;
  conversion.calibration = CalibrationFor(gptq);
  return conversion;
}

}  // namespace simile

#endif  // SIMILE_TESTS_CPP_CONVERSION_H_
