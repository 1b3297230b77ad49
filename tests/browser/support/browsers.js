// SPDX-License-Identifier: Apache-2.0
// The three engines behind one small interface, so that a test is written once.

import { chromium, firefox } from "playwright-core";
import { findProgram } from "./programs.js";
import { launchWebKit } from "./webkit.js";

const evaluateTimeoutMs = 300_000;

/**
 * @typedef {object} Page a fresh profile's only page
 * @property {(url: string) => Promise<unknown>} goto
 * @property {(body: Function, argument?: unknown) => Promise<any>} evaluate runs a
 *   function of one argument in the page and awaits it
 * @property {() => Promise<unknown>} close
 * @property {import("playwright-core").Page} [playwright] for what one engine alone
 *   is asked; not in WebKit
 */

/**
 * @typedef {object} Browser
 * @property {string} name
 * @property {() => Promise<Page>} newPage
 * @property {() => Promise<unknown>} close
 */

/** Neither sends anything to anyone, nor waits for a person. */
const chromiumArgs = [
  "--no-sandbox", // tests run as root in containers
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @type {Record<string, () => Promise<Browser>>} */
export const browsers = {
  chromium: async () => wrapPlaywright("chromium", await chromium.launch({
    executablePath: findProgram("chromium", "chromium-browser", "google-chrome"),
    args: chromiumArgs,
  })),
  firefox: async () => wrapPlaywright("firefox", await firefox.launch({
    channel: "moz-firefox", // by WebDriver BiDi; without it Playwright wants its own build
    executablePath: findProgram("firefox-esr", "firefox"),
  })),
  webkit: async () => wrapWebKit(await launchWebKit()),
};

/**
 * @param {string} name
 * @param {import("playwright-core").Browser} browser
 * @returns {Browser}
 */
function wrapPlaywright(name, browser) {
  return {
    name,
    async newPage() {
      const context = await browser.newContext();
      const page = await context.newPage();
      page.setDefaultTimeout(evaluateTimeoutMs);
      return {
        goto: (url) => page.goto(url),
        evaluate: (body, argument) => page.evaluate(/** @type {any} */ (body), argument),
        close: () => context.close(),
        playwright: page,
      };
    },
    close: () => browser.close(),
  };
}

/**
 * @param {Awaited<ReturnType<typeof launchWebKit>>} browser
 * @returns {Browser}
 */
function wrapWebKit(browser) {
  return {
    name: "webkit",
    async newPage() {
      const session = await browser.newSession();
      return {
        goto: (url) => session.goto(url),
        evaluate: (body, argument) => session.evaluate(body, argument, evaluateTimeoutMs),
        close: () => session.close(),
      };
    },
    close: () => browser.close(),
  };
}
