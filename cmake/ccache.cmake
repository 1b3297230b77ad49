# SPDX-License-Identifier: Apache-2.0
# Compiles through ccache where it is installed. It wraps emcc itself, whose
# start in Python costs more than most compilations. emcc is a script that stays
# the same when the clang beneath it changes, so the cache is keyed by what
# `--version` says, asked once here and not once a file.

find_program(SIMILE_CCACHE ccache)
if(SIMILE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} --version
    OUTPUT_VARIABLE compiler_version OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(SHA256 compiler_id "${compiler_version}")
  set(launcher ${CMAKE_COMMAND} -E env
    CCACHE_COMPILERCHECK=string:${compiler_id}
    CCACHE_DIR=${SIMILE_CACHE_DIR}/ccache
    # The build folder does not count: an object serves every variant that
    # compiles it alike.
    CCACHE_NOHASHDIR=1
    ${SIMILE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
