// SPDX-License-Identifier: Apache-2.0
#include "convert/golden.h"

#include "convert/source_tensors.h"
#include "model/safetensors.h"
#include "pool/text_embedder.h"

namespace simile {

std::vector<std::string> GoldenTexts() {
  return {
      "I love machine learning",
      "An embedding model turns a text into a list of numbers. Texts that mean nearly the same "
      "get lists that point in nearly the same direction, so that a program can find, sort and "
      "group them by their meaning. This text is longer than most questions and most answers; it "
      "goes through every layer with many tokens at once, through whole blocks of rows and what "
      "is left of them, and through attention over more positions than one register holds.",
      "Where can I find a good restaurant near the station at 9:30 p.m.?",
      "Ünïcödé: déjà vu, naïve, 東京の天気, Привет мир, مرحبا, नमस्ते",
      "Wow!!! (really?) \xF0\x9F\x9A\x80\xF0\x9F\x8E\x89 #hash @user "
      "https://example.org/a?b=c&d=42 \xE2\x80\x94 50% off\xE2\x80\xA6",
  };
}

Result<Buffer<uint8_t>> ComputeGoldenVectors(ThreadPool* pool, const OutputFile& file,
                                             ActivationObserver* observer) {
  TextEmbedder embedder(pool);
  embedder.SkipGoldenCheck();
  embedder.ObserveAll(observer);
  SafetensorsStream stream(file.size_bytes(), &embedder);
  for (uint64_t begin = 0; stream.span_size() != 0;) {
    const size_t count = stream.span_size();
    SIMILE_RETURN_IF_ERROR(file.Read(begin, count, stream.span_data()));
    SIMILE_RETURN_IF_ERROR(stream.Commit(count));
    begin += count;
  }
  SIMILE_RETURN_IF_ERROR(stream.Finish());

  const ModelConfig& config = embedder.config();
  Buffer<uint8_t> vectors;
  SIMILE_RETURN_IF_ERROR(
      vectors.Resize(config.golden_texts.size() * config.golden_dims() * sizeof(float)));
  SIMILE_RETURN_IF_ERROR(embedder.ComputeGolden(config.golden_texts.size(), Floats(vectors)));
  return vectors;
}

}  // namespace simile
