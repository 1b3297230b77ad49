// SPDX-License-Identifier: Apache-2.0
// What tests/package needs: the package as npm packs it, and the bundlers and
// runtimes of tests/package/tools, installed in the cache, outside the tree.

import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { putInPlace } from "./setup/files.mjs";
import { buildDir, cacheDir, cacheStampDir, root } from "./setup/paths.mjs";
import { run } from "./setup/process.mjs";
import { step } from "./setup/report.mjs";
import { contentOf, unlessUnchanged } from "./setup/stamp.mjs";

const listDir = "tests/package/tools";
const packDir = join(buildDir, "package");

/** Where they are installed. Apps that use them stand in folders beside node_modules. */
export const packageToolsDir = join(cacheDir, "package-tools");

async function installTools() {
  const inputs = await contentOf([listDir]);
  await step("bundlers and runtimes", () =>
    unlessUnchanged(join(cacheStampDir, "package-tools.json"), inputs, [join(packageToolsDir, "node_modules")], () =>
      putInPlace(packageToolsDir, async (temporary) => {
        await cp(join(root, listDir), temporary, { recursive: true });
        // A runtime is its binary: no script of a package runs.
        await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { log: "npm-package", cwd: temporary });
      })));
}

async function pack() {
  await rm(packDir, { recursive: true, force: true });
  await mkdir(packDir, { recursive: true });
  await step("npm pack", () => run("npm", ["pack", "--pack-destination", packDir], { log: "npm-pack", cwd: root }));
}

/** The file that `npm pack` made last. */
export async function packedFile() {
  const [name] = (await readdir(packDir).catch(() => [])).filter((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new Error("nothing is packed: run `npm test package`");
  return join(packDir, name);
}

/** Packs the package as it stands, and makes the tools ready. */
export async function preparePackageTests() {
  await installTools();
  await pack();
}
