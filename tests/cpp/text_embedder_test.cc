// SPDX-License-Identifier: Apache-2.0
// A whole small model: loading it from a stream, verifying it, embedding with it.
#include "pool/text_embedder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "random.h"
#include "tiny_model.h"

namespace simile {
namespace {

Status Load(const std::vector<uint8_t>& file, size_t chunk, TextEmbedder* embedder) {
  SafetensorsStream stream(file.size(), embedder);
  for (size_t done = 0; done < file.size();) {
    const size_t count = std::min({chunk, file.size() - done, stream.span_size()});
    if (count == 0) break;  // Finish says why
    std::memcpy(stream.span_data(), file.data() + done, count);
    SIMILE_RETURN_IF_ERROR(stream.Commit(count));
    done += count;
  }
  return stream.Finish();
}

struct Loaded {
  explicit Loaded(const TinyModel& model, size_t threads = 1, bool has_golden = true)
      : pool(std::move(ThreadPool::Create(threads).value())), embedder(pool.get()) {
    if (!has_golden) embedder.SkipGoldenCheck();
    const Status status = Load(model.File(), 1000, &embedder);
    EXPECT_TRUE(status.ok()) << status.message();
  }
  std::vector<float> Embed(const std::vector<std::string>& texts) {
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<float> out(texts.size() * embedder.config().dims());
    const Status status = embedder.Embed(views.data(), views.size(), true, out.data(), nullptr);
    EXPECT_TRUE(status.ok()) << status.message();
    return out;
  }
  std::unique_ptr<ThreadPool> pool;
  TextEmbedder embedder;
};

std::vector<std::string> ManyTexts() {
  Random random(1);
  std::vector<std::string> texts = {"", "a", "[MASK]", "héllo"};
  for (int i = 0; i < 60; ++i) {
    std::string text;
    for (uint64_t n = random.Below(60); n > 0; --n) {
      text += static_cast<char>('a' + random.Below(26));
      if (random.Below(3) == 0) text += ' ';
    }
    texts.push_back(text);
  }
  return texts;
}

TEST(TextEmbedder, LoadsInChunksOfAnySize) {
  const TinyModel model = MakeLoadableModel(WeightPrecision::kInt8, 1, true);
  for (size_t chunk : {1, 7, 4096, 1 << 20}) {
    const auto pool = std::move(ThreadPool::Create(1).value());
    TextEmbedder embedder(pool.get());
    const Status status = Load(model.File(), chunk, &embedder);
    EXPECT_TRUE(status.ok()) << status.message();
    EXPECT_TRUE(embedder.loaded());
  }
}

TEST(TextEmbedder, GivesOneVectorWhateverStandsBesideATextAndOnAnyNumberOfThreads) {
  const TinyModel model = MakeLoadableModel(WeightPrecision::kInt8, 2, true);
  Loaded one(model), three(model, 3);
  const std::vector<std::string> texts = ManyTexts();
  const std::vector<float> together = one.Embed(texts);
  EXPECT_EQ(three.Embed(texts), together);
  const size_t D = model.config.dims();
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(one.Embed({texts[i]}),
              std::vector<float>(together.begin() + i * D, together.begin() + (i + 1) * D));
  }
}

TEST(TextEmbedder, VectorsHaveLengthOneExactlyWhenAsked) {
  Loaded model(MakeLoadableModel(WeightPrecision::kF32, 3));
  const std::string_view text = "abc";
  std::vector<float> normal(32), plain(32);
  ASSERT_TRUE(model.embedder.Embed(&text, 1, true, normal.data(), nullptr).ok());
  ASSERT_TRUE(model.embedder.Embed(&text, 1, false, plain.data(), nullptr).ok());
  double length = 0;
  for (float v : normal) length += static_cast<double>(v) * v;
  EXPECT_NEAR(length, 1.0, 1e-6);
  EXPECT_NEAR(normal[0] / plain[0], normal[5] / plain[5], 1e-5);
}

TEST(TextEmbedder, StopsAtTheTokenBudgetButNeverBeforeOneText) {
  Loaded model(MakeLoadableModel(WeightPrecision::kInt8, 4));
  const std::vector<std::string> texts(200, "a b c d e f g h");  // 10 tokens each
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<float> out(200 * 32);
  std::vector<TextUsage> usage(200);
  const size_t first = model.embedder
      .EmbedSome(views.data(), 200, 1, true, out.data(), usage.data()).value();
  EXPECT_GE(first, 1u);
  EXPECT_LT(first, 200u);
  EXPECT_EQ(model.embedder.EmbedSome(views.data(), 200, 1 << 20, true, out.data(), nullptr).value(),
            200u);
  EXPECT_EQ(usage[0].tokens, 10u);
}

TEST(TextEmbedder, SaysWhatEachTextCostAndWhetherItWasCut) {
  Loaded model(MakeLoadableModel(WeightPrecision::kInt8, 5));
  std::string longer;
  for (int i = 0; i < 50; ++i) longer += "a ";
  const std::vector<std::string_view> texts = {"", "a b", longer};
  std::vector<float> out(3 * 32);
  TextUsage usage[3];
  ASSERT_TRUE(model.embedder.Embed(texts.data(), 3, true, out.data(), usage).ok());
  EXPECT_EQ(usage[0].tokens, 2u);
  EXPECT_EQ(usage[1].tokens, 4u);
  EXPECT_EQ(usage[1].full_tokens, 4u);
  EXPECT_EQ(usage[2].tokens, 24u);
  EXPECT_EQ(usage[2].full_tokens, 52u);
}

// Words of one token each.
std::string LongTextOf(uint64_t seed, size_t words) {
  Random random(seed);
  std::string text;
  for (size_t i = 0; i < words; ++i) {
    text += static_cast<char>('a' + random.Below(26));
    text += ' ';
  }
  return text;
}

// All texts with long ones whole, `budget` tokens a call.
std::vector<float> EmbedWhole(TextEmbedder* embedder, const std::vector<std::string>& texts,
                              size_t budget, bool normalize = true,
                              TextUsage* usage = nullptr) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const size_t D = embedder->config().dims();
  std::vector<float> out(texts.size() * D);
  LongText long_text;
  for (size_t done = 0; done < texts.size();) {
    const auto some = embedder->EmbedSome(&views[done], texts.size() - done, budget, normalize,
                                          &out[done * D],
                                          usage == nullptr ? nullptr : usage + done, &long_text);
    EXPECT_TRUE(some.ok()) << some.status().message();
    if (!some.ok()) break;
    done += some.value();
  }
  return out;
}

