// SPDX-License-Identifier: Apache-2.0
// Pairs of texts scored by a small random model with a classifier; the encoder and the
// layers after it have tests of their own.
#include "pool/cross_encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "pool/text_embedder.h"
#include "tiny_model.h"

namespace simile {
namespace {

Status Load(const std::vector<uint8_t>& file, TextEmbedder* embedder) {
  SafetensorsStream stream(file.size(), embedder);
  for (size_t done = 0; done < file.size() && stream.span_size() > 0;) {
    const size_t count = stream.span_size();
    std::memcpy(stream.span_data(), file.data() + done, count);
    SIMILE_RETURN_IF_ERROR(stream.Commit(count));
    done += count;
  }
  return stream.Finish();
}

struct Scorer {
  explicit Scorer(const TinyModel& model) {
    embedder.SkipGoldenCheck();
    const Status status = Load(model.File(), &embedder);
    EXPECT_TRUE(status.ok()) << status.message();
  }
  std::vector<float> Scores(const std::string& query, const std::vector<std::string>& documents,
                            size_t budget = SIZE_MAX, TextUsage* usage = nullptr) {
    const std::vector<std::string_view> views(documents.begin(), documents.end());
    const size_t labels = embedder.config().classifier.labels;
    std::vector<float> scores(documents.size() * labels);
    for (size_t done = 0; done < views.size();) {
      const auto some = scorer.ScoreSome(query, &views[done], views.size() - done, budget,
                                         &scores[done * labels],
                                         usage == nullptr ? nullptr : usage + done);
      EXPECT_TRUE(some.ok()) << some.status().message();
      if (!some.ok()) break;
      done += some.value();
    }
    return scores;
  }

