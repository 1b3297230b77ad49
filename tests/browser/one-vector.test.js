// SPDX-License-Identifier: Apache-2.0
// One vector, everywhere: with int8 weights the vectors of 1,000 texts are the
// same bits in every engine and variant, in Node and natively.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { load } from "../../js/index.js";
import { browsers } from "./support/browsers.js";
import { nativeProgram } from "./support/programs.js";
import { hashVectors } from "./support/in-page.js";
import { dist, modelPath, serveSite, textsFile } from "./support/site.js";

const timeoutMs = 300_000;
const modelFile = join(dist, modelPath);
const variantNames = ["simd", "simd-threads", "relaxed-simd", "relaxed-simd-threads"];

/** @param {object} options */
async function hashInNode(options) {
  const model = await load(modelFile, options);
  const texts = (await readFile(textsFile, "utf8")).trimEnd().split("\n");
  expect(texts).toHaveLength(1000);
  const { data } = await model.embed(texts);
  model.dispose();
  return createHash("sha256").update(data).digest("hex");
}

/** @type {string} the hash that all others are held against */
let expected;
/** @type {import("./support/server.js").StaticServer} */
let server;
beforeAll(async () => {
  expected = await hashInNode({ variant: "simd" });
  server = await serveSite({ isolated: true });
}, timeoutMs);
afterAll(() => server?.close());

test("Node with two threads gives the vectors of one", async () => {
  expect(await hashInNode({ variant: "simd-threads", threads: 2 })).toBe(expected);
}, timeoutMs);

test("the native build gives the vectors of Node", async () => {
  const { stdout } = await promisify(execFile)(nativeProgram("vector_hash"), [modelFile, textsFile]);
  expect(stdout.trim()).toBe(expected);
}, timeoutMs);

describe.each([
  ["chromium", variantNames],
  ["firefox", ["relaxed-simd", "relaxed-simd-threads"]],
  ["webkit", ["simd"]],
])("%s", (engine, variants) => {
  /** @type {import("./support/browsers.js").Browser} */
  let browser;
  beforeAll(async () => {
    browser = await browsers[engine]();
  }, timeoutMs);
  afterAll(() => browser?.close(), timeoutMs);

  test.each(variants)("gives the vectors of Node with variant %s", async (variant) => {
    const page = await browser.newPage();
    await page.goto(server.url("/empty/"));
    expect(await page.evaluate(hashVectors, { model: modelPath, options: { variant } })).toBe(expected);
    await page.close();
  }, timeoutMs);
});
