// SPDX-License-Identifier: Apache-2.0
// A server of a few files for tests of downloads: with ETags and ranges or without,
// and with the faults of real ones. It counts what it is asked.

import { createServer } from "node:http";

/** Pages of other origins may read all of it. */
const crossOrigin = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "etag, content-range, content-length",
};

/**
 * @typedef {object} Served
 * @property {Uint8Array | string} body
 * @property {string} [etag]
 * @property {boolean} [noRange] answers with the whole file, whatever is asked
 * @property {boolean} [noLength] chunked
 * @property {string} [type]
 * @property {number} [status]
 * @property {number[]} [cuts] after how many bytes of the file the next answers break off
 * @property {number[]} [holds] after how many bytes the next answers come to a stop
 * @property {() => void} [onRequest]
 */

export class FileServer {
  /** @type {Map<string, Served>} */
  files = new Map();
  /** @type {string[]} path, and the range asked for */
  requests = [];
  #server = createServer((request, response) => this.#answer(request, response));
  origin = "";

  static async start() {
    const server = new FileServer();
    await new Promise((resolve) => server.#server.listen(0, "127.0.0.1", () => resolve(undefined)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.#server.address());
    server.origin = `http://127.0.0.1:${port}`;
    return server;
  }

  /** @param {string} path @param {Served} served @returns {string} its URL */
  serve(path, served) {
    this.files.set(path, served);
    return this.origin + path;
  }

  /** @param {Record<string, string | Uint8Array>} files @param {string} folder */
  serveFolder(folder, files) {
    for (const [name, body] of Object.entries(files)) this.files.set(folder + name, { body });
    return this.origin + folder;
  }

  reset() {
    this.files.clear();
    this.requests.length = 0;
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  #answer(request, response) {
    const path = request.url ?? "";
    const range = request.headers.range;
    if (request.method === "OPTIONS") {
      return response.writeHead(204, { ...crossOrigin, "access-control-allow-headers": "range" }).end();
    }
    this.requests.push(range ? `${path} ${range}` : path);
    const served = this.files.get(path);
    if (served === undefined) return response.writeHead(404, crossOrigin).end("no");
    served.onRequest?.();
    const body = Buffer.from(/** @type {any} */ (served.body));
    const begin = range && !served.noRange ? Number(/\d+/.exec(range)?.[0]) : 0;
    const part = body.subarray(begin);
    response.writeHead(served.status ?? (begin > 0 ? 206 : 200), {
      ...crossOrigin,
      ...(served.type && { "content-type": served.type }),
      ...(served.etag && { etag: served.etag }),
      ...(!served.noLength && { "content-length": part.length }),
      ...(begin > 0 && { "content-range": `bytes ${begin}-${body.length - 1}/${body.length}` }),
    });
    const hold = served.holds?.shift();
    if (hold !== undefined) return response.write(part.subarray(0, hold));
    const cut = served.cuts?.shift();
    if (cut === undefined) return response.end(part);
    return response.write(body.subarray(begin, cut), () => response.destroy());
  }
}
