// SPDX-License-Identifier: Apache-2.0
// The ceiling: how fast each int8 micro-kernel of this build multiplies matrices of
// a model's shapes, packed weights and quantised activations given. For `npm run
// bench` alone; called from web/bench/measure/ceiling.js.

#include <emscripten/emscripten.h>

#include <algorithm>
#include <vector>

#include "products/micro_kernels.h"

namespace {

using simile::Int8KernelEntry;

// As much as products/linear.cc gives a block of columns.
constexpr size_t kColumnBlockBytes = 16 * 1024;
// One sample: enough for a timer that is only true to 100 us.
constexpr double kSampleMs = 3;
// A browser runs a function as its first, quick compiler left it, at a third of its
// speed, until its second one has done it in the background: some 30 ms later, more
// on a busy machine.
constexpr double kWarmUpMs = 150;

struct Product {
  Product(const Int8KernelEntry& entry, size_t rows, size_t inputs, size_t columns)
      : kernel(entry), T(rows), K(inputs), N(columns),
        stride(simile::QuantizedStride(K, kernel.form)),
        x(T * stride + 64), y(T * N), params(T + simile::kRowParamsSlack, {3, 0.01f}),
        packed(simile::PackedInt8Bytes(kernel.packing(), N, K) + 64) {
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<int8_t>(i * 37 % 101);
    std::vector<int8_t> w(N * K);
    for (size_t i = 0; i < w.size(); ++i) w[i] = static_cast<int8_t>(i * 53 % 255 - 127);
    // Real numbers where scales and biases lie: denormals would be slow.
    const std::vector<float> scale(N, 0.02f), bias(N, 0.5f);
    simile::PackInt8(kernel.packing(), N, K, w.data(), scale.data(), bias.data(), packed.data());
  }

  void Run() {
    const size_t column_bytes = simile::PackedInt8Bytes(kernel.packing(), kernel.nr, K) / kernel.nr;
    const size_t block = std::max(kernel.nr, kColumnBlockBytes / column_bytes / kernel.nr * kernel.nr);
    for (size_t n = 0; n < N; n += block) {
      for (size_t m = 0; m < T;) {
        const size_t tiles = (T - m + kernel.mr - 1) / kernel.mr;
        const size_t count = (T - m + tiles - 1) / tiles;
        (count == 1 ? kernel.one_row : kernel.many_rows)(
            count, std::min(block, N - n), K, x.data() + m * stride, stride,
            packed.data() + simile::PackedInt8Bytes(kernel.packing(), n, K), y.data() + m * N + n,
            N * sizeof(float), kernel.nr * sizeof(float), simile::Unbounded(),
            reinterpret_cast<const xnn_qd8_quantization_params*>(params.data() + m));
        m += count;
      }
    }
  }

  const Int8KernelEntry& kernel;
  const size_t T, K, N, stride;
  std::vector<int8_t> x;
  std::vector<float> y;
  std::vector<simile::RowQuantization> params;
  std::vector<uint8_t> packed;
};

double SecondsOf(Product& product, int runs) {
  const double start = emscripten_get_now();
  for (int i = 0; i < runs; ++i) product.Run();
  return (emscripten_get_now() - start) / 1000;
}

const Int8KernelEntry& Kernel(int index) {
  size_t count;
  return simile::Int8KernelTable(&count)[index];
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE int kernel_count() {
  size_t count;
  simile::Int8KernelTable(&count);
  return static_cast<int>(count);
}

EMSCRIPTEN_KEEPALIVE const char* kernel_name(int index) { return Kernel(index).name; }

// Whether it is right on this machine: one that is not is not in use.
EMSCRIPTEN_KEEPALIVE int kernel_is_exact(int index) { return simile::IsExact(Kernel(index)); }

// Runs the kernel until its code is the best that there will be.
EMSCRIPTEN_KEEPALIVE void warm_up(int index) {
  Product product(Kernel(index), 32, 384, 384);
  const double end = emscripten_get_now() + kWarmUpMs;
  while (emscripten_get_now() < end) product.Run();
}

// 1e9 multiplications and additions a second of [T, K] x [K, N]: the best of the
// samples that fit into `milliseconds`.
EMSCRIPTEN_KEEPALIVE double product_gops(int index, int T, int K, int N, double milliseconds) {
  Product product(Kernel(index), T, K, N);
  const double operations = 2.0 * T * K * N;
  const double end = emscripten_get_now() + milliseconds;
  int runs = 1;
  double seconds = SecondsOf(product, runs);
  while (seconds * 1000 < kSampleMs) seconds = SecondsOf(product, runs *= 2);
  double best = operations * runs / seconds;
  while (emscripten_get_now() < end) best = std::max(best, operations * runs / SecondsOf(product, runs));
  return best / 1e9;
}

}  // extern "C"
