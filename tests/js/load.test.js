// SPDX-License-Identifier: Apache-2.0
// What `load` takes and refuses, on the real module with a checkpoint of a few
// kilobytes.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { load } from "../../js/index.js";
import { removeFolder, weights, writeFolder } from "./tiny-checkpoint.js";
import { checkpoint, convert, expectError, removeCheckpoints, texts } from "./tiny-model.js";

/** @type {string} */
let folder;
/** @type {Uint8Array} a Simile file */
let file;
/** @type {import("../../js/index.js").Embedder} */
let model;

beforeAll(async () => {
  folder = await checkpoint({ prompts: { query: "the ", document: "", other: "a " } });
  file = await convert(folder);
  model = await load(file);
});

afterAll(async () => {
  model.dispose();
  await removeCheckpoints();
});

/** @param {Uint8Array} bytes @param {(header: any) => void} change */
function withHeader(bytes, change) {
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
  change(header);
  const text = new TextEncoder().encode(JSON.stringify(header).padEnd(Math.ceil(size / 64) * 64 + 64));
  const changed = new Uint8Array(8 + text.length + bytes.length - 8 - size);
  new DataView(changed.buffer).setBigUint64(0, BigInt(text.length), true);
  changed.set(text, 8);
  changed.set(bytes.subarray(8 + size), 8 + text.length);
  return changed;
}

describe("load", () => {
  test.each([
    ["a checkpoint's folder", () => folder],
    ["its file: URL", () => pathToFileURL(`${folder}/`)],
    ["a Blob", () => new Blob([/** @type {any} */ (file)])],
    ["a Response", () => new Response(/** @type {any} */ (file))],
    ["a stream", () => new Blob([/** @type {any} */ (file)]).stream()],
    ["an ArrayBuffer", () => file.slice().buffer],
  ])("from %s gives the same vectors", async (_, source) => {
    /** @type {number[]} */
    const fractions = [];
    const loaded = await load(source(), { onProgress: ({ fraction }) => fractions.push(fraction) });
    expect((await loaded.embed(texts)).data).toEqual((await model.embed(texts)).data);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    loaded.dispose();
  });

  test("f32 weights are near the int8 ones", async () => {
    const precise = await load(await convert(folder, "f32"));
    const scores = await Promise.all(texts.map(async (text) =>
      model.similarity((await model.embed(text))[0], (await precise.embed(text))[0])));
    expect(Math.min(...scores)).toBeGreaterThan(0.99);
    expect(precise.info().model).toMatchObject({ precision: "f32", dims: 32 });
    precise.dispose();
  });

  test("checks the file's hash when it is given", async () => {
    const hash = Buffer.from(await crypto.subtle.digest("SHA-256", /** @type {any} */ (file))).toString("hex");
    (await load(file, { sha256: hash.toUpperCase() })).dispose();
    await expectError(load(file, { sha256: "0".repeat(64) }), "integrity", new RegExp(`expected sha256 0+, got ${hash}`));
    await expectError(load(file, { sha256: "abc" }), "invalid_argument", /sha256/);
  });

  test.each([
    ["nothing", () => new Uint8Array(0), "bad_model", /./],
    ["text", () => new TextEncoder().encode("<!doctype html><p>This is no model."), "bad_model", /./],
    ["half a file", () => file.subarray(0, file.length / 2), "bad_model", /./],
    ["a file without its last byte", () => file.subarray(0, -1), "bad_model", /./],
    ["a file with a byte too many", () => Uint8Array.of(...file, 0), "bad_model", /./],
    ["a plain safetensors file", () => weights(), "bad_model", /./],
    ["a file that lacks a tensor", () => withHeader(file, (header) => {
      delete header["encoder.layer.1.output.dense.bias"];
    }), "bad_model", /./],
    ["a shape that is not the model's", () => withHeader(file, (header) => {
      header["embeddings.LayerNorm.bias"].shape = [16, 2];
    }), "bad_model", /embeddings\.LayerNorm\.bias/],
  ])("refuses %s, and the next load works", async (_, bytes, code, message) => {
    await expectError(load(bytes()), code, message);
    (await load(file)).dispose();
  });

  test("finds a flipped bit by the golden vectors", async () => {
    const damaged = file.slice();
    damaged[damaged.length - 2000] ^= 0x40;
    const error = await load(damaged).then(() => undefined, (reason) => reason);
    expect(["integrity", "bad_model"]).toContain(error?.code);
  });

  test.each([
    ["another architecture", { config: { model_type: "gpt2", architectures: ["GPT2Model"] } }, /gpt2/i],
    ["another activation", { config: { hidden_act: "mish" } }, /mish/],
    ["NaN among the weights", { weights: weights({ poison: NaN }) }, /NaN|finite/i],
    ["infinity among the weights", { weights: weights({ poison: Infinity }) }, /infin|finite/i],
    ["cut weights", { weights: weights().subarray(0, -100) }, /./],
    ["sizes that do not fit", { config: { hidden_size: 48 } }, /./],
  ])("refuses a checkpoint with %s", async (_, parts, message) => {
    await expectError(load(await checkpoint(/** @type {any} */ (parts))), "bad_model", message);
  });

  test("refuses a folder without a config", async () => {
    const empty = await writeFolder({ "model.safetensors": weights() });
    await expectError(load(empty), "bad_model", /config\.json/);
    await expectError(load(join(empty, "nowhere")), "invalid_argument", /nowhere/);
    await removeFolder(empty);
  });

  test.each([
    [{ topK: 1 }, /unknown option 'topK'/],
    [{ threads: 0 }, /threads: expected a whole number from 1 to 64, got 0/],
    [{ threads: "2" }, /threads/],
    [{ variant: "avx" }, /variant/],
    [{ onProgress: 1 }, /onProgress/],
    [{ signal: {} }, /signal/],
    [null, /options/],
  ])("refuses options %j", async (options, message) => {
    await expectError(load(file, /** @type {any} */ (options)), "invalid_argument", message);
  });

  test("is ended by an abort, before and in the middle", async () => {
    await expect(load(file, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
    const controller = new AbortController();
    const reason = new Error("enough");
    const stream = new ReadableStream({
      pull(source) {
        source.enqueue(file.subarray(0, 100));
        controller.abort(reason);
      },
    });
    await expect(load(stream, { signal: controller.signal })).rejects.toBe(reason);
    (await load(file)).dispose();
  });

  test("a wrong wasmUrl is a network error, and a retry without it works", async () => {
    await expectError(load(file, { wasmUrl: "http://127.0.0.1:9/" }), "network", /127\.0\.0\.1:9\/simile-/);
    await expectError(load(file, { wasmUrl: "no/url" }), "invalid_argument", /wasmUrl: 'no\/url' makes no URL/);
    (await load(file, { wasmUrl: new URL("../../js/wasm", import.meta.url) })).dispose();
    (await load(file, { wasmUrl: (name) => new URL(`../../js/wasm/${name}`, import.meta.url) })).dispose();
  });

  test("two models live in one module", async () => {
    const second = await load(await convert(await checkpoint()));
    const heap = model.info().heapBytes;
    expect(second.info().heapBytes).toBe(heap);
    expect((await second.embed(texts)).data).toEqual((await model.embed(texts)).data);
    second.dispose();
    expect((await model.embed("cat")).count).toBe(1);
  });

  test("twenty cycles of load and dispose do not grow the heap", async () => {
    (await load(file)).dispose();
    const before = model.info().heapBytes;
    for (let i = 0; i < 20; ++i) (await load(file)).dispose();
    expect(model.info().heapBytes).toBe(before);
  });
});