TEST(TextEmbedder, EmbedsALongTextAsTheWeightedMeanOfItsPieces) {
  Loaded model(MakeLoadableModel(WeightPrecision::kInt8, 12));
  const size_t D = model.embedder.config().dims(), max = model.embedder.config().max_tokens;
  for (size_t words : {max - 1, max, 2 * (max - 2), 2 * (max - 2) + 1, 40 * max}) {
    const std::string text = LongTextOf(words, words);
    std::vector<double> expected(D);
    double tokens = 0;
    for (size_t begin = 0; begin < words; begin += max - 2) {
      const size_t count = std::min(max - 2, words - begin);
      const std::string piece = text.substr(2 * begin, 2 * count);
      const std::string_view view = piece;
      std::vector<float> vector(D);
      ASSERT_TRUE(model.embedder.Embed(&view, 1, false, vector.data(), nullptr).ok());
      for (size_t d = 0; d < D; ++d) expected[d] += vector[d] * static_cast<double>(count + 2);
      tokens += static_cast<double>(count + 2);
    }
    TextUsage usage;
    const std::vector<float> plain = EmbedWhole(&model.embedder, {text}, 1, false, &usage);
    EXPECT_EQ(usage.tokens, tokens);
    EXPECT_EQ(usage.full_tokens, words + 2);
    double square = 0;
    for (size_t d = 0; d < D; ++d) {
      expected[d] /= tokens;
      square += expected[d] * expected[d];
      EXPECT_NEAR(plain[d], expected[d], 1e-5);
    }
    const std::vector<float> unit = EmbedWhole(&model.embedder, {text}, 1, true);
    for (size_t d = 0; d < D; ++d) EXPECT_NEAR(unit[d], expected[d] / std::sqrt(square), 1e-5);
  }
}

TEST(TextEmbedder, GivesALongTextOneVectorInAnyBatchAndBudgetAndAShortOneItsPlainVector) {
  const TinyModel file = MakeLoadableModel(WeightPrecision::kInt8, 13, true);
  Loaded model(file), three(file, 3);
  std::vector<std::string> texts = ManyTexts();
  texts.resize(16);
  const std::vector<float> plain = model.Embed(texts);
  const size_t D = model.embedder.config().dims(), max = model.embedder.config().max_tokens;
  std::vector<TextUsage> usage(texts.size());
  EXPECT_EQ(EmbedWhole(&model.embedder, {"a", "b c", ""}, 1), model.Embed({"a", "b c", ""}));
  for (size_t i = 0; i < texts.size(); i += 5) texts[i] = LongTextOf(i, max + 7 * i);
  const std::vector<float> together = EmbedWhole(&model.embedder, texts, 1 << 20, true, usage.data());
  EXPECT_EQ(EmbedWhole(&three.embedder, texts, 1), together);
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::vector<float> one(together.begin() + i * D, together.begin() + (i + 1) * D);
    EXPECT_EQ(EmbedWhole(&model.embedder, {texts[i]}, 1000), one);
    EXPECT_LE(usage[i].full_tokens, usage[i].tokens);
    if (usage[i].full_tokens > max) continue;
    EXPECT_EQ(one, std::vector<float>(plain.begin() + i * D, plain.begin() + (i + 1) * D));
  }
}

