// SPDX-License-Identifier: Apache-2.0
// Which variant of the module runs where, and that no other is fetched.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { browsers } from "./support/browsers.js";
import { freshPageForEach } from "./support/fresh-page.js";
import { rankThree } from "./support/in-page.js";
import { expectReferenceScores } from "./support/reference.js";
import { modelPath, serveSite, strictCsp } from "./support/site.js";

const timeoutMs = 120_000;
const variantNames = ["simd", "simd-threads", "relaxed-simd", "relaxed-simd-threads"];

/** @type {Record<string, import("./support/server.js").StaticServer>} */
const servers = {};
beforeAll(async () => {
  servers.isolated = await serveSite({ isolated: true, csp: strictCsp });
  servers["not isolated"] = await serveSite({ csp: strictCsp });
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.close())));

/** @param {import("./support/server.js").StaticServer} server */
function moduleRequests(server) {
  return new Set(server.requests.filter((path) => path.startsWith("/simile/wasm/")));
}

/** @param {string} variant */
function filesOf(variant) {
  return new Set(["js", "wasm"].map((type) => `/simile/wasm/simile-${variant}.${type}`));
}

/**
 * @param {string} engine
 * @param {string} isolation
 * @param {number} processors
 */
function expectedVariant(engine, isolation, processors) {
  // WebKitGTK has neither relaxed SIMD nor memory that can be shared.
  if (engine === "webkit") return "simd";
  return isolation === "isolated" && processors > 1 ? "relaxed-simd-threads" : "relaxed-simd";
}

describe.each(Object.entries(browsers))("in %s", (engine, launch) => {
  /** @type {import("./support/browsers.js").Page} */
  let page;
  freshPageForEach(launch, (fresh) => {
    page = fresh;
    for (const server of Object.values(servers)) server.requests.length = 0;
  });

  test.each(["isolated", "not isolated"])(
    "a page that is %s gets the best variant there, and fetches no other", async (isolation) => {
      const server = servers[isolation];
      await page.goto(server.url("/empty/"));
      const processors = await page.evaluate(() => navigator.hardwareConcurrency);
      const { info, scores, message } = await page.evaluate(rankThree, { model: modelPath, options: {} });
      expect(message).toBeUndefined();
      const expected = expectedVariant(engine, isolation, processors);
      expect(info.variant).toBe(expected);
      expect(info.threads > 1).toBe(expected.endsWith("-threads"));
      expectReferenceScores(scores, "int8");
      const requests = [...moduleRequests(server)];
      expect(new Set(requests)).toEqual(filesOf(expected));
    }, timeoutMs);

  test.each(variantNames)("variant %s, asked for by name, runs or is refused with a reason", async (variant) => {
    await page.goto(servers.isolated.url("/empty/"));
    const { info, scores, code, message } =
      await page.evaluate(rankThree, { model: modelPath, options: { variant } });
    if (engine === "webkit" && variant !== "simd") {
      expect(code).toBe("unsupported_environment");
      expect(message).toContain(variant);
      return;
    }
    expect(message).toBeUndefined();
    expect(info.variant).toBe(variant);
    expectReferenceScores(scores, "int8");
    expect(moduleRequests(servers.isolated)).toEqual(filesOf(variant));
  }, timeoutMs);
});

describe("in a page that is not cross-origin isolated", () => {
  const whyNoThreads = /SharedArrayBuffer|cross-origin isolated/;

  test("threads asked for by name are refused, and asked for by number are done without", async () => {
    const browser = await browsers.chromium();
    try {
      const page = await browser.newPage();
      await page.goto(servers["not isolated"].url("/empty/"));
      const named = await page.evaluate(rankThree, { model: modelPath, options: { variant: "simd-threads" } });
      expect(named.code).toBe("unsupported_environment");
      expect(named.message).toMatch(whyNoThreads);
      const counted = await page.evaluate(rankThree, { model: modelPath, options: { threads: 4 } });
      expect(counted.info.threads).toBe(1);
      expect(counted.info.variantReason).toMatch(whyNoThreads);
    } finally {
      await browser.close();
    }
  }, timeoutMs);
});
