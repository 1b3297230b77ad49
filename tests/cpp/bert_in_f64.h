// SPDX-License-Identifier: Apache-2.0
// BERT written out in f64, on the weights of a small model.

#ifndef SIMILE_TESTS_CPP_BERT_IN_F64_H_
#define SIMILE_TESTS_CPP_BERT_IN_F64_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tiny_model.h"

namespace simile {

using DoubleRows = std::vector<std::vector<double>>;

// modeling_bert.py, step by step, in f64.
class BertInF64 {
 public:
  explicit BertInF64(const TinyModel& model) : model_(model), shape_(model.config.encoder) {}

  // types: nullptr for zeros.
  DoubleRows Encode(const std::vector<uint32_t>& ids, const uint8_t* types = nullptr) const {
    DoubleRows x;
    for (size_t t = 0; t < ids.size(); ++t) {
      std::vector<double> row(shape_.hidden_size);
      for (size_t h = 0; h < row.size(); ++h) {
        row[h] = At("embeddings.word_embeddings.weight", ids[t], h) +
                 At("embeddings.position_embeddings.weight", t, h) +
                 At("embeddings.token_type_embeddings.weight", types == nullptr ? 0 : types[t], h);
      }
      x.push_back(row);
    }
    Normalize("embeddings.LayerNorm", &x);
    for (uint32_t layer = 0; layer < shape_.layers; ++layer) {
      Layer("encoder.layer." + std::to_string(layer) + ".", &x);
    }
    return x;
  }

 private:
  void Layer(const std::string& p, DoubleRows* x) const {
    AddTo(Linear(p + "attention.output.dense", Attention(p, *x)), x);
    Normalize(p + "attention.output.LayerNorm", x);
    DoubleRows wide = Linear(p + "intermediate.dense", *x);
    for (auto& row : wide) {
      for (double& v : row) v = 0.5 * v * (1 + std::erf(v / std::sqrt(2.0)));
    }
    AddTo(Linear(p + "output.dense", wide), x);
    Normalize(p + "output.LayerNorm", x);
  }

  DoubleRows Attention(const std::string& p, const DoubleRows& x) const {
    const DoubleRows q = Linear(p + "attention.self.query", x);
    const DoubleRows k = Linear(p + "attention.self.key", x);
    const DoubleRows v = Linear(p + "attention.self.value", x);
    const size_t T = x.size(), d = shape_.head_size;
    DoubleRows out(T, std::vector<double>(shape_.hidden_size, 0.0));
    for (size_t head = 0; head < shape_.heads; ++head) {
      for (size_t i = 0; i < T; ++i) {
        std::vector<double> weights(T, 0.0);
        double sum = 0;
        for (size_t j = 0; j < T; ++j) {
          for (size_t h = head * d; h < (head + 1) * d; ++h) weights[j] += q[i][h] * k[j][h];
          sum += weights[j] = std::exp(weights[j] / std::sqrt(static_cast<double>(d)));
        }
        for (size_t j = 0; j < T; ++j) {
          for (size_t h = head * d; h < (head + 1) * d; ++h) {
            out[i][h] += weights[j] / sum * v[j][h];
          }
        }
      }
    }
    return out;
  }

  DoubleRows Linear(const std::string& name, const DoubleRows& x) const {
    const size_t outputs = model_.Floats(name + ".bias").size();
    DoubleRows y(x.size(), std::vector<double>(outputs));
    for (size_t t = 0; t < x.size(); ++t) {
      for (size_t n = 0; n < outputs; ++n) {
        double sum = model_.Floats(name + ".bias")[n];
        for (size_t k = 0; k < x[t].size(); ++k) sum += x[t][k] * At(name + ".weight", n, k, x[t].size());
        y[t][n] = sum;
      }
    }
    return y;
  }

  void Normalize(const std::string& name, DoubleRows* x) const {
    for (auto& row : *x) {
      double mean = 0, variance = 0;
      for (double v : row) mean += v / row.size();
      for (double v : row) variance += (v - mean) * (v - mean) / row.size();
      for (size_t h = 0; h < row.size(); ++h) {
        row[h] = (row[h] - mean) / std::sqrt(variance + shape_.layer_norm_eps) *
                     model_.Floats(name + ".weight")[h] +
                 model_.Floats(name + ".bias")[h];
      }
    }
  }

  static void AddTo(const DoubleRows& y, DoubleRows* x) {
    for (size_t t = 0; t < y.size(); ++t) {
      for (size_t h = 0; h < y[t].size(); ++h) (*x)[t][h] += y[t][h];
    }
  }

  double At(const std::string& name, size_t row, size_t column, size_t columns = 0) const {
    return model_.Floats(name)[row * (columns ? columns : shape_.hidden_size) + column];
  }

  const TinyModel& model_;
  EncoderConfig shape_;
};

}  // namespace simile

#endif  // SIMILE_TESTS_CPP_BERT_IN_F64_H_
