// SPDX-License-Identifier: Apache-2.0
// Every kernel against a scalar oracle in f64, at every length across the block
// edges (blocks are 16 floats at most) and at every misalignment of a vector.
#include "simd/row_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "random.h"

namespace simile {
namespace {

constexpr size_t kLongest = 2 * 16 + 1;
constexpr float kEpsilon = std::numeric_limits<float>::epsilon();

void ForEachLengthAndMisalignment(const std::function<void(size_t n, size_t offset)>& body) {
  for (size_t n = 1; n <= kLongest; ++n) {
    for (size_t offset = 0; offset < 4; ++offset) body(n, offset);
  }
}

// `n` values at `offset` floats past an aligned start, with a guard after them.
struct Row {
  Row(Random& random, size_t n, size_t offset, float scale = 1.0f)
      : values(random.Floats(offset + n + 1, scale)), data(values.data() + offset), n(n) {
    data[n] = 12345.0f;
  }
  bool guard_is_intact() const { return data[n] == 12345.0f; }
  std::vector<float> values;
  float* data;
  size_t n;
};

TEST(RowKernels, LayerNormMatchesTheFormula) {
  Random random(1);
  ForEachLengthAndMisalignment([&](size_t n, size_t offset) {
    Row x(random, n, offset), gamma(random, n, offset), beta(random, n, offset);
    Row y(random, n, offset);
    LayerNorm(x.data, gamma.data, beta.data, 1e-5f, n, y.data);
    double mean = 0, variance = 0;
    for (size_t i = 0; i < n; ++i) mean += x.data[i];
    mean /= n;
    for (size_t i = 0; i < n; ++i) variance += (x.data[i] - mean) * (x.data[i] - mean);
    variance /= n;
    // n additions of values below 1 are off by n epsilon at most; the division by
    // the deviation magnifies that.
    const double tolerance = 4 * (n + 4) * kEpsilon / std::sqrt(variance + 1e-5);
    for (size_t i = 0; i < n; ++i) {
      const double expected =
          (x.data[i] - mean) / std::sqrt(variance + 1e-5) * gamma.data[i] + beta.data[i];
      EXPECT_NEAR(y.data[i], expected, tolerance) << "n " << n << " i " << i;
    }
    EXPECT_TRUE(y.guard_is_intact());
  });
}

TEST(RowKernels, LayerNormWithoutBetaIsThatOfBetaZero) {
  Random random(21);
  ForEachLengthAndMisalignment([&](size_t n, size_t offset) {
    Row x(random, n, offset), gamma(random, n, offset);
    const std::vector<float> zeros(n, 0.0f);
    std::vector<float> with(n), without(n);
    LayerNorm(x.data, gamma.data, zeros.data(), 1e-5f, n, with.data());
    LayerNorm(x.data, gamma.data, nullptr, 1e-5f, n, without.data());
    EXPECT_EQ(with, without);
  });
}

TEST(RowKernels, RmsNormMatchesTheFormulaAndWorksInPlace) {
  Random random(22);
  ForEachLengthAndMisalignment([&](size_t n, size_t offset) {
    Row x(random, n, offset), gamma(random, n, offset), y(random, n, offset);
    RmsNorm(x.data, gamma.data, 1e-5f, n, y.data);
    double mean = 0;
    for (size_t i = 0; i < n; ++i) mean += static_cast<double>(x.data[i]) * x.data[i] / n;
    for (size_t i = 0; i < n; ++i) {
      const double expected = x.data[i] / std::sqrt(mean + 1e-5) * gamma.data[i];
      // n additions of squares, whose root halves the relative error; three roundings.
      EXPECT_NEAR(y.data[i], expected, (n / 2.0 + 4) * kEpsilon * std::fabs(expected) + 1e-12);
    }
    EXPECT_TRUE(y.guard_is_intact());
    RmsNorm(x.data, gamma.data, 1e-5f, n, x.data);
    for (size_t i = 0; i < n; ++i) EXPECT_EQ(x.data[i], y.data[i]);
  });
}

TEST(RowKernels, RotateHalvesTurnsEachPairByItsAngle) {
  Random random(23);
  for (size_t n : {8, 16, 24, 64, 72}) {
    std::vector<float> x = random.Floats(n + 1), cosines(n / 2), sines(n / 2);
    x[n] = 12345.0f;
    const std::vector<float> before = x;
    for (size_t i = 0; i < n / 2; ++i) {
      const float angle = random.Float(3.0f);
      cosines[i] = std::cos(angle);
      sines[i] = std::sin(angle);
    }
    RotateHalves(cosines.data(), sines.data(), n, x.data());
    for (size_t i = 0; i < n / 2; ++i) {
      const double a = before[i], b = before[i + n / 2], c = cosines[i], s = sines[i];
      EXPECT_NEAR(x[i], a * c - b * s, 3 * kEpsilon);
      EXPECT_NEAR(x[i + n / 2], b * c + a * s, 3 * kEpsilon);
    }
    EXPECT_EQ(x[n], 12345.0f);
  }
}

TEST(RowKernels, LayerNormWorksInPlace) {
  Random random(2);
  std::vector<float> x = random.Floats(37), gamma = random.Floats(37), beta = random.Floats(37);
  std::vector<float> y(37);
  LayerNorm(x.data(), gamma.data(), beta.data(), 1e-12f, 37, y.data());
  LayerNorm(x.data(), gamma.data(), beta.data(), 1e-12f, 37, x.data());
  EXPECT_EQ(x, y);
}

TEST(RowKernels, AddsAndScalesExactly) {
  Random random(3);
  ForEachLengthAndMisalignment([&](size_t n, size_t offset) {
    Row x(random, n, offset), y(random, n, offset);
    const std::vector<float> before(x.data, x.data + n);
    AddTo(y.data, n, x.data);
    for (size_t i = 0; i < n; ++i) EXPECT_EQ(x.data[i], before[i] + y.data[i]);
    Scale(0.3f, n, y.data);
    for (size_t i = 0; i < n; ++i) EXPECT_EQ(x.data[i] - before[i] == 0, x.data[i] == before[i]);
    EXPECT_TRUE(x.guard_is_intact() && y.guard_is_intact());
  });
}

TEST(RowKernels, DequantizesAndAccumulates) {
  Random random(5);
  ForEachLengthAndMisalignment([&](size_t n, size_t offset) {
    const std::vector<int8_t> q = random.Weights(n + offset);
    Row y(random, n, offset);
    const std::vector<float> before(y.data, y.data + n);
    Dequantize(q.data() + offset, 0.37f, n, true, y.data);
    for (size_t i = 0; i < n; ++i) {
      EXPECT_EQ(y.data[i], before[i] + static_cast<float>(q[offset + i]) * 0.37f);
    }
    Dequantize(q.data() + offset, 0.37f, n, false, y.data);
    for (size_t i = 0; i < n; ++i) {
      EXPECT_EQ(y.data[i], static_cast<float>(q[offset + i]) * 0.37f);
    }
    EXPECT_TRUE(y.guard_is_intact());
  });
}

// XNNPACK's xnn_qd8_asymmetric_quantization_params and rounding, one by one.
void QuantizeReference(const std::vector<float>& x, std::vector<int>* q, int* zero_point,
                       float* scale) {
  float low = 0, high = 0;
  for (float v : x) low = std::min(low, v), high = std::max(high, v);
  const float steps = low == high ? 1.0f : 255.0f / (high - low);
  const float zero = (-128.0f + low * steps) + (127.0f + high * steps) > 0
                         ? -128.0f - low * steps
                         : 127.0f - high * steps;
  *zero_point = static_cast<int>(std::lrint(std::clamp(zero, -128.0f, 127.0f)));
  *scale = 1.0f / steps;
  for (float v : x) {
    q->push_back(std::clamp(static_cast<int>(std::lrint(v * steps)) + *zero_point, -128, 127));
  }
}

constexpr QuantizedForm kForms[] = {QuantizedForm::kInt8, QuantizedForm::kUint8,
                                    QuantizedForm::kInt16WithoutZero};

// A quantised row, read back whatever its form.
struct Quantized {
  Quantized(const float* x, const float* smoothing, size_t n, QuantizedForm form)
      : bytes((n + 1) * BytesOf(form), 77), form(form) {
    QuantizeRow(x, smoothing, n, form, bytes.data(), &zero_point, &scale);
  }
  int Value(size_t i) const {
    if (form == QuantizedForm::kInt8) return static_cast<int8_t>(bytes[i]);
    if (form == QuantizedForm::kUint8) return bytes[i] - 128;
    int16_t without_zero;
    std::memcpy(&without_zero, &bytes[2 * i], sizeof without_zero);
    return without_zero + zero_point;
  }
  std::vector<uint8_t> bytes;
  QuantizedForm form;
  int32_t zero_point;
  float scale;
};

TEST(RowKernels, QuantizesAsXnnpackDoesInEveryForm) {
  Random random(6);
  ForEachLengthAndMisalignment([&](size_t n, size_t offset) {
    for (float shift : {-2.0f, 0.0f, 0.4f, 3.0f}) {
      Row x(random, n, offset);
      for (size_t i = 0; i < n; ++i) x.data[i] += shift;
      std::vector<int> expected;
      int expected_zero;
      float expected_scale;
      QuantizeReference({x.data, x.data + n}, &expected, &expected_zero, &expected_scale);
      for (QuantizedForm form : kForms) {
        const Quantized q(x.data, nullptr, n, form);
        EXPECT_EQ(q.zero_point, expected_zero);
        EXPECT_EQ(q.scale, expected_scale);
        for (size_t i = 0; i < n; ++i) {
          EXPECT_EQ(q.Value(i), expected[i]) << "n " << n << " i " << i;
        }
        EXPECT_EQ(q.bytes[n * BytesOf(form)], 77);
      }
    }
  });
}

TEST(RowKernels, QuantizesTheSmoothedRow) {
  Random random(7);
  const std::vector<float> x = random.Floats(21), smoothing = random.Floats(21, 5.0f);
  std::vector<float> product(21);
  for (size_t i = 0; i < 21; ++i) product[i] = x[i] * smoothing[i];
  for (QuantizedForm form : kForms) {
    const Quantized a(x.data(), smoothing.data(), 21, form);
    const Quantized b(product.data(), nullptr, 21, form);
    EXPECT_EQ(a.bytes, b.bytes);
    EXPECT_EQ(a.zero_point, b.zero_point);
    EXPECT_EQ(a.scale, b.scale);
  }
}

TEST(RowKernels, QuantizesRowsOfZerosAndOfExtremes) {
  for (float value : {0.0f, -0.0f, 3e38f, -3e38f, 1e-45f}) {
    const std::vector<float> x(9, value);
    const Quantized q(x.data(), nullptr, 9, QuantizedForm::kInt8);
    EXPECT_GE(q.zero_point, -128);
    EXPECT_LE(q.zero_point, 127);
    EXPECT_TRUE(std::isfinite(q.scale) && q.scale > 0) << value;
  }
}

TEST(RowKernels, ARowThatOverflowedGetsAScaleThatShowsIt) {
  for (const float bad : {INFINITY, -INFINITY, 3e38f}) {
    std::vector<float> x(21, 1.0f);
    x[20] = bad;
    if (bad == 3e38f) x[3] = -3e38f;  // farther apart than f32 can say
    for (QuantizedForm form : kForms) {
      EXPECT_TRUE(std::isnan(Quantized(x.data(), nullptr, x.size(), form).scale));
    }
  }
}

// A row in two parts, read back whatever its form.
struct InTwo {
  InTwo(const float* x, const float* smoothing, size_t n, QuantizedForm form)
      : first(x, smoothing, n, form), remainder(first) {
    std::fill(first.bytes.begin(), first.bytes.end(), uint8_t{77});
    remainder.bytes = first.bytes;
    remainder.zero_point = 0;
    QuantizeRowInTwo(x, smoothing, n, form, first.bytes.data(), &first.zero_point, &first.scale,
                     remainder.bytes.data(), &remainder.scale);
  }
  double Value(size_t i) const {
    return static_cast<double>(first.Value(i) - first.zero_point) * first.scale +
           static_cast<double>(remainder.Value(i)) * remainder.scale;
  }
  Quantized first, remainder;
};

TEST(RowKernels, TwoPartsAreTheOneAndWhatItLeavesOver) {
  Random random(23);
  ForEachLengthAndMisalignment([&](size_t n, size_t offset) {
    for (float shift : {-2.0f, 0.0f, 0.4f, 3.0f}) {
      Row x(random, n, offset);
      const std::vector<float> smoothing = random.Floats(n, 2.0f);
      for (size_t i = 0; i < n; ++i) x.data[i] += shift;
      for (QuantizedForm form : kForms) {
        const Quantized one(x.data, smoothing.data(), n, form);
        const InTwo two(x.data, smoothing.data(), n, form);
        EXPECT_EQ(two.first.bytes, one.bytes);
        EXPECT_EQ(two.first.zero_point, one.zero_point);
        EXPECT_EQ(two.first.scale, one.scale);
        EXPECT_EQ(two.remainder.scale, one.scale / 128);
        EXPECT_EQ(two.remainder.bytes[n * BytesOf(form)], 77);
        for (size_t i = 0; i < n; ++i) {
          // A step of the remainder (half where it is not cut off at 127), and three
          // roundings of up to 255 steps.
          EXPECT_NEAR(two.Value(i), x.data[i] * smoothing[i],
                      two.remainder.scale + 3 * 255 * kEpsilon * one.scale)
              << "n " << n << " i " << i;
        }
      }
    }
  });
}

TEST(RowKernels, TheRemainderIsTheSameInEveryForm) {
  Random random(24);
  const std::vector<float> x = random.Floats(37, 10.0f);
  const InTwo expected(x.data(), nullptr, x.size(), QuantizedForm::kInt8);
  for (QuantizedForm form : kForms) {
    const InTwo two(x.data(), nullptr, x.size(), form);
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_EQ(two.remainder.Value(i), expected.remainder.Value(i)) << i;
    }
  }
}

TEST(RowKernels, TwoPartsOfRowsOfZerosAndOfExtremes) {
  for (float value : {0.0f, -0.0f, 3e38f, -3e38f, 1e-45f}) {
    const std::vector<float> x(9, value);
    const InTwo two(x.data(), nullptr, 9, QuantizedForm::kInt8);
    EXPECT_TRUE(std::isfinite(two.remainder.scale) && two.remainder.scale >= 0) << value;
    EXPECT_NEAR(two.Value(8), value, std::fabs(value) / 255 / 100 + 2e-45) << value;
  }
  std::vector<float> x(21, 1.0f);
  x[20] = INFINITY;
  EXPECT_TRUE(std::isnan(InTwo(x.data(), nullptr, 21, QuantizedForm::kUint8).remainder.scale));
}

TEST(RowKernels, DotIsWithinTheBoundOfItsAdditions) {
  Random random(8);
  ForEachLengthAndMisalignment([&](size_t n, size_t offset) {
    Row a(random, n, offset), b(random, n, 3 - offset);
    double sum = 0, magnitude = 0;
    for (size_t i = 0; i < n; ++i) {
      sum += static_cast<double>(a.data[i]) * b.data[i];
      magnitude += std::fabs(static_cast<double>(a.data[i]) * b.data[i]);
    }
    EXPECT_NEAR(Dot(a.data, b.data, n), sum, (n + 1) * kEpsilon * magnitude);
  });
}

TEST(RowKernels, FindsEveryNonFiniteValue) {
  Random random(9);
  ForEachLengthAndMisalignment([&](size_t n, size_t offset) {
    Row x(random, n, offset);
    EXPECT_TRUE(AllFinite(x.data, n));
    for (float bad : {INFINITY, -INFINITY, NAN}) {
      const size_t i = random.Below(n);
      const float kept = x.data[i];
      x.data[i] = bad;
      EXPECT_FALSE(AllFinite(x.data, n));
      x.data[i] = kept;
    }
  });
}

}  // namespace
}  // namespace simile
