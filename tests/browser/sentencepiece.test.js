// SPDX-License-Identifier: Apache-2.0
// A model with a sentencepiece tokenizer in a page of the strictest policy; and that a
// page with another model asks for nothing of the part that it needs.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sentencepieceModel, tinyPieces } from "../js/sentencepiece-model.js";
import { checkpointFiles, removeFolder, words, writeFolder } from "../js/tiny-checkpoint.js";
import { browsers } from "./support/browsers.js";
import { StaticServer } from "./support/server.js";
import { dist, root, strictCsp } from "./support/site.js";

const timeoutMs = 120_000;
const partPath = "/simile/wasm/simile-sentencepiece.wasm";

/**
 * In the page: the ids of a text.
 * @param {{ model: string, options: object }} argument
 * @returns {Promise<{ ids?: number[], code?: string, message?: string }>}
 */
async function idsOf({ model: source, options }) {
  const { load } = await import("/simile/index.js");
  try {
    const model = await load(source, options);
    const { ids } = await model.tokenize("the cats sat");
    model.dispose();
    return { ids };
  } catch (error) {
    return { code: error.code ?? "no code", message: String(error.message) };
  }
}

/** @type {string[]} */
const folders = [];
/** @type {StaticServer} */
let server;
beforeAll(async () => {
  const english = checkpointFiles();
  const { "vocab.txt": _, ...others } = english;
  const pieces = /** @type {typeof tinyPieces} */ ([...tinyPieces, ["x", -5], ["y", -5]]);
  expect(pieces.length + 2).toBe(words.length);
  folders.push(await writeFolder(english), await writeFolder({
    ...others,
    "sentencepiece.bpe.model": sentencepieceModel(pieces),
    "tokenizer_config.json": JSON.stringify({ tokenizer_class: "XLMRobertaTokenizer" }),
  }));
  server = await StaticServer.start({
    folders: {
      "/simile/": join(dist, "simile"),
      "/empty/": join(root, "tests/browser/pages"),
      "/english/": folders[0],
      "/multilingual/": folders[1],
    },
    csp: strictCsp,
  });
});
afterAll(async () => {
  await server?.close();
  await Promise.all(folders.map(removeFolder));
});

describe.each(Object.entries(browsers))("in %s", (name, launch) => {
  /** @type {import("./support/browsers.js").Browser} */
  let browser;
  beforeAll(async () => {
    browser = await launch();
  }, timeoutMs);
  afterAll(() => browser?.close(), timeoutMs);

  /** @param {string} model @param {boolean} worker */
  async function idsInPage(model, worker) {
    const page = await browser.newPage();
    server.requests.length = 0;
    try {
      await page.goto(server.url("/empty/"));
      return await page.evaluate(idsOf, { model, options: { variant: "simd", cache: false, worker } });
    } finally {
      server.faults.clear();
      await page.close();
    }
  }

  test.each([true, false])("a model of another tokenizer asks for nothing of the part (worker: %j)", async (worker) => {
    expect(await idsInPage("/english/", worker)).toEqual({ ids: [2, 5, 6, 12, 8, 3] });
    expect(server.requests).toContain("/simile/wasm/simile-simd.wasm");
    expect(server.requests.filter((path) => path.includes("sentencepiece") && !path.startsWith("/english/"))).toEqual([]);
  }, timeoutMs);

  test.each([true, false])("a sentencepiece model is loaded with its part (worker: %j)", async (worker) => {
    expect(await idsInPage("/multilingual/", worker)).toEqual({ ids: [0, 4, 5, 11, 7, 2] });
    expect(server.requests).toContain(partPath);
  }, timeoutMs);

  test("a part that is not there is a network error", async () => {
    server.faults.set(partPath, { status: 404 });
    expect(await idsInPage("/multilingual/", true)).toEqual({ code: "network", message: expect.stringMatching(/404/) });
  }, timeoutMs);
});