  std::unique_ptr<ThreadPool> pool = std::move(ThreadPool::Create(1).value());
  TextEmbedder embedder{pool.get()};
  CrossEncoder scorer{&embedder};
};

TinyModel MakeCrossEncoder(uint32_t labels, uint64_t seed,
                           WeightPrecision precision = WeightPrecision::kInt8) {
  TinyModel model = MakeTinyModel(precision, seed);
  model.config.pooling = Pooling::kCls;
  model.config.normalize = false;
  model.config.classifier.labels = labels;
  CompleteTinyModel(&model, seed + 1);
  return model;
}

TEST(CrossEncoder, CutsTheLongerTextFirstAsTokenizersDo) {
  using Pair = std::pair<size_t, size_t>;
  EXPECT_EQ(CutLongestFirst(3, 4, 7), Pair(3, 4));      // nothing to cut
  EXPECT_EQ(CutLongestFirst(3, 40, 10), Pair(3, 7));    // the longer one alone
  EXPECT_EQ(CutLongestFirst(40, 3, 10), Pair(7, 3));
  EXPECT_EQ(CutLongestFirst(40, 50, 11), Pair(5, 6));   // both: the odd one to the longer
  EXPECT_EQ(CutLongestFirst(50, 40, 11), Pair(6, 5));
  EXPECT_EQ(CutLongestFirst(50, 50, 11), Pair(5, 6));
  EXPECT_EQ(CutLongestFirst(6, 6, 10), Pair(5, 5));
  EXPECT_EQ(CutLongestFirst(0, 50, 11), Pair(0, 11));
  EXPECT_EQ(CutLongestFirst(39, 2, 9), Pair(7, 2));
  EXPECT_EQ(CutLongestFirst(5, 30, 9), Pair(4, 5));
  EXPECT_EQ(CutLongestFirst(25, 39, 29), Pair(14, 15));
  EXPECT_EQ(CutLongestFirst(30, 12, 11), Pair(6, 5));
  for (size_t first = 0; first < 20; ++first) {
    for (size_t second = 0; second < 20; ++second) {
      const auto [a, b] = CutLongestFirst(first, second, 9);
      EXPECT_LE(a, first);
      EXPECT_LE(b, second);
      EXPECT_EQ(a + b, std::min<size_t>(first + second, 9));
    }
  }
}

TEST(CrossEncoder, ScoresThePairAsTheEncoderAndTheClassifierDo) {
  const TinyModel model = MakeCrossEncoder(3, 1, WeightPrecision::kF32);
  Scorer scorer(model);
  const std::vector<float> found = scorer.Scores("a b", {"c", "d e f"});
  // [CLS] a b [SEP] d e f [SEP]: ids of tiny_model.cc's vocabulary.
  const std::vector<uint32_t> ids = {2, 5, 6, 3, 8, 9, 10, 3}, offsets = {0, 8};
  const std::vector<uint8_t> types = {0, 0, 0, 0, 1, 1, 1, 1};
  const float* hidden =
      scorer.embedder.Encode({ids.data(), offsets.data(), 1, types.data()}).value();
  std::vector<double> middle(32);
  for (size_t i = 0; i < 32; ++i) {
    double sum = model.Floats("classifier.dense.bias")[i];
    for (size_t j = 0; j < 32; ++j) {
      sum += double{model.Floats("classifier.dense.weight")[i * 32 + j]} * hidden[j];
    }
    middle[i] = std::tanh(sum);
  }
  for (size_t i = 0; i < 3; ++i) {
    double sum = model.Floats("classifier.out_proj.bias")[i];
    for (size_t j = 0; j < 32; ++j) {
      sum += double{model.Floats("classifier.out_proj.weight")[i * 32 + j]} * middle[j];
    }
    EXPECT_NEAR(found[3 + i], 1 / (1 + std::exp(-sum)), 1e-5);
  }
}

std::vector<std::string> Documents() {
  std::vector<std::string> documents;
  for (size_t i = 0; i < 100; ++i) {
    std::string text;
    for (size_t word = 0; word < i % 37; ++word) text += std::string{char('a' + (i * 7 + word) % 26), ' '};
    documents.push_back(text);
  }
  return documents;
}

TEST(CrossEncoder, GivesADocumentOneScoreInAnyCompanyAndAnyBudget) {
  Scorer scorer(MakeCrossEncoder(1, 2));
  const std::vector<std::string> documents = Documents();
  const std::vector<float> together = scorer.Scores("b c d", documents);
  EXPECT_EQ(scorer.Scores("b c d", documents, 1), together);
  for (size_t i = 0; i < documents.size(); i += 9) {
    EXPECT_EQ(scorer.Scores("b c d", {documents[i]})[0], together[i]);
    EXPECT_GT(together[i], 0);
    EXPECT_LT(together[i], 1);
  }
  EXPECT_NE(scorer.Scores("x", documents), together);
}

TEST(CrossEncoder, SaysWhatAPairCostAndWhetherItWasCut) {
  Scorer scorer(MakeCrossEncoder(1, 3));
  TextUsage usage[2];
  (void)scorer.Scores("a b", {"c d e", Documents()[36]}, SIZE_MAX, usage);
  EXPECT_EQ(usage[0].tokens, 8u);
  EXPECT_EQ(usage[0].full_tokens, 8u);
  EXPECT_EQ(usage[1].tokens, 24u);
  EXPECT_EQ(usage[1].full_tokens, 3 + 2 + 36u);
}

TEST(CrossEncoder, StopsAtTheTokenBudget) {
  Scorer scorer(MakeCrossEncoder(1, 4));
  const std::vector<std::string_view> documents(500, "a b c d e f g h");
  std::vector<float> scores(500);
  const auto first =
      scorer.scorer.ScoreSome("a", documents.data(), 500, 1, scores.data(), nullptr);
  ASSERT_TRUE(first.ok());
  EXPECT_GE(first.value(), 1u);
  EXPECT_LT(first.value(), 100u);
}

TEST(CrossEncoder, PutsTwoSeparatorsBetweenTheTextsWhereTheTokenizerSaysSo) {
  TinyModel model = MakeCrossEncoder(1, 5);
  TextUsage one, two;
  (void)Scorer(model).Scores("a", {"b"}, SIZE_MAX, &one);
  model.config.tokenizer.pair_separators = 2;
  (void)Scorer(model).Scores("a", {"b"}, SIZE_MAX, &two);
  EXPECT_EQ(one.tokens, 5u);
  EXPECT_EQ(two.tokens, 6u);
}

TEST(CrossEncoder, AModelThatEmbedsScoresNothingAndTheOtherWayRound) {
  Scorer scorer(MakeCrossEncoder(1, 6));
  const std::string_view text = "a";
  float out[32];
  const Status embeds = scorer.embedder.EmbedSome(&text, 1, 1, true, out, nullptr).status();
  EXPECT_EQ(embeds.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(embeds.message(),
            "'tiny' is a cross-encoder: it scores pairs of texts, and embeds none");
  TokenVectors tokens;
  EXPECT_FALSE(scorer.embedder.EmbedTokens(&text, 1, true, &tokens, nullptr).ok());

  Scorer other(MakeTinyModel(WeightPrecision::kInt8, 7));
  const Status scores = other.scorer.ScoreSome(text, &text, 1, 1, out, nullptr).status();
  EXPECT_EQ(scores.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(scores.message(),
            "'tiny' is no cross-encoder: it has no classifier, and embeds texts");
}

TEST(CrossEncoder, RanksByNoMoreThanOneScore) {
  Scorer scorer(MakeCrossEncoder(3, 10));
  const std::string_view text = "a";
  float scores[3];
  EXPECT_EQ(scorer.scorer.ScoreToRank(text, &text, 1, 1, scores, nullptr).status().message(),
            "the model gives each pair 3 scores; a ranking needs one");
  Scorer one(MakeCrossEncoder(1, 11));
  EXPECT_TRUE(one.scorer.ScoreToRank(text, &text, 1, 1, scores, nullptr).ok());
}

TEST(CrossEncoder, VerifiesItsGoldenScores) {
  TinyModel model = MakeCrossEncoder(2, 8);
  Scorer scorer(model);
  std::vector<float> golden(model.config.golden_texts.size() * 2);
  ASSERT_TRUE(scorer.embedder.ComputeGolden(golden.size() / 2, golden.data()).ok());
  auto& tensor = model.tensors["golden.vectors"];
  ASSERT_EQ(tensor.size(), golden.size() * sizeof(float));
  std::memcpy(tensor.data(), golden.data(), tensor.size());
  for (bool is_damaged : {false, true}) {
    if (is_damaged) tensor[5] ^= 1;
    TextEmbedder checked(scorer.pool.get());
    const Status status = Load(model.File(), &checked);
    EXPECT_EQ(status.code(), is_damaged ? StatusCode::kIntegrity : StatusCode::kOk) << status.message();
  }
}

TEST(CrossEncoder, EveryAllocationThatFailsIsAnErrorAndTheNextCallWorks) {
  const TinyModel model = MakeCrossEncoder(1, 9);
  const std::vector<std::string> documents = Documents();
  const std::vector<std::string_view> views(documents.begin(), documents.end());
  std::vector<float> scores(documents.size());
  int failures = 0;
  for (int n = 0; n < 60; ++n) {
    Scorer fresh(model);
    FailAllocationForTest(n);
    const auto done = fresh.scorer.ScoreSome("a b", views.data(), views.size(), SIZE_MAX,
                                             scores.data(), nullptr);
    FailAllocationForTest(-1);
    if (done.ok()) break;
    EXPECT_EQ(done.status().code(), StatusCode::kOutOfMemory);
    EXPECT_EQ(fresh.Scores("a", {"b"}).size(), 1u);
    ++failures;
  }
  EXPECT_GT(failures, 4);
}

}  // namespace
}  // namespace simile
