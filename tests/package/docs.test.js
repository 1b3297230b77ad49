// SPDX-License-Identifier: Apache-2.0
// What docs/bundlers.md and docs/hosting.md show is what the tests beside this one run.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { listFiles } from "../../tools/setup/files.mjs";
import { root, strictCsp } from "../browser/support/site.js";

/** @param {string} file */
async function codeBlocks(file) {
  const text = await readFile(join(root, "docs", file), "utf8");
  return [...text.matchAll(/^```\w*\n(.*?)\n```$/gms)].map(([, code]) => code);
}

test("every piece of code in docs/bundlers.md is part of a fixture", async () => {
  const fixtures = join(root, "tests/package/fixtures");
  const texts = await Promise.all((await listFiles(fixtures)).map((file) => readFile(join(fixtures, file), "utf8")));
  const blocks = await codeBlocks("bundlers.md");
  expect(blocks.length).toBeGreaterThan(5);
  expect(blocks.filter((code) => !texts.some((text) => text.includes(code)))).toEqual([]);
});

test("the headers in docs/hosting.md are those that the tests' server sends", async () => {
  const server = await readFile(join(root, "tests/browser/support/server.js"), "utf8");
  const [isolation, policy] = await codeBlocks("hosting.md");
  expect(policy).toBe(strictCsp);
  for (const line of isolation.split("\n")) {
    const [name, value] = line.split(": ");
    expect(server).toContain(`"${name}": "${value}"`);
  }
});
