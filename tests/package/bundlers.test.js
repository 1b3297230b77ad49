// SPDX-License-Identifier: Apache-2.0
// The packed package in a page: as plain files, and through each bundler, on a static
// server without headers and with them.

import { availableParallelism } from "node:os";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { browsers } from "../browser/support/browsers.js";
import { StaticServer } from "../browser/support/server.js";
import { dist, strictCsp } from "../browser/support/site.js";
import { installApp, removeApps, run } from "./support/apps.js";
import { openRanking } from "./support/ranking-page.js";

const timeoutMs = 240_000;
/** Where each app's build puts its page; "" is an app that needs no build. */
const outputs = { static: "", vite: "dist", vite7: "dist", webpack: "dist", rollup: "dist", esbuild: "dist", next: "out" };

/**
 * Bytes of JavaScript, minified, with brotli, that a page downloads which loads a model
 * and ranks in a worker: the page's, the worker's and the glue of the one variant that
 * it runs. esbuild adds nothing of its own to the package's; the others do, or put into
 * both page and worker what they share. docs/bundlers.md has these numbers.
 */
const maxScriptBytes = /** @type {Record<string, number>} */ (
  { esbuild: 25_000, vite7: 26_200, vite: 29_000, webpack: 28_200 });
/** What the glue of threads has more. */
const maxThreadBytes = 2_700;

/** @type {import("../browser/support/browsers.js").Browser} */
let browser;
beforeAll(async () => {
  browser = await browsers.chromium();
}, timeoutMs);
afterAll(async () => {
  await browser?.close();
  await removeApps();
}, timeoutMs);

describe.each(Object.entries(outputs))("%s", (name, output) => {
  /** @type {string} */
  let site;
  beforeAll(async () => {
    const app = await installApp(name);
    if (output) await run(app, "npm", "run", "build");
    site = join(app, output);
  }, timeoutMs);

  /**
   * @param {{ isolated?: boolean, csp?: string }} how
   * @param {string} [query]
   * @param {string[]} [requests] gets the paths that were asked for
   */
  async function open(how, query = "", requests = []) {
    const server = await StaticServer.start({ folders: { "/": site, "/models/": join(dist, "models") }, ...how });
    const page = await browser.newPage();
    try {
      const shown = await openRanking(/** @type {any} */ (page.playwright), server.url(`/${query}`));
      requests.push(...server.requests);
      return shown;
    } finally {
      await page.close();
      await server.close();
    }
  }

  test("ranks in a worker, with no header from the server", async () => {
    const { workers, variant } = await open({});
    expect(workers).toBeGreaterThan(0);
    expect(variant).toBe("relaxed-simd");
  }, timeoutMs);

  test("ranks in the page's own thread", async () => {
    expect(await open({}, "?direct")).toEqual({ workers: 0, variant: "relaxed-simd" });
  }, timeoutMs);

  test.each(["", "?direct"])("uses threads where the page is cross-origin isolated (%j)", async (query) => {
    const { variant } = await open({ isolated: true }, query);
    expect(variant).toBe(availableParallelism() > 1 ? "relaxed-simd-threads" : "relaxed-simd");
  }, timeoutMs);

  const maxBytes = maxScriptBytes[name];
  if (maxBytes !== undefined) {
    test.each([[{}, maxBytes], [{ isolated: true }, maxBytes + maxThreadBytes]])("has a page download little JavaScript (%j: %d bytes)", async (how, most) => {
      /** @type {string[]} */
      const requests = [];
      await open(how, "", requests);
      const scripts = [...new Set(requests)].filter((path) => path.endsWith(".js"));
      const sizes = await Promise.all(scripts.map(async (path) =>
        brotliCompressSync(await readFile(join(site, path))).length));
      expect(scripts.length).toBeGreaterThanOrEqual(3);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(most);
    }, timeoutMs);
  }

  if (name === "next") return; // its own pages hold inline scripts

  test("runs under a strict Content-Security-Policy", async () => {
    const { workers } = await open({ isolated: true, csp: `${strictCsp}; img-src data:` });
    expect(workers).toBeGreaterThan(0);
  }, timeoutMs);
});
