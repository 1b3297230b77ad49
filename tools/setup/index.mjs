// SPDX-License-Identifier: Apache-2.0
// The set-up: everything that building, testing and showing Simile needs, on a
// fresh clone. By hand: `node tools/setup/index.mjs [step...]`; without a step,
// all but the browsers, the further checkpoints and valgrind.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setUpBrowsers } from "./browsers.mjs";
import { buildModules } from "./build.mjs";
import { setUpTestCheckpoints } from "./checkpoints.mjs";
import { sweepTemporaries } from "./files.mjs";
import { withLock } from "./lock.mjs";
import { setUpModels } from "./models.mjs";
import { setUpPackages } from "./packages.mjs";
import { buildDir, cacheDir } from "./paths.mjs";
import { SetupError } from "./process.mjs";
import { setUpSources } from "./sources.mjs";
import { setUpToolchain } from "./toolchain.mjs";
import { setUpValgrind } from "./valgrind.mjs";

/** The steps in their order. A step gets the toolchain that the first one found. */
const steps = {
  toolchain: async (state) => { state.toolchain = await setUpToolchain(); },
  browsers: setUpBrowsers,
  valgrind: setUpValgrind,
  packages: setUpPackages,
  sources: setUpSources,
  models: setUpModels,
  checkpoints: setUpTestCheckpoints,
  modules: (state) => buildModules(state.toolchain),
};
export const stepNames = Object.keys(steps);

/**
 * Does the named steps, in order, while no other set-up works on this tree.
 * @param {string[]} names
 * @param {(toolchain: import("./toolchain.mjs").Toolchain) => Promise<void>} [then]
 *   further work under the same lock
 */
export async function setUp(names, then) {
  await withLock(join(buildDir, "setup.lock"), async () => {
    await sweepTemporaries(cacheDir);
    const state = {};
    for (const name of stepNames) {
      if (name === "toolchain" || names.includes(name)) await steps[name](state);
    }
    await then?.(state.toolchain);
  });
}

/** Runs `main` as a program: what a reader can act on is printed as a sentence. */
export async function runAsProgram(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = process.argv.slice(2);
  await runAsProgram(async () => {
    const unknown = names.find((name) => !stepNames.includes(name));
    if (unknown) throw new SetupError(`no step is called "${unknown}": there are ${stepNames.join(", ")}`);
    const onRequest = ["browsers", "checkpoints", "valgrind"];
    await setUp(names.length > 0 ? names : stepNames.filter((name) => !onRequest.includes(name)));
  });
}