TEST(TextEmbedder, LetsOtherCallersGoBetweenThePiecesOfALongText) {
  Loaded model(MakeLoadableModel(WeightPrecision::kInt8, 14));
  const size_t D = model.embedder.config().dims();
  const std::string a = LongTextOf(1, 2000), b = LongTextOf(2, 3000);
  const std::vector<float> expected_a = EmbedWhole(&model.embedder, {a}, 1 << 20);
  const std::vector<float> expected_b = EmbedWhole(&model.embedder, {b}, 1 << 20);
  const std::string_view views[] = {a, b};
  std::vector<float> out_a(D), out_b(D);
  LongText long_a, long_b;
  size_t done_a = 0, done_b = 0, calls = 0;
  while (done_a == 0 || done_b == 0) {
    if (done_a == 0) {
      done_a = model.embedder.EmbedSome(views, 1, 1, true, out_a.data(), nullptr, &long_a).value();
    }
    if (done_b == 0) {
      done_b = model.embedder.EmbedSome(views + 1, 1, 1, true, out_b.data(), nullptr, &long_b)
                   .value();
    }
    ++calls;
  }
  EXPECT_GT(calls, 5u);
  EXPECT_EQ(out_a, expected_a);
  EXPECT_EQ(out_b, expected_b);
}

TEST(TextEmbedder, ALongTextWithoutMemoryIsAnErrorAndCanBeTriedAgain) {
  const TinyModel file = MakeLoadableModel(WeightPrecision::kInt8, 15);
  const std::string text = LongTextOf(3, 500);
  const std::string_view view = text;
  Loaded model(file);
  const std::vector<float> expected = EmbedWhole(&model.embedder, {text}, 1 << 20);
  int failures = 0;
  for (int n = 0; n < 50; ++n) {
    Loaded fresh(file);
    LongText long_text;
    std::vector<float> out(expected.size());
    FailAllocationForTest(n);
    const auto done =
        fresh.embedder.EmbedSome(&view, 1, 1 << 20, true, out.data(), nullptr, &long_text);
    FailAllocationForTest(-1);
    if (done.ok()) break;
    EXPECT_EQ(done.status().code(), StatusCode::kOutOfMemory);
    EXPECT_FALSE(long_text.is_open());
    ASSERT_TRUE(fresh.embedder
        .EmbedSome(&view, 1, 1 << 20, true, out.data(), nullptr, &long_text).ok());
    EXPECT_EQ(out, expected);
    ++failures;
  }
  EXPECT_GT(failures, 3);
}

TEST(TextEmbedder, CountsTheTokensOfWholeTexts) {
  Loaded model(MakeLoadableModel(WeightPrecision::kInt8, 16));
  const std::string longer = LongTextOf(4, 100);
  const std::vector<std::string_view> texts = {"", "a b", longer};
  uint32_t counts[3];
  ASSERT_TRUE(model.embedder.CountTokens(texts.data(), 3, counts).ok());
  EXPECT_EQ(counts[0], 2u);
  EXPECT_EQ(counts[1], 4u);
  EXPECT_EQ(counts[2], 102u);
  TextEmbedder unloaded(model.pool.get());
  EXPECT_EQ(unloaded.CountTokens(texts.data(), 3, counts).code(), StatusCode::kInvalidArgument);
}

TEST(TextEmbedder, SaysHowMuchRoomTheTokensOfATextNeed) {
  Loaded model(MakeLoadableModel(WeightPrecision::kInt8, 16));
  std::vector<Token> tokens(5);
  const auto tokenize = [&](size_t capacity) {
    return model.embedder.Tokenize("a b c", 0, tokens.data(), capacity).value();
  };
  EXPECT_EQ(tokenize(4), 5u);
  EXPECT_EQ(tokens[0].id, 0u);  // nothing is written
  EXPECT_EQ(tokenize(5), 5u);
  EXPECT_EQ(tokens[0].id, 2u);
}

