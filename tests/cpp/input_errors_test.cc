// SPDX-License-Identifier: Apache-2.0
// What 8 bits cost an input, by hand and against rows that were quantised; and which
// inputs are chosen for it.
#include "convert/input_errors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "convert/source_tensors.h"
#include "random.h"
#include "simd/row_kernels.h"
#include "tiny_checkpoint.h"

namespace simile {
namespace {

constexpr size_t K = TinyCheckpoint::kHidden;

ModelConfig Config(bool smoothed) {
  ModelConfig config;
  config.encoder = TinyCheckpoint::Shape();
  config.smoothed = smoothed;
  return config;
}

OutputFile File(bool smoothed, float factor = 1) {
  OutputFile file;
  const ModelConfig config = Config(smoothed);
  EXPECT_TRUE(file.Init(config).ok());
  for (int layer = 0; smoothed && layer < 2; ++layer) {
    Buffer<uint8_t> smoothing;
    EXPECT_TRUE(smoothing.Resize(K * sizeof(float)).ok());
    std::fill_n(Floats(smoothing), K, 1.0f);
    Floats(smoothing)[K - 1] = factor;
    EXPECT_TRUE(
        file.Set(TensorRole::kAttentionSmoothing, layer, std::move(smoothing)).ok());
  }
  return file;
}

// A row of ones whose last value is another.
std::vector<float> RowWith(float last) {
  std::vector<float> row(K, 1.0f);
  row.back() = last;
  return row;
}

// What the formula gives for it; 0 is in the range.
double ErrorOf(double last) {
  const double range = std::max(last, 1.0) - std::min(last, 0.0);
  return K * range * range / (255.0 * 255 * 12) / (K - 1 + last * last);
}

TEST(InputErrors, AreTheMeansOfTheirRowsSummedOverTheInputs) {
  const OutputFile file = File(false);
  InputErrors errors(Config(false).encoder, file);
  EXPECT_EQ(errors.Sum(), 0);
  std::vector<float> rows = RowWith(8);
  for (const float last : {-3.0f, 0.5f}) {
    const std::vector<float> row = RowWith(last);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  rows.resize(4 * K, 0.0f);  // a row of zeros counts for nothing
  ASSERT_TRUE(errors.Observe(0, ProductInput::kAttention, rows.data(), 4, K).ok());
  const double mean = (ErrorOf(8) + ErrorOf(-3) + ErrorOf(0.5)) / 3;
  EXPECT_NEAR(errors.Sum(), mean, 1e-12);
  ASSERT_TRUE(errors.Observe(0, ProductInput::kAttention, rows.data(), 1, K).ok());
  EXPECT_NEAR(errors.Sum(), (3 * mean + ErrorOf(8)) / 4, 1e-12);
  ASSERT_TRUE(errors.Observe(1, ProductInput::kOutput, rows.data(), 1, K).ok());
  EXPECT_NEAR(errors.Sum(), (3 * mean + ErrorOf(8)) / 4 + ErrorOf(8), 1e-12);
}

TEST(InputErrors, AreThoseOfTheSmoothedRows) {
  const OutputFile file = File(true, 0.125f);
  InputErrors errors(Config(true).encoder, file);
  const std::vector<float> row = RowWith(64);
  ASSERT_TRUE(errors.Observe(1, ProductInput::kAttention, row.data(), 1, K).ok());
  EXPECT_NEAR(errors.Sum(), ErrorOf(8), 1e-12);
  // The other products' outputs are not smoothed in this model.
  ASSERT_TRUE(errors.Observe(1, ProductInput::kOutput, row.data(), 1, K).ok());
  EXPECT_NEAR(errors.Sum(), ErrorOf(8) + ErrorOf(64), 1e-12);
}

TEST(InputErrors, AreNearWhatQuantisedRowsAreOffBy) {
  Random random(1);
  const OutputFile file = File(false);
  for (const float outlier : {1.0f, 10.0f, 100.0f}) {
    InputErrors errors(Config(false).encoder, file);
    double expected = 0;
    constexpr size_t kRows = 200;
    for (size_t i = 0; i < kRows; ++i) {
      std::vector<float> row = random.Floats(256);
      row[i] *= outlier;
      ASSERT_TRUE(errors.Observe(0, ProductInput::kOutput, row.data(), 1, 256).ok());
      std::vector<int8_t> q(256);
      int32_t zero_point = 0;
      float scale = 0;
      QuantizeRow(row.data(), nullptr, 256, QuantizedForm::kInt8, q.data(), &zero_point, &scale);
      double off = 0, squares = 0;
      for (size_t k = 0; k < 256; ++k) {
        const double e = row[k] - static_cast<double>(q[k] - zero_point) * scale;
        off += e * e;
        squares += static_cast<double>(row[k]) * row[k];
      }
      expected += off / squares / kRows;
    }
    EXPECT_NEAR(errors.Sum(), expected, 0.1 * expected) << outlier;
  }
}

// Errors of about 1 / 12 / 255^2 * K, of rows with one value.
void ObserveOneChannel(InputErrors* errors, int layer, ProductInput input, size_t width) {
  std::vector<float> row(width, 0.0f);
  row[width / 2] = 3;
  ASSERT_TRUE(errors->Observe(layer, input, row.data(), 1, width).ok());
}

std::vector<std::pair<ProductInput, uint32_t>> Chosen(const InputErrors& errors,
                                                      bool is_calibrated) {
  std::vector<std::pair<ProductInput, uint32_t>> chosen;
  for (const LayerInput& at : errors.InTwoParts(is_calibrated)) {
    chosen.emplace_back(at.input, at.layer);
  }
  return chosen;
}

TEST(InputErrors, TheLargestOfTooManyAreChosenInARecipesOrder) {
  const OutputFile file = File(false);
  InputErrors errors(Config(false).encoder, file);
  EXPECT_TRUE(Chosen(errors, false).empty());
  ObserveOneChannel(&errors, 1, ProductInput::kOutput, 4000);        // 0.0051
  ObserveOneChannel(&errors, 0, ProductInput::kOutput, 1500);        // 0.0019
  ObserveOneChannel(&errors, 0, ProductInput::kIntermediate, 2000);  // 0.0026
  EXPECT_TRUE(Chosen(errors, false).empty());
  EXPECT_TRUE(Chosen(errors, true).empty());
  ObserveOneChannel(&errors, 1, ProductInput::kAttention, 3500);  // 0.0045
  using Inputs = std::vector<std::pair<ProductInput, uint32_t>>;
  EXPECT_EQ(Chosen(errors, true), (Inputs{{ProductInput::kOutput, 1}}));  // 0.009 is left
  EXPECT_EQ(Chosen(errors, false), (Inputs{{ProductInput::kAttention, 1},
                                           {ProductInput::kIntermediate, 0},
                                           {ProductInput::kOutput, 1}}));  // 0.0019
}

TEST(InputErrors, AllAreChosenWhereNoneIsSmall) {
  const OutputFile file = File(false);
  InputErrors errors(Config(false).encoder, file);
  for (size_t i = 0; i < 2 * kProductInputs; ++i) {
    ObserveOneChannel(&errors, static_cast<int>(i / kProductInputs),
                      static_cast<ProductInput>(i % kProductInputs), 9000);
  }
  EXPECT_EQ(Chosen(errors, false).size(), 2 * kProductInputs);
}

}  // namespace
}  // namespace simile
