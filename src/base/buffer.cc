// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"

#include <cstdlib>

namespace simile {
namespace {

thread_local int allocation_countdown = -1;  // FailAllocationForTest

bool FailsForTest() {
  if (allocation_countdown < 0) return false;
  return allocation_countdown-- == 0;
}

}  // namespace

void* AllocateAligned(size_t size_bytes) {
  if (size_bytes > SIZE_MAX - kReadSlackBytes - kAlignment) return nullptr;
  if (FailsForTest()) return nullptr;
  const size_t padded =
      (size_bytes + kReadSlackBytes + kAlignment - 1) / kAlignment * kAlignment;
  return std::aligned_alloc(kAlignment, padded);
}

void FreeAligned(void* pointer) { std::free(pointer); }

bool HasHeadroom(size_t size_bytes) {
  void* probe = AllocateAligned(size_bytes);
  FreeAligned(probe);
  return probe != nullptr;
}

void FailAllocationForTest(int countdown) { allocation_countdown = countdown; }

}  // namespace simile
