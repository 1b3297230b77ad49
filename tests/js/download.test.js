// SPDX-License-Identifier: Apache-2.0
// Downloads that break off: they go on where the file is sure to be the same, and
// nowhere else.

import { openSource } from "../../js/model-store.js";
import { FileServer } from "./file-server.js";

/** @type {FileServer} */
let server;
/** @type {number[]} */
let waits;
const body = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i) % 251));

beforeAll(async () => {
  server = await FileServer.start();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  waits = [];
});

/** @param {string} url @param {import("../../js/download.js").DownloadOptions} [options] */
async function download(url, options) {
  const wait = async (/** @type {number} */ ms) => void waits.push(ms);
  const { chunks, totalBytes } = await openSource(url, { wait, ...options });
  const pieces = [];
  for await (const chunk of chunks) pieces.push(chunk.slice()); // good until the next one
  return { bytes: Buffer.concat(pieces), totalBytes };
}

test.each([
  ["with a strong ETag", { etag: "\"a\"" }, {}],
  ["whose hash is known", {}, { isHashed: true }],
  ["with a strong ETag, from a server without ranges", { etag: "\"a\"", noRange: true }, {}],
  ["of unknown length", { etag: "\"a\"", noLength: true }, {}],
])("a download %s goes on after three cuts, and nothing comes twice", async (_, served, options) => {
  const url = server.serve("/m", { body, cuts: [1000, 50_000, 99_999], ...served });
  const { bytes, totalBytes } = await download(url, options);
  expect(bytes.equals(body)).toBe(true);
  expect(totalBytes).toBe("noLength" in served ? undefined : body.length);
  expect(server.requests).toEqual(["/m", "/m bytes=1000-", "/m bytes=50000-", "/m bytes=99999-"]);
  expect(waits).toEqual([1000, 4000]); // the first time at once
});

test("it gives up after the third", async () => {
  const url = server.serve("/m", { body, etag: "\"a\"", cuts: [1000, 2000, 3000, 4000] });
  await expect(download(url)).rejects.toMatchObject({ code: "network", message: expect.stringMatching(/after 4000|broke off|ended/) });
  expect(server.requests).toHaveLength(4);
});

test("a server that fails for a while is asked again", async () => {
  /** @type {import("./file-server.js").Served} */
  const served = { body, etag: "\"a\"", cuts: [1000] };
  const url = server.serve("/m", served);
  served.onRequest = () => {
    served.status = server.requests.length === 2 ? 503 : undefined;
  };
  expect((await download(url)).bytes.equals(body)).toBe(true);
  expect(server.requests).toHaveLength(3);
});

test.each([
  ["without an ETag", {}],
  ["with a weak ETag", { etag: "W/\"a\"" }],
])("a download %s does not go on", async (_, served) => {
  const url = server.serve("/m", { body, cuts: [1000], ...served });
  await expect(download(url)).rejects.toMatchObject({ code: "network" });
  expect(server.requests).toEqual(["/m"]);
});

test.each([
  ["its ETag", { etag: "\"b\"" }],
  ["its ETag, and ranges are not served", { etag: "\"b\"", noRange: true }],
  ["its being there", { etag: "\"a\"", status: 404 }],
  ["its size", { etag: "\"a\"", status: 416 }],
])("a file that changes %s in the middle is not patched together", async (_, later) => {
  /** @type {import("./file-server.js").Served} */
  const served = { body, etag: "\"a\"", cuts: [1000] };
  const url = server.serve("/m", served);
  served.onRequest = () => {
    if (server.requests.length === 2) Object.assign(served, later);
  };
  await expect(download(url)).rejects.toMatchObject({ code: "network", message: expect.stringMatching(/changed/) });
});

test("an abort while it waits for the next try ends it", async () => {
  const controller = new AbortController();
  const url = server.serve("/m", { body, etag: "\"a\"", cuts: [1000, 2000] });
  const reason = new Error("enough");
  const wait = async () => controller.abort(reason);
  await expect(download(url, { wait, signal: controller.signal })).rejects.toBe(reason);
  expect(server.requests).toHaveLength(2);
});

test("a gap is not taken for the rest", async () => {
  const url = server.serve("/m", { body, etag: "\"a\"", cuts: [1000] });
  const realFetch = globalThis.fetch;
  globalThis.fetch = async (address, init) => {
    const { status, body: part } = await realFetch(address, init);
    const headers = { etag: "\"a\"", ...(status === 206 && { "content-range": "bytes 1001-99999/100000" }) };
    return new Response(part, { status, headers });
  };
  try {
    await expect(download(url)).rejects.toMatchObject({ code: "network" });
  } finally {
    globalThis.fetch = realFetch;
  }
});
