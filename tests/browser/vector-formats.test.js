// SPDX-License-Identifier: Apache-2.0
// Shortened, quantised and chunked vectors are the same bytes in every engine's
// worker as in Node, and embedStream gives them there, too.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { browsers } from "./support/browsers.js";
import { embedInFormats } from "./support/in-page.js";
import { dist, modelPath, serveSite } from "./support/site.js";

const timeoutMs = 300_000;

/** Every format once. */
const formats = [
  { precision: "float32", dims: 100 },
  { precision: "int8" },
  { precision: "binary", dims: 60 },
  { precision: "int8", dims: 256, overflow: "mean-chunks" },
];
const texts = ["I love machine learning", "Bananas are yellow", "", "a long text, ".repeat(300),
  ...Array.from({ length: 100 }, (_, i) => `text number ${i}`)];

/** @type {string[]} */
let expected;
/** @type {import("./support/server.js").StaticServer} */
let server;

beforeAll(async () => {
  const { load } = await import(pathToFileURL(join(dist, "simile/index.js")).href);
  const model = await load(join(dist, modelPath));
  expected = [];
  for (const format of formats) {
    const { data, scales } = await model.embed(texts, format);
    const hash = createHash("sha256").update(data);
    if (scales) hash.update(scales);
    expected.push(hash.digest("hex"));
  }
  model.dispose();
  server = await serveSite();
}, timeoutMs);
afterAll(() => server?.close());

test.each(["chromium", "firefox", "webkit"])("%s gives the bytes of Node in every format", async (engine) => {
  const browser = await browsers[engine]();
  try {
    const page = await browser.newPage();
    await page.goto(server.url("/empty/"));
    const found = await page.evaluate(embedInFormats, { model: modelPath, texts, formats });
    expect(found).toEqual({ hashes: expected, isSameInStream: true, worker: true });
  } finally {
    await browser.close();
  }
}, timeoutMs);
