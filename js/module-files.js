// SPDX-License-Identifier: Apache-2.0
// The files of each variant of the module. Every import and URL is written out,
// because bundlers find files by such literals; none is fetched before its
// variant is chosen. A thread starts from the glue itself, as a file of its own.
// The compiler reads module-files.d.ts instead, since these files are generated
// and exist only after a build.

export const moduleFiles = {
  "simd": {
    importGlue: () => import("./wasm/simile-simd.js"),
    wasmUrl: () => new URL("./wasm/simile-simd.wasm", import.meta.url),
  },
  "simd-threads": {
    importGlue: () => import("./wasm/simile-simd-threads.js"),
    threadUrl: () => new URL("./wasm/simile-simd-threads.js", import.meta.url),
    wasmUrl: () => new URL("./wasm/simile-simd-threads.wasm", import.meta.url),
  },
  "relaxed-simd": {
    importGlue: () => import("./wasm/simile-relaxed-simd.js"),
    wasmUrl: () => new URL("./wasm/simile-relaxed-simd.wasm", import.meta.url),
  },
  "relaxed-simd-threads": {
    importGlue: () => import("./wasm/simile-relaxed-simd-threads.js"),
    threadUrl: () => new URL("./wasm/simile-relaxed-simd-threads.js", import.meta.url),
    wasmUrl: () => new URL("./wasm/simile-relaxed-simd-threads.wasm", import.meta.url),
  },
};