TEST(TextEmbedder, RefusesAFileWhoseGoldenVectorsDiffer) {
  for (WeightPrecision precision : {WeightPrecision::kInt8, WeightPrecision::kF32}) {
    TinyModel model = MakeLoadableModel(precision, 6);
    model.tensors["golden.vectors"][3 + 4 * 40] ^= 0x10;  // dimension 8 of text 1
    const auto pool = std::move(ThreadPool::Create(1).value());
    TextEmbedder embedder(pool.get());
    const Status status = Load(model.File(), 999, &embedder);
    EXPECT_EQ(status.code(), StatusCode::kIntegrity);
    EXPECT_NE(status.message().find("golden text 1"), std::string::npos) << status.message();
    EXPECT_FALSE(embedder.loaded());
    const std::string_view text = "a";
    float out[32];
    EXPECT_EQ(embedder.EmbedSome(&text, 1, 1, true, out, nullptr).status().code(),
              StatusCode::kInvalidArgument);
  }
}

TEST(TextEmbedder, RefusesAVocabularyLargerThanItsTable) {
  TinyModel model = MakeLoadableModel(WeightPrecision::kInt8, 7);
  model.tensors["tokenizer.vocab"].push_back('%');
  model.tensors["tokenizer.vocab"].push_back('\n');
  const auto pool = std::move(ThreadPool::Create(1).value());
  TextEmbedder embedder(pool.get());
  const Status status = Load(model.File(), 999, &embedder);
  EXPECT_EQ(status.code(), StatusCode::kBadModel);
  EXPECT_EQ(status.message(), "tensor 'tokenizer.vocab': expected at most 40 tokens, as many as there are "
                              "word embeddings, found 41");
}

TEST(TextEmbedder, TakesAVocabularySmallerThanItsTable) {
  TinyModel model = MakeLoadableModel(WeightPrecision::kInt8, 7);
  auto& vocab = model.tensors["tokenizer.vocab"];
  vocab.resize(vocab.size() - 4);  // "##i\n", which a golden text has
  const auto pool = std::move(ThreadPool::Create(1).value());
  TextEmbedder embedder(pool.get());
  embedder.SkipGoldenCheck();
  const Status status = Load(model.File(), 999, &embedder);
  EXPECT_TRUE(status.ok()) << status.message();
}

TEST(TextEmbedder, GivesEachTokenItsHiddenStateWhateverStandsBesideTheText) {
  Loaded model(MakeLoadableModel(WeightPrecision::kInt8, 17));
  const std::vector<std::string> texts = ManyTexts();
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const size_t H = 32;
  std::vector<TextUsage> usage(texts.size());
  for (size_t done = 0; done < texts.size();) {
    TokenVectors some, one;
    const size_t count = model.embedder
        .EmbedTokens(&views[done], texts.size() - done, false, &some, &usage[done]).value();
    ASSERT_GE(count, 1u);
    const std::vector<Token> tokens(some.tokens, some.tokens + some.offsets[count]);
    const std::vector<uint32_t> offsets(some.offsets, some.offsets + count + 1);
    const std::vector<float> vectors(some.vectors, some.vectors + tokens.size() * H);
    for (size_t b = 0; b < count; ++b, ++done) {
      ASSERT_EQ(model.embedder.EmbedTokens(&views[done], 1, false, &one, nullptr).value(), 1u);
      ASSERT_EQ(one.offsets[1], offsets[b + 1] - offsets[b]);
      EXPECT_EQ(usage[done].tokens, one.offsets[1]);
      EXPECT_EQ(std::memcmp(one.vectors, &vectors[offsets[b] * H], one.offsets[1] * H * 4), 0);
      EXPECT_EQ(one.tokens[0].id, tokens[offsets[b]].id);
      // Their mean is the text's vector.
      std::vector<float> mean(H);
      ASSERT_TRUE(model.embedder.Embed(&views[done], 1, false, mean.data(), nullptr).ok());
      double sum = 0;
      for (size_t t = offsets[b]; t < offsets[b + 1]; ++t) sum += vectors[t * H + 5];
      EXPECT_NEAR(sum / (offsets[b + 1] - offsets[b]), mean[5], 1e-5);
    }
  }
}

