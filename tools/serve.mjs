// SPDX-License-Identifier: Apache-2.0
// A small static file server for this machine: dist/ as a good host would serve
// it, cross-origin isolated so that threads are there. Not for the open network.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const mimeTypes = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

export const isolationHeaders = {
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** The file that a URL path means, inside `dir`, or null. */
async function findFile(dir, urlPath) {
  let path;
  try {
    path = normalize(join(dir, decodeURIComponent(urlPath)));
  } catch {
    return null;  // broken percent-encoding
  }
  if (path.includes("\0") || !`${path}${sep}`.startsWith(normalize(dir) + sep)) return null;
  let info = await stat(path).catch(() => null);
  if (info?.isDirectory()) {
    path = join(path, "index.html");
    info = await stat(path).catch(() => null);
  }
  return info?.isFile() ? { path, size: info.size, tag: `"${info.size}-${info.mtimeMs}"` } : null;
}

/** The single byte range that a Range header asks for; null: the whole; undefined: impossible. */
function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const begin = match[1] === "" ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === "" || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  return begin <= end ? { begin, end } : undefined;
}

async function answer(dir, headers, request, response) {
  const reply = (status, extra = {}, body = "") =>
    response.writeHead(status, { ...headers, ...extra }).end(body);
  if (request.method !== "GET" && request.method !== "HEAD") return reply(405, { Allow: "GET, HEAD" });
  const file = await findFile(dir, new URL(request.url, "http://localhost").pathname);
  if (!file) return reply(404, { "Content-Type": "text/plain" }, "not found\n");
  const common = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "no-cache",
    "Content-Type": mimeTypes[extname(file.path)] ?? "application/octet-stream",
    ETag: file.tag,
  };
  if (request.headers["if-none-match"] === file.tag) return reply(304, common);
  const range = parseRange(request.headers.range, file.size);
  if (range === undefined) return reply(416, { "Content-Range": `bytes */${file.size}` });
  const { begin, end } = range ?? { begin: 0, end: file.size - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers, ...common, "Content-Length": end - begin + 1,
    ...(range && { "Content-Range": `bytes ${begin}-${end}/${file.size}` }),
  });
  if (request.method === "HEAD" || file.size === 0) return response.end();
  return createReadStream(file.path, { start: begin, end })
    .on("error", () => response.destroy()).pipe(response);
}

/**
 * Serves `dir` on 127.0.0.1.
 * @param {string} dir
 * @param {{port?: number, isolated?: boolean}} [options] port 0: any free one
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export function serve(dir, { port = 0, isolated = true } = {}) {
  const headers = isolated ? isolationHeaders : {};
  const server = createServer((request, response) => {
    answer(dir, headers, request, response).catch(() => response.destroy());
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(port, "127.0.0.1", () => resolve({
      url: `http://127.0.0.1:${server.address().port}/`,
      close: () => new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
    }));
  });
}
