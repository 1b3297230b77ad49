// SPDX-License-Identifier: Apache-2.0
// The npm packages of the tests and of the type checker. What we ship needs none.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildStampDir, root } from "./paths.mjs";
import { run } from "./process.mjs";
import { step } from "./report.mjs";
import { contentOf, unlessUnchanged } from "./stamp.mjs";

export async function setUpPackages() {
  const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const inputs = { devDependencies, lock: await contentOf(["package-lock.json"]) };
  await step("npm packages", () =>
    unlessUnchanged(join(buildStampDir, "npm.json"), inputs, [join(root, "node_modules")], () =>
      run("npm", ["ci", "--no-audit", "--no-fund"], { log: "npm", cwd: root })));
}
