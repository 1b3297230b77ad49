// SPDX-License-Identifier: Apache-2.0
// A static file server that can also misbehave: headers by switch, answers by
// path, and a record of every request. Listens on this machine alone.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * @typedef {object} Fault how to answer a path differently
 * @property {number} [status]
 * @property {string} [type] Content-Type
 * @property {(body: Buffer) => Buffer} [change] what to send instead of the file
 * @property {number} [cutAfter] so many bytes, then the connection is dropped
 */

/**
 * @typedef {object} ServerOptions
 * @property {Record<string, string>} folders by the path that each is served
 *   under; the longest that fits is taken
 * @property {boolean} [isolated] send COOP and COEP: pages are cross-origin isolated
 * @property {string} [csp] Content-Security-Policy of every answer
 * @property {string} [cacheControl] of every answer
 */

export class StaticServer {
  #server;
  #options;
  /** @type {Map<string, Fault>} by path */
  faults = new Map();
  /** @type {string[]} the paths asked for, in order */
  requests = [];

  /** @param {ServerOptions} options */
  constructor(options) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** @param {ServerOptions} options */
  static async start(options) {
    const server = new StaticServer(options);
    await new Promise((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(0, "127.0.0.1", () => resolve(undefined));
    });
    return server;
  }

  /** @param {string} path */
  url(path) {
    const address = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${address.port}${path}`;
  }

  close() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    return closed;
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async #answer(request, response) {
    const asked = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    this.requests.push(asked);
    const path = asked.endsWith("/") ? `${asked}index.html` : asked;
    const fault = this.faults.get(path) ?? {};
    const file = await this.#read(path);
    const body = fault.change?.(file ?? Buffer.alloc(0)) ?? file;
    const isFound = body !== undefined;
    response.writeHead(fault.status ?? (isFound ? 200 : 404), {
      "content-type": fault.type ?? types[extname(path)] ?? "application/octet-stream",
      "content-length": body?.length ?? 0,
      ...this.#headers(),
    });
    if (fault.cutAfter === undefined || !isFound) {
      response.end(body);
    } else {
      response.write(body.subarray(0, fault.cutAfter), () => response.destroy());
    }
  }

  #headers() {
    const { isolated, csp, cacheControl } = this.#options;
    return {
      ...(isolated && {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
      }),
      ...(csp && { "content-security-policy": csp }),
      ...(cacheControl && { "cache-control": cacheControl }),
    };
  }

  /** @param {string} path */
  async #read(path) {
    const prefix = Object.keys(this.#options.folders)
      .filter((one) => path.startsWith(one)).sort((a, b) => b.length - a.length)[0];
    if (prefix === undefined) return undefined;
    const inside = normalize(`/${path.slice(prefix.length)}`); // never above the folder
    return readFile(join(this.#options.folders[prefix], inside)).catch(() => undefined);
  }
}
