// SPDX-License-Identifier: Apache-2.0
// What module-files.js exports; it says why this is written by hand.

interface ModuleFiles {
  // Emscripten's glue: its default export starts a module (docs/border.md).
  importGlue(): Promise<{ default(settings: object): Promise<any> }>;
  threadUrl?(): URL;
  wasmUrl(): URL;
}

export const moduleFiles: Record<
  "simd" | "simd-threads" | "relaxed-simd" | "relaxed-simd-threads", ModuleFiles>;
