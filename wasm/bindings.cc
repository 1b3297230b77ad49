// SPDX-License-Identifier: Apache-2.0
// The border (docs/border.md): Embind names for what src/ does. Convert, call,
// convert; no logic. Text and vectors cross as heap blocks, errors as a Status
// that the caller owns. The one file with Emscripten headers.

#include <emscripten/bind.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/checksum.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/status.h"
#include "convert/converter.h"
#include "model/config_json.h"
#include "model/model_config.h"
#include "model/safetensors.h"
#include "pool/cross_encoder.h"
#include "pool/long_text.h"
#include "pool/text_embedder.h"
#include "pool/vector_format.h"
#include "products/linear.h"
#include "products/thread_pool.h"
#include "search/similarity.h"

namespace {

using simile::Buffer;
using simile::Json;
using simile::Result;

template <typename T>
T* At(uintptr_t pointer) {
  return reinterpret_cast<T*>(pointer);
}

class Status {
 public:
  int code() const { return static_cast<int>(status_.code()); }
  std::string message() const { return status_.message(); }
  bool Set(simile::Status status) {
    status_ = std::move(status);
    return status_.ok();
  }
  // The value, or a default one with the error kept.
  template <typename T>
  T Take(Result<T> result) {
    Set(result.status());
    return result.ok() ? std::move(result.value()) : T();
  }

 private:
  simile::Status status_;
};

class ThreadPool {
 public:
  ThreadPool(Status& status, size_t threads)
      : pool_(status.Take(simile::ThreadPool::Create(threads))) {}
  size_t threads() const { return pool_ == nullptr ? 0 : pool_->threads(); }
  simile::ThreadPool* get() const { return pool_.get(); }

 private:
  std::unique_ptr<simile::ThreadPool> pool_;
};

Result<Buffer<uint8_t>> CopyBytes(uintptr_t pointer, size_t size_bytes) {
  Buffer<uint8_t> copy;
  SIMILE_RETURN_IF_ERROR(copy.Append(At<uint8_t>(pointer), size_bytes));
  return copy;
}

std::string NamesToJson(const std::vector<std::string>& names) {
  return simile::TextsToJson(names).Dump();
}

bool NeedsSentencepiece(const simile::ModelConfig& config) {
  return config.tokenizer.kind == simile::TokenizerKind::kSentencepiece;
}

// The streaming half of Model and Converter.
class Stream {
 public:
  void Start(uint64_t file_bytes, simile::TensorSink* sink) {
    stream_ = std::make_unique<simile::SafetensorsStream>(file_bytes, sink);
  }
  uintptr_t spanPointer() const {
    return stream_ == nullptr ? 0 : reinterpret_cast<uintptr_t>(stream_->span_data());
  }
  size_t spanSize() const { return stream_ == nullptr ? 0 : stream_->span_size(); }
  simile::Status Commit(size_t count) {
    return stream_ == nullptr ? NotStarted() : stream_->Commit(count);
  }
  simile::Status Finish() {
    if (stream_ == nullptr) return NotStarted();
    simile::Status status = stream_->Finish();
    stream_.reset();
    return status;
  }

 private:
  static simile::Status NotStarted() { return simile::InvalidArgument("no stream is open"); }
  std::unique_ptr<simile::SafetensorsStream> stream_;
};

Result<Buffer<std::string_view>> TextsAt(uintptr_t text, uintptr_t offsets, size_t count) {
  Buffer<std::string_view> texts;
  SIMILE_RETURN_IF_ERROR(texts.Resize(count));
  for (size_t i = 0; i < count; ++i) {
    const uint32_t* offset = At<uint32_t>(offsets) + i;
    texts[i] = std::string_view(At<char>(text) + offset[0], offset[1] - offset[0]);
  }
  return texts;
}

class Model {
 public:
  Model(Status& status, ThreadPool& pool, double file_bytes) : embedder_(pool.get()) {
    status.Set(simile::Status());
    stream_.Start(static_cast<uint64_t>(file_bytes), &embedder_);
  }
  uintptr_t spanPointer() const { return stream_.spanPointer(); }
  size_t spanSize() const { return stream_.spanSize(); }
  // True: what follows needs the sentencepiece part.
  bool commit(Status& status, size_t count) {
    return status.Set(stream_.Commit(count)) && NeedsSentencepiece(embedder_.config());
  }
  void finish(Status& status) { status.Set(stream_.Finish()); }
  void checkOneGoldenText() { embedder_.CheckOneGoldenText(); }