TEST(TextEmbedder, NormalizesTokenVectorsOnlyWhenAskedAndDoesNothingWithoutTexts) {
  Loaded model(MakeLoadableModel(WeightPrecision::kInt8, 18));
  const std::string_view text = "abc";
  TokenVectors out;
  ASSERT_EQ(model.embedder.EmbedTokens(&text, 1, true, &out, nullptr).value(), 1u);
  for (size_t t = 0; t < out.offsets[1]; ++t) {
    double square = 0;
    for (size_t h = 0; h < 32; ++h) square += double{out.vectors[t * 32 + h]} * out.vectors[t * 32 + h];
    EXPECT_NEAR(square, 1.0, 1e-6);
  }
  EXPECT_EQ(model.embedder.EmbedTokens(&text, 0, true, &out, nullptr).value(), 0u);
}

TEST(TextEmbedder, PutsDenseModulesBehindThePooling) {
  const TinyModel plain = MakeTinyModel(WeightPrecision::kF32, 19);
  TinyModel model = MakeTinyModel(WeightPrecision::kF32, 19);
  model.config.dense = {{32, 48, true, DenseActivation::kTanh},
                        {48, 20, false, DenseActivation::kIdentity}};
  CompleteTinyModel(&model, 20);
  Loaded with(model, 1, false), without(plain, 1, false);
  const std::string_view text = "abc d";
  std::vector<float> pooled(32), found(20);
  ASSERT_TRUE(without.embedder.Embed(&text, 1, false, pooled.data(), nullptr).ok());
  ASSERT_TRUE(with.embedder.Embed(&text, 1, false, found.data(), nullptr).ok());
  std::vector<double> middle(48);
  for (size_t i = 0; i < 48; ++i) {
    double sum = model.Floats("dense.0.bias")[i];
    for (size_t j = 0; j < 32; ++j) sum += double{model.Floats("dense.0.weight")[i * 32 + j]} * pooled[j];
    middle[i] = std::tanh(sum);
  }
  for (size_t i = 0; i < 20; ++i) {
    double sum = 0;
    for (size_t j = 0; j < 48; ++j) sum += double{model.Floats("dense.1.weight")[i * 48 + j]} * middle[j];
    EXPECT_NEAR(found[i], sum, 1e-5);
  }
}

TEST(TextEmbedder, RefusesWeightsThatGiveNoNumbers) {
  TinyModel model = MakeLoadableModel(WeightPrecision::kF32, 8);
  auto& gamma = model.tensors["encoder.layer.1.output.LayerNorm.weight"];
  const float huge = 3e38f;
  for (size_t i = 0; i < gamma.size(); i += 4) std::memcpy(&gamma[i], &huge, 4);
  const auto pool = std::move(ThreadPool::Create(1).value());
  TextEmbedder embedder(pool.get());
  const Status status = Load(model.File(), 999, &embedder);
  EXPECT_EQ(status.code(), StatusCode::kBadModel);
  EXPECT_NE(status.message().find("not finite"), std::string::npos) << status.message();
}

TEST(TextEmbedder, EveryAllocationThatFailsIsAnErrorAndTheNextCallWorks) {
  const TinyModel model = MakeLoadableModel(WeightPrecision::kInt8, 9, true);
  const std::vector<uint8_t> file = model.File();
  const auto pool = std::move(ThreadPool::Create(1).value());
  int failures = 0;
  for (int n = 0; n < 10000; ++n) {
    TextEmbedder embedder(pool.get());
    FailAllocationForTest(n);
    const Status status = Load(file, 5000, &embedder);
    FailAllocationForTest(-1);
    if (status.ok()) break;
    EXPECT_EQ(status.code(), StatusCode::kOutOfMemory) << status.message();
    ++failures;
  }
  EXPECT_GT(failures, 20);
  Loaded loaded(model);
  const std::vector<std::string> texts = ManyTexts();
  const std::vector<float> expected = loaded.Embed(texts);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<float> out(expected.size());
  for (int n = 0; n < 50; ++n) {
    Loaded fresh(model);
    FailAllocationForTest(n);
    const Status status =
        fresh.embedder.Embed(views.data(), views.size(), true, out.data(), nullptr);
    FailAllocationForTest(-1);
    if (status.ok()) break;
    EXPECT_EQ(status.code(), StatusCode::kOutOfMemory);
    EXPECT_EQ(fresh.Embed(texts), expected);
  }
}

TEST(TextEmbedder, TwoModelsWorkSideBySide) {
  Loaded a(MakeLoadableModel(WeightPrecision::kInt8, 10));
  const std::vector<float> alone = a.Embed({"abc", "x"});
  Loaded b(MakeLoadableModel(WeightPrecision::kF32, 11));
  EXPECT_NE(b.Embed({"abc", "x"}), alone);
  EXPECT_EQ(a.Embed({"abc", "x"}), alone);
}

}  // namespace
}  // namespace simile
