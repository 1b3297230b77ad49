# SPDX-License-Identifier: Apache-2.0
# Where the set-up (tools/setup) puts the pinned sources of outside libraries.

if(DEFINED ENV{SIMILE_CACHE})
  set(cache_dir $ENV{SIMILE_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(cache_dir $ENV{XDG_CACHE_HOME}/simile)
else()
  set(cache_dir $ENV{HOME}/.cache/simile)
endif()
set(SIMILE_CACHE_DIR ${cache_dir} CACHE PATH "Downloads, sources and ccache, outside the tree")

# simile_source_dir(VAR NAME): the folder of an outside source, or an error that
# says how to get it.
function(simile_source_dir variable name)
  set(dir ${SIMILE_CACHE_DIR}/sources/${name})
  if(NOT IS_DIRECTORY ${dir})
    message(FATAL_ERROR "${dir} is missing: run `node tools/setup/index.mjs sources`")
  endif()
  set(${variable} ${dir} PARENT_SCOPE)
endfunction()