  std::string info() const {
    Json info;
    Json config = simile::ModelConfigToJson(embedder_.config());
    config.Set("dims", embedder_.config().dims());
    info.Set("config", std::move(config));
    info.Set("memoryBytes", static_cast<double>(embedder_.memory_bytes()));
    info.Set("productKernel", simile::Int8KernelName());
    return info.Dump();
  }

  size_t embedSome(Status& status, uintptr_t text, uintptr_t offsets, size_t count,
                   size_t token_budget, bool normalize, uintptr_t out, uintptr_t usage,
                   simile::LongText* long_text) {
    const Buffer<std::string_view> texts = status.Take(TextsAt(text, offsets, count));
    if (status.code() != 0) return 0;
    return status.Take(embedder_.EmbedSome(texts.data(), count, token_budget, normalize,
                                           At<float>(out), At<simile::TextUsage>(usage),
                                           long_text));
  }

  // out: where tokens, offsets and vectors are until the next call, and two counts.
  size_t embedTokens(Status& status, uintptr_t text, uintptr_t offsets, size_t count,
                     bool normalize, uintptr_t out, uintptr_t usage) {
    const Buffer<std::string_view> texts = status.Take(TextsAt(text, offsets, count));
    if (status.code() != 0) return 0;
    return status.Take(embedder_.EmbedTokens(texts.data(), count, normalize,
                                             At<simile::TokenVectors>(out),
                                             At<simile::TextUsage>(usage)));
  }

  // query: the offsets of one text.
  size_t scorePairs(Status& status, uintptr_t text, uintptr_t query, uintptr_t offsets,
                    size_t count, size_t token_budget, uintptr_t out, uintptr_t usage) {
    const Buffer<std::string_view> first = status.Take(TextsAt(text, query, 1));
    if (status.code() != 0) return 0;
    const Buffer<std::string_view> texts = status.Take(TextsAt(text, offsets, count));
    if (status.code() != 0) return 0;
    return status.Take(cross_encoder_.ScoreToRank(first[0], texts.data(), count, token_budget,
                                                  At<float>(out),
                                                  At<simile::TextUsage>(usage)));
  }

  void countTokens(Status& status, uintptr_t text, uintptr_t offsets, size_t count,
                   uintptr_t out) {
    const Buffer<std::string_view> texts = status.Take(TextsAt(text, offsets, count));
    if (status.code() != 0) return;
    status.Set(embedder_.CountTokens(texts.data(), count, At<uint32_t>(out)));
  }

  size_t tokenize(Status& status, uintptr_t text, size_t size_bytes, size_t max_tokens,
                  uintptr_t out, size_t capacity) {
    return status.Take(embedder_.Tokenize(std::string_view(At<char>(text), size_bytes),
                                          max_tokens, At<simile::Token>(out), capacity));
  }

