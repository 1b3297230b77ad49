// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:http";
import { isFolderLocation, openSource } from "../../js/model-store.js";
import { checkpointFolder } from "../../js/checkpoint-folder.js";
import { sharedTools } from "../../js/shared-tools.js";

/** @type {import("node:http").Server} */
let server;
/** @type {string} */
let origin;

/** @type {Record<string, import("node:http").RequestListener>} */
const routes = {
  "/good": (_, response) => response.setHeader("content-length", 6).end("abcdef"),
  "/chunked": (_, response) => {
    response.write("abc");
    response.end("def");
  },
  "/short": (_, response) => {
    response.setHeader("content-length", 6);
    response.write("abc", () => response.destroy());
  },
  "/html": (_, response) => response.setHeader("content-type", "text/html; charset=utf-8").end("<!doctype html>"),
  "/slow": (_, response) => {
    response.setHeader("content-length", 6);
    response.write("abc"); // and never the rest
  },
  "/folder/config.json": (_, response) => response.end("{}"),
  "/folder/vocab.txt": (_, response) => response.end("[PAD]"),
  "/folder/model.safetensors": (_, response) => response.end("weights"),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const route = routes[request.url ?? ""];
    if (route) route(request, response);
    else response.writeHead(404).end("no");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  origin = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** @param {unknown} source @param {AbortSignal} [signal] */
async function readAll(source, signal) {
  const { chunks, totalBytes } = await openSource(source, { signal });
  const pieces = [];
  for await (const chunk of chunks) pieces.push(chunk.slice()); // good until the next one
  return { text: Buffer.concat(pieces).toString(), totalBytes };
}

/** @param {unknown} value */
const stream = (value) => new ReadableStream({
  start(controller) {
    controller.enqueue(value);
    controller.close();
  },
});
const bytes = new TextEncoder().encode("abcdef");

test.each([
  ["an ArrayBuffer", () => bytes.buffer.slice(0), 6],
  ["a view in the middle of a buffer", () => new TextEncoder().encode("-abcdef-").subarray(1, 7), 6],
  ["a DataView", () => new DataView(bytes.buffer), 6],
  ["a Blob", () => new Blob([bytes]), 6],
  ["a Response", () => new Response(bytes), undefined],
  ["a stream", () => stream(bytes), undefined],
  ["a URL string", () => `${origin}/good`, 6],
  ["a URL", () => new URL(`${origin}/good`), 6],
  ["a chunked body", () => `${origin}/chunked`, undefined],
])("reads %s", async (_, source, totalBytes) => {
  expect(await readAll(source())).toEqual({ text: "abcdef", totalBytes });
});

test("reads a path and a file: URL", async () => {
  const url = new URL("./fixture-line.txt", import.meta.url);
  expect((await readAll(url)).text).toBe("one line\n");
  expect((await readAll(decodeURIComponent(url.pathname))).text).toBe("one line\n");
});

test.each([
  ["404", "/missing", "network", /missing: the server answered 404 Not Found/],
  ["a web page", "/html", "network", /html brought an HTML page/],
  ["a body that ends early", "/short", "network", /short (broke off|ended) after 3/],
])("names %s", async (_, path, code, message) => {
  await expect(readAll(origin + path)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test("names a server that is not there", async () => {
  await expect(readAll("http://127.0.0.1:9/x")).rejects.toMatchObject({ code: "network" });
});

test("finds a body shorter than announced even if the transport does not", async () => {
  const response = new Response("abc", { headers: { "content-length": "6" } });
  await expect(readAll(response)).rejects.toMatchObject({ code: "network", message: expect.stringMatching(/after 3 of 6 bytes/) });
});

test("lets a body be longer than announced, as compressed ones are", async () => {
  expect((await readAll(new Response("abcdef", { headers: { "content-length": "3" } }))).text).toBe("abcdef");
});

test("names a missing file", async () => {
  await expect(readAll("no-such-file.simile")).rejects.toMatchObject({
    code: "invalid_argument", message: "cannot read no-such-file.simile: there is no such file" });
});

test.each([[5], [null], [{}], [[bytes]], [() => {}]])("refuses %p", async (source) => {
  await expect(readAll(source)).rejects.toMatchObject({ code: "invalid_argument" });
});

test("refuses a stream of strings and a Response that was read", async () => {
  await expect(readAll(stream("abc"))).rejects.toMatchObject({ code: "invalid_argument" });
  const response = new Response("abc");
  await response.text();
  await expect(readAll(response)).rejects.toMatchObject({ code: "invalid_argument" });
});

test("an abort ends a download at once, with its reason", async () => {
  const controller = new AbortController();
  const reading = readAll(`${origin}/slow`, controller.signal);
  setImmediate(() => controller.abort());
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
});

test("an abort in the middle of a body ends it", async () => {
  const controller = new AbortController();
  const { chunks } = await openSource(`${origin}/slow`, { signal: controller.signal });
  const reason = new Error("enough");
  await expect((async () => {
    for await (const chunk of chunks) {
      expect(chunk.length).toBe(3);
      controller.abort(reason);
    }
  })()).rejects.toBe(reason);
});

test("a remote folder may lack files, unless they are known to be there", async () => {
  const folder = checkpointFolder(`${origin}/folder/`, sharedTools);
  expect(await folder.readFile("config.json")).toBeInstanceOf(Uint8Array);
  expect(await folder.readFile("README.md")).toBeUndefined();
  const known = checkpointFolder(`${origin}/folder/`, sharedTools, ["README.md"]);
  await expect(known.readFile("README.md")).rejects.toMatchObject({ code: "network" });
  expect(await known.readFile("config.json")).toBeUndefined(); // not asked for
  const weights = await folder.openWeights("model.safetensors");
  expect(weights.name).toBe(`${origin}/folder/model.safetensors`);
  await expect(folder.openWeights("other.safetensors")).rejects.toMatchObject({
    code: "bad_model", message: expect.stringMatching(/has no other\.safetensors; weights must be in/),
  });
  await expect(checkpointFolder("http://127.0.0.1:1/", sharedTools).readFile("config.json"))
    .rejects.toMatchObject({ code: "network" });
});

test.each([
  ["https://example.org/model/", true],
  ["https://example.org/model/?download=1", true],
  ["https://example.org/model.simile", false],
  ["https://example.org/model.simile?path=/", false],
  ["models/", true],
])("%s is a folder: %p", async (location, expected) => {
  expect(await isFolderLocation(location)).toBe(expected);
});
