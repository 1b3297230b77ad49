// SPDX-License-Identifier: Apache-2.0
// A fresh page for each test of a block, in one browser for all.

import { afterAll, afterEach, beforeAll, beforeEach } from "@jest/globals";

const timeoutMs = 120_000;

/**
 * To be called in a describe block, or in a file for all of its tests.
 * @param {() => Promise<import("./browsers.js").Browser>} launch
 * @param {(page: import("./browsers.js").Page) => unknown} use is told of each page
 *   before its test, and may prepare it
 */
export function freshPageForEach(launch, use) {
  /** @type {import("./browsers.js").Browser} */
  let browser;
  /** @type {import("./browsers.js").Page | undefined} */
  let page;
  beforeAll(async () => {
    browser = await launch();
  }, timeoutMs);
  afterAll(() => browser?.close(), timeoutMs);
  beforeEach(async () => {
    page = await browser.newPage();
    await use(page);
  }, timeoutMs);
  afterEach(() => page?.close(), timeoutMs);
}
