// SPDX-License-Identifier: Apache-2.0
// The golden texts that every converted model carries with their vectors, so
// that each load can show that this engine, on this machine, computes what the
// converter computed.

#ifndef SIMILE_CONVERT_GOLDEN_H_
#define SIMILE_CONVERT_GOLDEN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "convert/output_file.h"
#include "encoder/encoder.h"
#include "products/thread_pool.h"

namespace simile {

// A short text, a long one, a question, one in other scripts, and punctuation
// with emoji.
std::vector<std::string> GoldenTexts();

// Loads the sealed file (whose golden vectors may be anything) as a user would
// and embeds its golden texts. F32 bytes of [texts, D].
// observer: sees it do so; may be nullptr.
Result<Buffer<uint8_t>> ComputeGoldenVectors(ThreadPool* pool, const OutputFile& file,
                                             ActivationObserver* observer);

}  // namespace simile

#endif  // SIMILE_CONVERT_GOLDEN_H_
