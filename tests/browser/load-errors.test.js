// SPDX-License-Identifier: Apache-2.0
// What servers get wrong: each fault gets its own SimileError, or does no harm,
// and the next load works.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { browsers } from "./support/browsers.js";
import { rankThree } from "./support/in-page.js";
import { expectReferenceScores } from "./support/reference.js";
import { modelPath, serveSite } from "./support/site.js";

const timeoutMs = 120_000;
const wasmPath = "/simile/wasm/simile-simd.wasm";
const gluePath = "/simile/wasm/simile-simd.js";
const html = () => Buffer.from("<!doctype html><title>Welcome</title>");

/**
 * Other weights in a file that is sound in all else (8 bytes of header
 * length, the header as JSON, the tensors).
 * @param {Buffer} body
 */
function withDamagedWeights(body) {
  const headerEnd = 8 + Number(body.readBigUInt64LE());
  const header = JSON.parse(body.toString("utf8", 8, headerEnd));
  const [begin, end] = header["encoder.layer.2.intermediate.dense.weight"].data_offsets;
  return Buffer.from(body).fill(0x55, headerEnd + begin, headerEnd + end);
}

/** @type {[string, string, import("./support/server.js").Fault, string, RegExp][]} */
const faults = [
  ["a model that is not there", modelPath, { status: 404 }, "network", /404/],
  ["a server that fails", modelPath, { status: 503 }, "network", /503/],
  ["an HTML page instead of the model", modelPath, { type: "text/html", change: html }, "network", /HTML/],
  ["an HTML page that calls itself a model", modelPath, { change: html }, "bad_model", /./],
  ["a model whose download is cut", modelPath, { cutAfter: 3_000_000 }, "network", /broke off|ended/],
  ["a model that lacks its last byte", modelPath, { change: (body) => body.subarray(0, -1) }, "bad_model", /./],
  ["an empty model", modelPath, { change: () => Buffer.alloc(0) }, "bad_model", /./],
  ["a model with damaged weights", modelPath, { change: withDamagedWeights }, "integrity", /./],
  ["a module that is not there", wasmPath, { status: 404 }, "network", /404/],
  ["an HTML page instead of the module", wasmPath, { type: "text/html", change: html }, "network", /HTML/],
  ["a module whose download is cut", wasmPath, { cutAfter: 10_000 }, "network", /./],
  ["a module that is no WebAssembly", wasmPath, { change: html }, "network", /WebAssembly/],
  ["a module's script that is not there", gluePath, { status: 404 }, "network", /simd/],
];

/** @type {import("./support/server.js").StaticServer} */
let server;
beforeAll(async () => {
  server = await serveSite();
});
afterAll(() => server.close());

describe.each(Object.entries(browsers))("in %s", (name, launch) => {
  /** @type {import("./support/browsers.js").Browser} */
  let browser;
  beforeAll(async () => {
    browser = await launch();
  }, timeoutMs);
  afterAll(() => browser?.close(), timeoutMs);

  const loadSimd = { model: modelPath, options: { variant: "simd" } };

  /** @param {(page: import("./support/browsers.js").Page) => Promise<void>} use */
  async function withPage(use) {
    const page = await browser.newPage();
    try {
      await page.goto(server.url("/empty/"));
      await use(page);
    } finally {
      server.faults.clear();
      await page.close();
    }
  }

  test.each(faults)("%s is named by its error, and the next load works", async (_, path, fault, code, message) => {
    await withPage(async (page) => {
      server.faults.set(path, fault);
      const failed = await page.evaluate(rankThree, loadSimd);
      expect(failed).toEqual({ code, message: expect.stringMatching(message) });
      server.faults.clear();
      // A script that failed to load stays failed in its page: engines remember it.
      if (path === gluePath) await page.goto(server.url("/empty/"));
      const { scores } = await page.evaluate(rankThree, loadSimd);
      expectReferenceScores(scores, "int8");
    });
  }, timeoutMs);

  test.each(["text/plain", "application/octet-stream", ""])(
    "a module served as '%s' loads all the same", async (type) => {
      await withPage(async (page) => {
        server.faults.set(wasmPath, { type });
        const { scores, message } = await page.evaluate(rankThree, loadSimd);
        expect(message).toBeUndefined();
        expectReferenceScores(scores, "int8");
      });
    }, timeoutMs);
});

describe("under a Content-Security-Policy that forbids WebAssembly", () => {
  test("the error says what to allow", async () => {
    const strict = await serveSite({ csp: "default-src 'self'" });
    const browser = await browsers.chromium();
    try {
      const page = await browser.newPage();
      await page.goto(strict.url("/empty/"));
      const { code, message } = await page.evaluate(rankThree, { model: modelPath, options: {} });
      expect(code).toBe("unsupported_environment");
      expect(message).toContain("'wasm-unsafe-eval'");
    } finally {
      await browser.close();
      await strict.close();
    }
  }, timeoutMs);
});