 private:
  simile::TextEmbedder embedder_;
  simile::CrossEncoder cross_encoder_{&embedder_};
  Stream stream_;
};

void formatVectors(Status& status, uintptr_t vectors, size_t count, size_t full_dims,
                   size_t dims, bool normalize, int precision, uintptr_t out,
                   uintptr_t scales) {
  const simile::VectorFormat format{dims, normalize,
                                    static_cast<simile::VectorPrecision>(precision)};
  status.Set(simile::FormatVectors(At<float>(vectors), count, full_dims, format,
                                   At<uint8_t>(out), At<float>(scales)));
}

simile::Vectors VectorsAt(int precision, uintptr_t values, uintptr_t scales, size_t count) {
  return {static_cast<simile::VectorPrecision>(precision), At<void>(values),
          At<float>(scales), count};
}

void similarity(Status& status, int precision, size_t dims, uintptr_t a, uintptr_t a_scales,
                size_t a_count, uintptr_t b, uintptr_t b_scales, size_t b_count, int metric,
                uintptr_t out) {
  status.Set(simile::SimilarityMatrix(VectorsAt(precision, a, a_scales, a_count),
                                      VectorsAt(precision, b, b_scales, b_count), dims,
                                      static_cast<simile::Metric>(metric), At<float>(out)));
}

size_t rank(Status& status, int precision, size_t dims, uintptr_t query,
            uintptr_t query_scale, uintptr_t docs, uintptr_t docs_scales, size_t count,
            int metric, size_t top_k, float min_score, uintptr_t out) {
  return status.Take(simile::Rank(VectorsAt(precision, query, query_scale, 1),
                                  VectorsAt(precision, docs, docs_scales, count), dims,
                                  static_cast<simile::Metric>(metric), top_k, min_score,
                                  At<simile::Hit>(out)));
}

class Converter {
 public:
  Converter(Status& status, ThreadPool& pool, const std::string& options)
      : converter_(simile::Converter::Create(
            pool.get(), status.Take(simile::ParseConvertOptions(options)))) {}

  std::string wantedFiles() const { return NamesToJson(converter_->WantedFiles()); }
  void addFile(Status& status, const std::string& name, uintptr_t pointer, size_t size_bytes) {
    Buffer<uint8_t> content = status.Take(CopyBytes(pointer, size_bytes));
    if (status.code() == 0) status.Set(converter_->AddFile(name, std::move(content)));
  }
  void setCalibration(Status& status, uintptr_t pointer, size_t size_bytes) {
    Buffer<uint8_t> texts = status.Take(CopyBytes(pointer, size_bytes));
    if (status.code() == 0) status.Set(converter_->SetCalibration(std::move(texts)));
  }
  void start(Status& status) { status.Set(converter_->Start()); }
  std::string weightFiles() const { return NamesToJson(converter_->WeightFiles()); }
  void openWeights(Status& status, double file_bytes) {
    status.Set(simile::Status());
    stream_.Start(static_cast<uint64_t>(file_bytes), converter_->sink());
  }
  uintptr_t spanPointer() const { return stream_.spanPointer(); }
  size_t spanSize() const { return stream_.spanSize(); }
  void commit(Status& status, size_t count) {
    converter_->HashSource(At<uint8_t>(stream_.spanPointer()), count);
    status.Set(stream_.Commit(count));
  }
  void finish(Status& status) { status.Set(stream_.Finish()); }
  bool step(Status& status) { return status.Take(converter_->Step()); }
  double progress() const { return converter_->progress(); }
  double outputBytes() const { return static_cast<double>(converter_->output_bytes()); }
  void readOutput(Status& status, double begin, size_t count, uintptr_t out) const {
    status.Set(
        converter_->ReadOutput(static_cast<uint64_t>(begin), count, At<uint8_t>(out)));
  }

 private:
  std::unique_ptr<simile::Converter> converter_;
  Stream stream_;
};

template <typename Hash>
class HashOf {
 public:
  void update(uintptr_t pointer, size_t size_bytes) {
    hash_.Update(At<uint8_t>(pointer), size_bytes);
  }
  std::string hex() const { return hash_.Hex(); }

