// SPDX-License-Identifier: Apache-2.0
// The parts of calibration: texts into batches, grams against a scalar oracle,
// and passes over the texts that change nothing but memory.
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "convert/activation_stats.h"
#include "convert/calibration_texts.h"
#include "convert/calibrator.h"
#include "convert/output_file.h"
#include "gtest/gtest.h"
#include "text/wordpiece.h"
#include "tiny_checkpoint.h"

namespace simile {
namespace {

std::unique_ptr<ThreadPool> Threads(size_t count) {
  Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::Create(count);
  EXPECT_TRUE(pool.ok());
  return std::move(pool.value());
}

std::unique_ptr<Tokenizer> TinyTokenizer() {
  std::string vocab;
  for (const std::string& token : TinyCheckpoint::Vocab()) vocab += token + "\n";
  Result<std::unique_ptr<Tokenizer>> tokenizer =
      MakeWordPiece(Bytes(vocab), WordPieceConfig());
  EXPECT_TRUE(tokenizer.ok());
  return std::move(tokenizer.value());
}

CalibrationTexts Texts(std::string_view lines, size_t max_tokens = 40) {
  CalibrationTexts texts;
  EXPECT_TRUE(texts.Init(*TinyTokenizer(), max_tokens, lines).ok());
  return texts;
}

TEST(CalibrationTextsTest, BlankLinesAreNoTexts) {
  std::string_view rest = "\none\r\n \t\n\ntwo";
  EXPECT_EQ(NextCalibrationLine(&rest), "one\r");
  EXPECT_EQ(NextCalibrationLine(&rest), "two");
  EXPECT_EQ(NextCalibrationLine(&rest), "");
}

TEST(CalibrationTextsTest, BatchesCoverAllTextsInOrderWithinTheBudget) {
  // 3, 4, 5, 3 and 8 tokens with [CLS] and [SEP].
  const CalibrationTexts texts = Texts("a\nab\nabc\nz\nabcdef\n");
  EXPECT_EQ(texts.count(), 5u);
  EXPECT_EQ(texts.tokens(), 23u);
  for (const size_t budget : {1u, 7u, 8u, 12u, 100u}) {
    size_t next = 0, tokens = 0;
    Buffer<uint32_t> offsets;
    while (next < texts.count()) {
      const uint32_t* ids = nullptr;
      const Result<size_t> B = texts.Batch(next, budget, &ids, &offsets);
      ASSERT_TRUE(B.ok());
      ASSERT_EQ(offsets.size(), B.value() + 1);
      EXPECT_EQ(offsets[0], 0u);
      EXPECT_EQ(ids[0], 2u);  // [CLS]
      EXPECT_TRUE(B.value() == 1 || offsets[B.value()] <= budget);
      tokens += offsets[B.value()];
      next += B.value();
    }
    EXPECT_EQ(tokens, texts.tokens());
  }
}

TEST(CalibrationTextsTest, LongTextsAreCut) {
  EXPECT_EQ(Texts("abcdefghij\n", 6).tokens(), 6u);
}

// Widths on both sides of the gram's blocks (128) and the products' (4 and 8).
TEST(ActivationStatsTest, GramIsTheSumOverAllBatches) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (const size_t K : {1u, 3u, 8u, 127u, 128u, 129u, 260u}) {
    GramAccumulator accumulator;
    std::vector<float> gram(K * K);
    std::vector<double> expected(K * K);
    for (const size_t T : {1u, 2u, 5u, 33u}) {
      std::vector<float> rows(T * K);
      for (float& value : rows) value = normal(random);
      ASSERT_TRUE(accumulator.Add(*Threads(1), rows.data(), T, K, gram.data()).ok());
      for (size_t i = 0; i < K * K; ++i) {
        for (size_t t = 0; t < T; ++t) {
          expected[i] += double{rows[t * K + i / K]} * rows[t * K + i % K];
        }
      }
    }
    for (size_t i = 0; i < K; ++i) {
      for (size_t j = i; j < K; ++j) {
        // 41 terms around 1, each rounded twice in f32.
        EXPECT_NEAR(gram[i * K + j], expected[i * K + j], 41 * 2 * 6e-8 * 20) << K;
      }
    }
  }
}

TEST(ActivationStatsTest, WatchesOnlyItsLayersAndKeepsTheLargestValues) {
  EncoderConfig shape = TinyCheckpoint::Shape();
  shape.hidden_size = shape.embedding_size = shape.head_size = 4;
  shape.layers = 3;
  shape.heads = shape.kv_heads = 1;
  const auto pool = Threads(1);
  ActivationStats stats;
  ASSERT_TRUE(stats.Init(pool.get(), shape, 1, 1, false).ok());
  const float rows[] = {1, -2, 3, 0, -4, 1, 1, 0};
  const float other[] = {100, 100, 100, 100};
  ASSERT_TRUE(stats.Observe(1, ProductInput::kIntermediate, rows, 2, 4).ok());
  ASSERT_TRUE(stats.Observe(0, ProductInput::kIntermediate, other, 1, 4).ok());
  ASSERT_TRUE(stats.Observe(2, ProductInput::kIntermediate, other, 1, 4).ok());
  ASSERT_TRUE(stats.Observe(1, ProductInput::kAttention, other, 1, 4).ok());
  const float* max_abs = stats.max_abs(1, ProductInput::kIntermediate);
  EXPECT_EQ(std::vector<float>(max_abs, max_abs + 4), (std::vector<float>{4, 2, 3, 0}));
  EXPECT_EQ(stats.gram(1, ProductInput::kIntermediate), nullptr);
}

// Calibrates the tiny checkpoint; the hash of all that came out.
std::string Calibrate(size_t gram_budget_bytes, size_t* steps) {
  const auto pool = Threads(1);
  ModelConfig config;
  config.encoder = TinyCheckpoint::Shape();
  config.smoothed = true;
  OutputFile output;
  EXPECT_TRUE(output.Init(config).ok());
  Result<std::unique_ptr<Calibrator>> calibrator = Calibrator::Create(
      pool.get(), config, Texts(TinyCheckpoint::CalibrationTexts(200)), gram_budget_bytes);
  EXPECT_TRUE(calibrator.ok());
  ModelConfig f32 = config;
  f32.precision = WeightPrecision::kF32;
  f32.smoothed = false;
  TinyCheckpoint checkpoint;
  for (const TensorSpec& spec : ModelTensorSpecs(f32)) {
    if (spec.role == TensorRole::kTokenizer || spec.role == TensorRole::kGoldenVectors) continue;
    const std::vector<float>& values = checkpoint.Find(spec.name).values;
    EXPECT_TRUE(calibrator.value()
                    ->SetTensor(spec, Bytes({reinterpret_cast<const char*>(values.data()),
                                             values.size() * sizeof(float)}))
                    .ok());
  }
  EXPECT_TRUE(calibrator.value()->Finish().ok());
  for (bool more = true; more; ++*steps) {
    const Result<bool> result = calibrator.value()->Step(&output);
    EXPECT_TRUE(result.ok()) << result.status().message();
    more = result.ok() && result.value();
  }
  return output.VectorSpace(config);
}

TEST(CalibratorTest, ManyPassesGiveWhatOneGives) {
  size_t one_pass_steps = 0, many_passes_steps = 0;
  EXPECT_EQ(Calibrate(Calibrator::kGramBudgetBytes, &one_pass_steps),
            Calibrate(0, &many_passes_steps));
  EXPECT_GT(many_passes_steps, one_pass_steps);
}

}  // namespace
}  // namespace simile
