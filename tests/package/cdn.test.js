// SPDX-License-Identifier: Apache-2.0
// The packed package imported from another origin, as from a CDN. A browser makes no
// worker of another origin's file, so that the page asks for none.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { browsers } from "../browser/support/browsers.js";
import { StaticServer } from "../browser/support/server.js";
import { dist } from "../browser/support/site.js";
import { installApp, removeApps } from "./support/apps.js";
import { openRanking } from "./support/ranking-page.js";

const timeoutMs = 120_000;
const cdn = "https://cdn.example/simile@0.1.0/";

/** @type {import("../browser/support/browsers.js").Browser} */
let browser;
/** @type {StaticServer} */
let server;
/** @type {string} */
let app;
beforeAll(async () => {
  browser = await browsers.chromium();
  app = await installApp("cdn");
  server = await StaticServer.start({ folders: { "/": app, "/models/": join(dist, "models") } });
}, timeoutMs);
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await removeApps();
}, timeoutMs);

describe("a page that imports the package from another origin", () => {
  test("ranks in its own thread", async () => {
    const page = await browser.newPage();
    const playwright = /** @type {import("playwright-core").Page} */ (page.playwright);
    await playwright.route(`${cdn}**`, (route) => route.fulfill({
      path: join(app, "node_modules/simile", route.request().url().slice(cdn.length)),
      headers: { "access-control-allow-origin": "*" },
    }));
    try {
      expect((await openRanking(playwright, server.url("/"))).workers).toBe(0);
    } finally {
      await page.close();
    }
  }, timeoutMs);
});
