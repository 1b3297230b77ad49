# SPDX-License-Identifier: Apache-2.0
# XNNPACK: the micro-kernels and the packing that src/products/micro_kernels.cc
# names, and nothing of its operators, so neither cpuinfo nor its run-time
# configuration is needed. A kernel added to the table there is added here and to
# `files` in tools/dependencies.json.

simile_source_dir(dir xnnpack)

add_library(outside_xnnpack STATIC
  ${dir}/src/reference/packing.cc
  ${dir}/src/f32-gemm/gen/f32-gemm-1x4-minmax-scalar.c
  ${dir}/src/f32-gemm/gen/f32-gemm-4x4-minmax-scalar.c
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-1x4-minmax-scalar.c
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-4x4-minmax-scalar.c
)

set(x86_64_sources
  ${dir}/src/f32-gemm/gen/f32-gemm-1x8-minmax-sse-load1.c
  ${dir}/src/f32-gemm/gen/f32-gemm-4x8-minmax-sse-load1.c
)
set(x86_64_sse41_sources
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-1x4c8-minmax-sse41-ld64.c
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-4x4c8-minmax-sse41-ld64.c
)
set(wasm_simd_sources
  ${dir}/src/f32-gemm/gen/f32-gemm-1x8-minmax-wasmsimd-x86-splat.c
  ${dir}/src/f32-gemm/gen/f32-gemm-4x8-minmax-wasmsimd-x86-splat.c
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-1x4c8-minmax-wasmsimd-dot16x2-ld64.c
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-4x4c8-minmax-wasmsimd-dot16x2-ld64.c
)
# Integer dot products only. The relaxed float kernels fuse multiply and add
# where the processor can, and the same text would get other bits elsewhere.
set(wasm_relaxed_simd_sources
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-1x8c8-minmax-wasmsdot-u2.c
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-1x8c8-minmax-wasmusdot-u2.c
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-4x8c8-minmax-wasmsdot-u2.c
  ${dir}/src/qd8-f32-qc8w-gemm/gen/qd8-f32-qc8w-gemm-4x8c8-minmax-wasmusdot-u2.c
)

if(EMSCRIPTEN)
  target_sources(outside_xnnpack PRIVATE ${wasm_simd_sources})
  if(SIMILE_RELAXED_SIMD)
    target_sources(outside_xnnpack PRIVATE ${wasm_relaxed_simd_sources})
    set_source_files_properties(${wasm_relaxed_simd_sources} PROPERTIES
      COMPILE_OPTIONS -mrelaxed-simd)
  endif()
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  target_sources(outside_xnnpack PRIVATE ${x86_64_sources} ${x86_64_sse41_sources})
  set_source_files_properties(${x86_64_sse41_sources} PROPERTIES COMPILE_OPTIONS -msse4.1)
endif()

target_include_directories(outside_xnnpack SYSTEM
  PUBLIC ${dir}/include ${dir}/src)
target_compile_definitions(outside_xnnpack PRIVATE XNN_LOG_LEVEL=0 XNN_ENABLE_KLEIDIAI=0)
target_compile_features(outside_xnnpack PRIVATE c_std_11 cxx_std_17)
target_link_libraries(outside_xnnpack
  PUBLIC outside_pthreadpool  # xnnpack.h includes pthreadpool.h
  PRIVATE simile_outside)
if(SIMILE_SANITIZE)
  # XNNPACK calls its functions through pointers of other types, everywhere.
  target_compile_options(outside_xnnpack PRIVATE
    $<$<CXX_COMPILER_ID:Clang,AppleClang>:-fno-sanitize=function>)
endif()
