// SPDX-License-Identifier: Apache-2.0
// The package as a page serves it best: its forty modules as a few minified files, so
// that a browser asks for those at once and not for each module after the one that
// imports it. docs/bundlers.md tells users how.

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { minifyGlue } from "./minify-glue.mjs";
import { putInPlace } from "./setup/files.mjs";
import { buildStampDir, root } from "./setup/paths.mjs";
import { contentOf, unlessUnchanged } from "./setup/stamp.mjs";

/**
 * Makes `dir`, unless nothing has changed. The modules and the npm packages must be there.
 * @param {string} dir
 */
export async function bundlePackage(dir) {
  const inputs = await contentOf(["js", "package-lock.json", "tools/bundle.mjs", "tools/minify-glue.mjs"]);
  return unlessUnchanged(join(buildStampDir, "bundle.json"), inputs, [dir], () =>
    putInPlace(dir, async (temporary) => {
      const { build } = await import("esbuild"); // not there before the npm packages are
      await build({
        entryPoints: ["js/index.js", "js/worker.js"],
        absWorkingDir: root,
        outdir: temporary,
        bundle: true,
        splitting: true,
        format: "esm",
        target: ["chrome91", "firefox90", "safari16.4", "node20.16"],
        minify: true,
        sourcemap: "linked",
        logLevel: "warning",
      });
      await cp(join(root, "js/wasm"), join(temporary, "wasm"), { recursive: true });
      await minifyGlue(join(temporary, "wasm"));
    }));
}
