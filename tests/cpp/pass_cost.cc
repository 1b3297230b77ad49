// SPDX-License-Identifier: Apache-2.0
// What a forward pass of a text of so many tokens costs natively:
// pass_cost MODEL TOKENS [RUNS]. Prints which kernel its products ran, and the median
// milliseconds of RUNS passes. For callgrind to count one pass it is run as
//   valgrind --tool=callgrind --toggle-collect=MeasuredPass ...
// so that loading the model and the first pass, which makes its room, do not count.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "pool/text_embedder.h"
#include "products/linear.h"
#include "stream_feed.h"

namespace {

simile::Status Load(const std::string& file, simile::TextEmbedder* embedder) {
  simile::SafetensorsStream stream(file.size(), embedder);
  return simile::Feed(file, file.size(), &stream);
}

}  // namespace

// By this name callgrind knows where to count.
extern "C" __attribute__((noinline)) simile::Status* MeasuredPass(
    simile::TextEmbedder* embedder, std::string_view text, float* out,
    simile::TextUsage* usage, simile::Status* status) {
  *status = embedder->Embed(&text, 1, true, out, usage);
  return status;
}

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: pass_cost MODEL TOKENS [RUNS]\n");
    return 2;
  }
  std::ifstream stream(argv[1], std::ios::binary);
  const std::string file(std::istreambuf_iterator<char>(stream), {});
  const auto pool = simile::ThreadPool::Create(1);
  if (!pool.ok()) return 1;
  simile::TextEmbedder embedder(pool.value().get());
  embedder.CheckOneGoldenText();
  simile::Status status = Load(file, &embedder);
  const size_t tokens = std::strtoul(argv[2], nullptr, 10);
  std::string text;
  for (size_t i = 2; i < tokens; ++i) text += "word ";
  std::vector<float> vector(embedder.config().dims());
  simile::TextUsage usage = {};
  const std::string_view view(text);
  if (status.ok()) status = embedder.Embed(&view, 1, true, vector.data(), &usage);
  if (status.ok()) MeasuredPass(&embedder, view, vector.data(), &usage, &status);
  if (status.ok() && usage.tokens != tokens) status = simile::InternalError("another length");
  if (!status.ok()) {
    std::fprintf(stderr, "pass_cost: %s\n", status.message().c_str());
    return 1;
  }
  std::printf("%s\n", simile::Int8KernelName());
  std::vector<double> times(argc == 4 ? std::strtoul(argv[3], nullptr, 10) : 0);
  for (double& milliseconds : times) {
    const auto began = std::chrono::steady_clock::now();
    MeasuredPass(&embedder, view, vector.data(), &usage, &status);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    milliseconds = took.count();
  }
  if (times.empty()) return 0;
  std::sort(times.begin(), times.end());
  std::printf("%.4f\n", times[times.size() / 2]);
}