 private:
  Hash hash_;
};
using Sha256 = HashOf<simile::Sha256>;
using Checksum = HashOf<simile::Checksum>;

// Embind's own classes would be a third of its JavaScript. So it binds functions alone,
// named Class.method, to which an object is its address; js/module-classes.js makes
// classes of them again.

// What crosses the border for a type: an address for an object, all else as it is.
template <typename T>
struct Crossing {
  using Type = T;
  static T Arrive(T value) { return value; }
};
template <typename T>
  requires(!std::is_const_v<T>)
struct Crossing<T&> {
  using Type = uintptr_t;
  static T& Arrive(uintptr_t address) { return *At<T>(address); }
};
template <typename T>
struct Crossing<T*> {
  using Type = uintptr_t;
  static T* Arrive(uintptr_t address) { return At<T>(address); }
};

template <typename T, typename... Args>
uintptr_t New(typename Crossing<Args>::Type... args) {
  return reinterpret_cast<uintptr_t>(new T(Crossing<Args>::Arrive(args)...));
}

template <typename T>
void Delete(uintptr_t address) {
  delete At<T>(address);
}

// Calls kFunction with objects for their addresses; a method's own address comes first.
template <auto kFunction>
struct Bound;
template <typename R, typename... Args, R (*kFunction)(Args...)>
struct Bound<kFunction> {
  static R Call(typename Crossing<Args>::Type... args) {
    return kFunction(Crossing<Args>::Arrive(args)...);
  }
};
template <typename T, typename R, typename... Args, R (T::*kMethod)(Args...)>
struct Bound<kMethod> {
  static R Call(uintptr_t address, typename Crossing<Args>::Type... args) {
    return (At<T>(address)->*kMethod)(Crossing<Args>::Arrive(args)...);
  }
};
template <typename T, typename R, typename... Args, R (T::*kMethod)(Args...) const>
struct Bound<kMethod> {
  static R Call(uintptr_t address, typename Crossing<Args>::Type... args) {
    return (At<T>(address)->*kMethod)(Crossing<Args>::Arrive(args)...);
  }
};

// Binds T as a class of that name.
template <typename T>
class Class {
 public:
  explicit Class(const char* name) : name_(name) { Bind("delete", &Delete<T>); }
  template <typename... Args>
  const Class& constructor() const {
    return Bind("new", &New<T, Args...>);
  }
  template <auto kMethod>
  const Class& method(const char* name) const {
    return Bind(name, &Bound<kMethod>::Call);
  }

 private:
  template <typename F>
  const Class& Bind(const char* name, F* function) const {
    emscripten::function((name_ + "." + name).c_str(), function);
    return *this;
  }
  std::string name_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(simile) {
  Class<Status>("Status")
      .constructor<>()
      .method<&Status::code>("code")
      .method<&Status::message>("message");
  Class<ThreadPool>("ThreadPool")
      .constructor<Status&, size_t>()
      .method<&ThreadPool::threads>("threads");
  Class<simile::LongText>("LongText").constructor<>();
  Class<Model>("Model")
      .constructor<Status&, ThreadPool&, double>()
      .method<&Model::spanPointer>("spanPointer")
      .method<&Model::spanSize>("spanSize")
      .method<&Model::commit>("commit")
      .method<&Model::finish>("finish")
      .method<&Model::checkOneGoldenText>("checkOneGoldenText")
      .method<&Model::info>("info")
      .method<&Model::embedSome>("embedSome")
      .method<&Model::embedTokens>("embedTokens")
      .method<&Model::scorePairs>("scorePairs")
      .method<&Model::countTokens>("countTokens")
      .method<&Model::tokenize>("tokenize");
  Class<Converter>("Converter")
      .constructor<Status&, ThreadPool&, const std::string&>()
      .method<&Converter::wantedFiles>("wantedFiles")
      .method<&Converter::addFile>("addFile")
      .method<&Converter::setCalibration>("setCalibration")
      .method<&Converter::start>("start")
      .method<&Converter::weightFiles>("weightFiles")
      .method<&Converter::openWeights>("openWeights")
      .method<&Converter::spanPointer>("spanPointer")
      .method<&Converter::spanSize>("spanSize")
      .method<&Converter::commit>("commit")
      .method<&Converter::finish>("finish")
      .method<&Converter::step>("step")
      .method<&Converter::progress>("progress")
      .method<&Converter::outputBytes>("outputBytes")
      .method<&Converter::readOutput>("readOutput");
  Class<Sha256>("Sha256")
      .constructor<>()
      .method<&Sha256::update>("update")
      .method<&Sha256::hex>("hex");
  Class<Checksum>("Checksum")
      .constructor<>()
      .method<&Checksum::update>("update")
      .method<&Checksum::hex>("hex");
  emscripten::function("formatVectors", &Bound<&formatVectors>::Call);
  emscripten::function("similarity", &Bound<&similarity>::Call);
  emscripten::function("rank", &Bound<&rank>::Call);
}
