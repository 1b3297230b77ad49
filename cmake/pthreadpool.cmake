# SPDX-License-Identifier: Apache-2.0
# pthreadpool (with FXdiv's headers), for src/products/thread_pool.cc. Without
# threads its shim runs everything on the caller.

simile_source_dir(dir pthreadpool)
simile_source_dir(fxdiv_dir fxdiv)
if(SIMILE_THREADS OR NOT EMSCRIPTEN)
  set(sources memory.c portable-api.c pthreads.c)
else()
  set(sources shim.c)
endif()
list(TRANSFORM sources PREPEND ${dir}/src/)
add_library(outside_pthreadpool STATIC ${sources})
target_include_directories(outside_pthreadpool
  SYSTEM PUBLIC ${dir}/include
  PRIVATE ${dir}/src ${fxdiv_dir}/include)
target_compile_definitions(outside_pthreadpool PUBLIC PTHREADPOOL_NO_DEPRECATED_API=1)
target_compile_features(outside_pthreadpool PRIVATE c_std_11)
target_link_libraries(outside_pthreadpool PRIVATE simile_outside)
