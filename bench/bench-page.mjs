// SPDX-License-Identifier: Apache-2.0
// The page of measurements as the driver sees it: dist/ with the peers and the
// micro-kernels beside it, and one BenchSession in each fresh page.

import { browsers } from "../tests/browser/support/browsers.js";
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

/**
 * What `measure` finds in each of so many page loads.
 * @param {import("./peer-setup.mjs").Peers} peers
 * @param {{ browser: string, loads: number }} options
 * @param {{ title: string, serving: Parameters<typeof serveBench>[1] }} what
 * @param {(line: string) => void} tell
 * @param {(browser: import("../tests/browser/support/browsers.js").Browser, server: StaticServer) =>
 *   Promise<T>} measure
 * @returns {Promise<T[]>}
 * @template T
 */
export async function eachLoad(peers, { browser: name, loads }, { title, serving }, tell, measure) {
  const server = await serveBench(peers, serving);
  const browser = await browsers[name]();
  const found = [];
  try {
    for (let i = 0; i < loads; ++i) {
      found.push(await measure(browser, server));
      tell(`${title} ${i + 1} of ${loads}`);
    }
    return found;
  } finally {
    await browser.close();
    await server.close();
  }
}

/**
 * In a fresh page of the site that holds nothing: an exported function of one of its modules.
 * @param {import("../tests/browser/support/browsers.js").Browser} browser
 * @param {StaticServer} server
 * @param {{ module: string, name: string, args: unknown[] }} what
 */
export async function callInEmptyPage(browser, server, what) {
  const page = await browser.newPage();
  await page.goto(server.url("/bench/start.html?runtime=none"));
  const found = await page.evaluate(async ({ module, name, args }) =>
    (await import(module))[name](...args), what);
  await page.close();
  return found;
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
