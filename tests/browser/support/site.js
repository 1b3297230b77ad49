// SPDX-License-Identifier: Apache-2.0
// What the tests serve: the built page (dist/, or SIMILE_DIST for another build
// of it), the golden texts, and an empty page at /empty/.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { StaticServer } from "./server.js";

const here = dirname(fileURLToPath(import.meta.url));
export const root = dirname(dirname(dirname(here)));
export const dist = process.env.SIMILE_DIST ?? join(root, "dist");

export const modelPath = "/models/all-minilm-l6-v2.int8.simile";
export const textsFile = join(root, "tests/golden/texts.txt");

/** The strictest policy that lets WebAssembly run. */
export const strictCsp = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** @param {{ isolated?: boolean, csp?: string }} [options] */
export function serveSite(options) {
  return StaticServer.start({
    folders: {
      "/": dist,
      "/empty/": join(root, "tests/browser/pages"),
      "/golden/": join(root, "tests/golden"),
    },
    ...options,
  });
}
