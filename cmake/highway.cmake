# SPDX-License-Identifier: Apache-2.0
# Highway: headers with static dispatch, for src/simd. Its one source file holds
# the abort function of its assertions, which only sanitized builds have: what we
# ship must not be able to abort.

simile_source_dir(dir highway)
add_library(outside_highway INTERFACE)
target_include_directories(outside_highway SYSTEM INTERFACE ${dir})
if(SIMILE_SANITIZE)
  add_library(outside_highway_assert STATIC ${dir}/hwy/targets.cc)
  target_include_directories(outside_highway_assert SYSTEM PRIVATE ${dir})
  target_compile_features(outside_highway_assert PRIVATE cxx_std_17)
  target_link_libraries(outside_highway_assert PRIVATE simile_outside)
  target_link_libraries(outside_highway INTERFACE outside_highway_assert)
endif()
