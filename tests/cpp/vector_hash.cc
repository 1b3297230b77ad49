// SPDX-License-Identifier: Apache-2.0
// Prints the SHA-256 of the vectors (f32, little-endian) that a model gives to
// the lines of a text file: vector_hash MODEL TEXTS [THREADS]. Tests compare it
// with the hashes that browsers and Node compute.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "pool/text_embedder.h"
#include "stream_feed.h"

namespace {

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

simile::Status Load(const std::string& file, simile::TextEmbedder* embedder) {
  simile::SafetensorsStream stream(file.size(), embedder);
  return simile::Feed(file, file.size(), &stream);
}

simile::Status Run(const char* model, const std::string& texts, size_t threads) {
  SIMILE_ASSIGN_OR_RETURN(const auto pool, simile::ThreadPool::Create(threads));
  simile::TextEmbedder embedder(pool.get());
  SIMILE_RETURN_IF_ERROR(Load(ReadFile(model), &embedder));
  std::vector<std::string_view> lines;
  for (size_t begin = 0; begin < texts.size();) {
    const size_t end = std::min(texts.find('\n', begin), texts.size());
    lines.push_back(std::string_view(texts).substr(begin, end - begin));
    begin = end + 1;
  }
  std::vector<float> vectors(lines.size() * embedder.config().dims());
  SIMILE_RETURN_IF_ERROR(embedder.Embed(lines.data(), lines.size(), embedder.config().normalize,
                                        vectors.data(), nullptr));
  simile::Sha256 hash;
  hash.Update(vectors.data(), vectors.size() * sizeof(float));
  std::printf("%s\n", hash.Hex().c_str());
  return simile::Status();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "usage: vector_hash MODEL TEXTS [THREADS]\n");
    return 2;
  }
  const size_t threads = argc == 4 ? std::strtoul(argv[3], nullptr, 10) : 1;
  const simile::Status status = Run(argv[1], ReadFile(argv[2]), threads);
  if (status.ok()) return 0;
  std::fprintf(stderr, "vector_hash: %s\n", status.message().c_str());
  return 1;
}
