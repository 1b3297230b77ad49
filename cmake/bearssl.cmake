# SPDX-License-Identifier: Apache-2.0
# BearSSL: SHA-256 alone, for src/base/sha256.cc.

simile_source_dir(dir bearssl)
add_library(outside_bearssl STATIC
  ${dir}/src/codec/dec32be.c
  ${dir}/src/codec/enc32be.c
  ${dir}/src/hash/sha2small.c
)
target_include_directories(outside_bearssl SYSTEM PUBLIC ${dir}/inc PRIVATE ${dir}/src)
target_link_libraries(outside_bearssl PRIVATE simile_outside)
