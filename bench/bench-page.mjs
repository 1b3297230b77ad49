// SPDX-License-Identifier: Apache-2.0
// The page of measurements as the driver sees it: dist/ with the peers and the
// micro-kernels beside it, and one BenchSession in each fresh page.

import { StaticServer } from "../tests/browser/support/server.js";
import { distDir } from "../tools/setup/paths.mjs";
import { productsDir } from "./native-setup.mjs";

/**
 * @param {import("./peer-setup.mjs").Peers} peers
 * @param {{ isolated: boolean, [option: string]: unknown }} options
 */
export function serveBench(peers, { folders = {}, ...options }) {
  const peerFolders = Object.entries(peers.folders)
    .map(([path, folder]) => [`/bench/peers/${path}${path === "" ? "" : "/"}`, folder]);
  return StaticServer.start({
    folders: { "/": distDir, "/bench/products/": productsDir, ...Object.fromEntries(peerFolders), ...folders },
    ...options,
  });
}

/** One fresh page load. */
export class BenchPage {
  #page;
  failures;
  machine;
  info;

  /**
   * @param {import("../tests/browser/support/browsers.js").Browser} browser
   * @param {string} url of the site
   * @param {string[]} names of runtimes
   * @param {object} options for each
   */
  static async open(browser, url, names, options) {
    const page = await browser.newPage();
    await page.goto(`${url}bench/`);
    const opened = await page.evaluate(async (argument) => {
      const { BenchSession } = await import("/bench/measure/session.js");
      const { describeMachine } = await import("/bench/measure/machine.js");
      globalThis.session = await BenchSession.open(argument.names, argument.options);
      return { failures: globalThis.session.failures, info: globalThis.session.info, machine: describeMachine() };
    }, { names, options });
    return new BenchPage(page, opened);
  }

  constructor(page, { failures, info, machine }) {
    this.#page = page;
    Object.assign(this, { failures, info, machine });
  }

  get playwright() {
    return this.#page.playwright;
  }

  /** A method of the page's BenchSession. */
  call(method, ...args) {
    return this.#page.evaluate((argument) =>
      globalThis.session[argument.method](...argument.args), { method, args });
  }

  /** Each kernel's rates; null if the page has no module of them. */
  kernels(variant, lengths, msEach) {
    return this.#page.evaluate(async (argument) => {
      const { measureKernels, openProducts } = await import("/bench/measure/ceiling.js");
      const module = await openProducts(argument.variant);
      return module && measureKernels(module, argument.lengths, argument.msEach);
    }, { variant, lengths, msEach });
  }

  close() {
    return this.#page.close();
  }
}
