# SPDX-License-Identifier: Apache-2.0
# The compile options, as three interface targets. Nothing is set globally.

# What every target, ours and outside, must agree on: linking fails or lies when
# one object file has threads or sanitizers and another has not.
add_library(simile_platform INTERFACE)
target_compile_options(simile_platform INTERFACE
  -ffp-contract=off  # one vector, everywhere: no fused multiply-add
  -fno-fast-math
  $<$<BOOL:${EMSCRIPTEN}>:-msimd128>
)
if(SIMILE_THREADS OR NOT EMSCRIPTEN)
  target_compile_options(simile_platform INTERFACE -pthread)
  target_link_options(simile_platform INTERFACE -pthread)
endif()
if(SIMILE_SANITIZE)
  target_compile_options(simile_platform INTERFACE
    -fsanitize=${SIMILE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(simile_platform INTERFACE -fsanitize=${SIMILE_SANITIZE})
endif()

# Our own C++.
add_library(simile_options INTERFACE)
target_link_libraries(simile_options INTERFACE simile_platform)
target_compile_features(simile_options INTERFACE cxx_std_20)
target_include_directories(simile_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(simile_options INTERFACE
  -fno-exceptions -fno-rtti -Wall -Wextra -Werror=return-type -Werror=unused-result)

# Other people's C and C++: their warnings are theirs.
add_library(simile_outside INTERFACE)
target_link_libraries(simile_outside INTERFACE simile_platform)
target_compile_options(simile_outside INTERFACE
  -w $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
