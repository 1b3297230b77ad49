# SPDX-License-Identifier: Apache-2.0
# GoogleTest with its main function, for tests/cpp.

simile_source_dir(dir googletest)
add_library(outside_googletest STATIC EXCLUDE_FROM_ALL
  ${dir}/googletest/src/gtest-all.cc
  ${dir}/googletest/src/gtest_main.cc
)
target_include_directories(outside_googletest
  SYSTEM PUBLIC ${dir}/googletest/include
  PRIVATE ${dir}/googletest)
target_compile_features(outside_googletest PUBLIC cxx_std_17)
if(EMSCRIPTEN AND NOT SIMILE_THREADS)
  target_compile_definitions(outside_googletest PUBLIC GTEST_HAS_PTHREAD=0)
endif()
target_link_libraries(outside_googletest PRIVATE simile_outside)
