// SPDX-License-Identifier: Apache-2.0
// docs/pains.md says which test holds each pain off: here, that it tells the truth. And
// the pains that no other test holds, as far as a small checkpoint in Node can.

import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { load } from "../../js/index.js";
import { checkpointFiles, removeFolder, writeFolder } from "./tiny-checkpoint.js";
import { checkpoint, convert, expectError, removeCheckpoints, texts } from "./tiny-model.js";

const root = new URL("../../", import.meta.url);
const maxTokens = 48; // of the tiny checkpoint

/** @type {Uint8Array} a Simile file */
let file;
/** @type {import("../../js/index.js").Embedder} */
let model;

beforeAll(async () => {
  file = await convert(await checkpoint({ prompts: { query: "the ", document: "" } }));
  model = await load(file);
});

afterAll(async () => {
  model.dispose();
  await removeCheckpoints();
});

describe("docs/pains.md", () => {
  /** @type {string} */
  let page;
  beforeAll(async () => {
    page = await readFile(new URL("docs/pains.md", root), "utf8");
  });

  test("lists pains 1 to 25, and says of each what holds it or what is missing", () => {
    const sections = page.split(/^(?=## )/m).slice(1);
    const numbers = sections.map((section) => Number(/^## (\d+)\. ./.exec(section)?.[1]));
    expect(numbers).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    const bare = sections.filter((section) => !/^(- `|Not tested yet: |Cannot occur: )/m.test(section));
    expect(bare).toEqual([]);
  });

  test("names only tests that there are", async () => {
    const missing = [];
    const lines = [...page.matchAll(/^- (.*(?:\n {2}.*)*)/gm)].map(([, line]) => line.replace(/\n +/g, " "));
    for (const line of lines) {
      const path = /^`([^`]+)`: "/.exec(line)?.[1];
      const names = [...line.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
      const source = await readFile(new URL(path ?? "?", root), "utf8").catch(() => "");
      missing.push(...names.filter((name) => !hasTest(source, name)).map((name) => `${path}: ${name}`));
      if (names.length === 0) missing.push(line);
    }
    expect(missing).toEqual([]);
    expect(lines.length).toBeGreaterThan(25);
  });

  /** @param {string} source @param {string} name of GoogleTest's: Suite.Name */
  function hasTest(source, name) {
    const [, suite, test] = /^(\w+)\.(\w+)$/.exec(name) ?? [];
    return source.includes(suite ? `(${suite}, ${test})` : `"${name}"`);
  }
});

test("pain 5: importing the package asks for nothing that a page or a server has", async () => {
  const names = ["window", "document", "self", "navigator", "location", "fetch", "Worker", "caches", "indexedDB"];
  const script = `
    const asked = [];
    for (const name of ${JSON.stringify(names)}) {
      Object.defineProperty(globalThis, name, { configurable: true, get() { asked.push(name); } });
    }
    await import(${JSON.stringify(new URL("js/index.js", root).href)});
    if (asked.length > 0) console.log(asked.join());`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  expect([stdout, stderr]).toEqual(["", ""]);
});

test("pain 7: no shipped script makes code of text", async () => {
  const folder = fileURLToPath(new URL("js/", root));
  const scripts = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".js"));
  expect(scripts.filter((path) => path.startsWith("wasm"))).toHaveLength(5);
  for (const path of scripts) {
    const source = await readFile(new URL(`js/${path}`, root), "utf8");
    expect([path, /\bnew Function\b|\bFunction\(|(?<![.\w])eval\(/.exec(source)]).toEqual([path, null]);
  }
});

test("pain 9: where the whole range of shared memory cannot be reserved, less is asked for", async () => {
  const { Memory } = WebAssembly;
  /** @type {(number | undefined)[]} */
  const asked = [];
  WebAssembly.Memory = class extends Memory {
    /** @param {WebAssembly.MemoryDescriptor} descriptor */
    constructor(descriptor) {
      if (descriptor.shared) asked.push(descriptor.maximum);
      if (descriptor.shared && Number(descriptor.maximum) > 16384) throw new RangeError("no room for this");
      super(descriptor);
    }
  };
  try {
    const threaded = await load(file, { variant: "simd-threads", threads: 2 });
    expect(asked.slice(-3)).toEqual([65536, 32768, 16384]);
    expect((await threaded.embed(texts)).data).toEqual((await model.embed(texts)).data);
    threaded.dispose();
  } finally {
    WebAssembly.Memory = Memory;
  }
});

test("pain 12: a hundred models made and disposed of leave the heap, and the next one, as they were", async () => {
  const expected = (await model.embed(texts)).data;
  const before = model.info().heapBytes;
  for (let i = 0; i < 100; ++i) {
    const other = await load(file);
    await other.embed("the cat");
    other.dispose();
  }
  expect(model.info().heapBytes).toBe(before);
  expect((await model.embed(texts)).data).toEqual(expected);
});

test("pain 13: one long text among thousands of short ones makes no room for them all", async () => {
  const long = "cat ".repeat(maxTokens);
  await model.embed(Array.from({ length: 4000 }, () => "cat"));
  const before = model.info().heapBytes;
  const { usage } = await model.embed([long, ...Array.from({ length: 3999 }, () => "cat")]);
  expect(usage[0].tokens).toBe(maxTokens);
  expect(model.info().heapBytes).toBe(before);
});

test("pain 16: a prompt that the model has not is named, with those that it has", async () => {
  await expectError(model.embed("cat", { prompt: "qeury" }), "invalid_argument", /'qeury'; it has query, document/);
});

test("pain 16: a layer that would be left out is an error, not another vector", async () => {
  const files = checkpointFiles();
  const modules = String(files["modules.json"]).replace("models.Normalize", "models.LSTM");
  const folder = await writeFolder({ ...files, "modules.json": modules });
  await expectError(load(folder), "bad_model", /LSTM/);
  await removeFolder(folder);
});

test("pain 18: at the model's length, one below and one above, what was cut is told", async () => {
  const counts = [maxTokens - 1, maxTokens, maxTokens + 1];
  const { usage } = await model.embed(counts.map((count) => "cat ".repeat(count - 2)));
  expect(usage).toEqual(counts.map((count) =>
    ({ tokens: Math.min(count, maxTokens), fullTokens: count, truncated: count > maxTokens })));
});

test("pain 25: typed arrays and lists of another realm are as good as one's own", async () => {
  const foreign = runInNewContext("({ Float32Array, Uint8Array, ArrayBuffer })");
  const [vector] = await model.embed("the cat");
  const moved = foreign.Float32Array.from(vector);
  expect(moved).not.toBeInstanceOf(Float32Array);
  expect(await model.similarity(moved, vector)).toBeCloseTo(1, 6);
  expect(await model.rank(moved, texts)).toEqual(await model.rank(vector, texts));
  expect((await model.embed(runInNewContext("['the cat']")))[0]).toEqual(vector);
  const bytes = foreign.Uint8Array.from(file);
  for (const source of [bytes, bytes.buffer]) {
    const loaded = await load(source);
    expect((await loaded.embed("the cat"))[0]).toEqual(vector);
    loaded.dispose();
  }
});
