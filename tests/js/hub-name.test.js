// SPDX-License-Identifier: Apache-2.0
// `load("owner/name")`: which strings are names on the Hub, and which files are asked
// for there.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "../../js/index.js";
import { entryOf } from "../../js/model-catalog.js";
import { packSource } from "../../js/portable-source.js";
import { FileServer } from "./file-server.js";
import { checkpointFiles } from "./tiny-checkpoint.js";
import { checkpoint, convert, expectError, removeCheckpoints } from "./tiny-model.js";

/** @type {FileServer} */
let server;
beforeAll(async () => void (server = await FileServer.start()));
afterEach(() => server.reset());
afterAll(async () => {
  await server.close();
  await removeCheckpoints();
});

test.each([
  "BAAI/bge-small-en-v1.5", "intfloat/multilingual-e5-small", "sentence-transformers/all-MiniLM-L6-v2",
  "Qwen/Qwen3-Embedding-0.6B", "a/b", "models/minilm",
])("%s is a name on the Hub", (name) => {
  expect(entryOf(name)).toEqual({ path: `${name}/resolve/main/`, source: name });
  expect(packSource(name)).toEqual({ kind: "whole", value: name });
});

test.each([
  "models/all-minilm-l6-v2.int8.simile", "./models/minilm", "../models/minilm", "/models/minilm", "models/minilm/",
  "a/b/c", "https://example.org/a", "file:a/b", "minilm", "a\\b", "a/b?c", "a/.b", "", "a/b.bin",
])("%s is none", (name) => {
  expect(entryOf(name)).toBeUndefined();
});

test("reads modules.json and what it names, and asks for little that is not there", async () => {
  server.serveFolder("/tiny/model-v1.5/resolve/main/", checkpointFiles({ prompts: { query: "the " } }));
  const model = await load("tiny/model-v1.5", { hub: server.origin, cache: false });
  expect(model.info().model).toMatchObject({
    name: "model-v1.5", source: "tiny/model-v1.5", dims: 32, prompts: { query: "the " } });
  model.dispose();
  const asked = server.requests.map((path) => path.replace("/tiny/model-v1.5/resolve/main/", ""));
  expect(asked).toEqual(expect.arrayContaining(["modules.json", "config.json", "1_Pooling/config.json", "model.safetensors"]));
  expect(new Set(asked).size).toBe(asked.length);
  const missing = asked.filter((name) => !server.files.has(`/tiny/model-v1.5/resolve/main/${name}`));
  expect(missing.length).toBeLessThanOrEqual(8);
});

test.each(["v2", "refs/pr/1"])("takes the revision %s", async (revision) => {
  server.serveFolder(`/tiny/model/resolve/${encodeURIComponent(revision)}/`, checkpointFiles());
  const model = await load("tiny/model", { hub: server.origin, cache: false, revision });
  expect(model.info().model.dims).toBe(32);
  model.dispose();
});

test("works in a worker too", async () => {
  server.serveFolder("/tiny/model/resolve/main/", checkpointFiles());
  const model = await load("tiny/model", { hub: server.origin, cache: false, worker: true });
  expect((await model.embed("the cat")).dims).toBe(32);
  model.dispose();
});

test("in Node, what is on disk under that name is meant as before", async () => {
  const folder = await mkdtemp(join(tmpdir(), "simile-hub-"));
  const before = process.cwd();
  try {
    await mkdir(join(folder, "models"));
    await writeFile(join(folder, "models/tiny"), await convert(await checkpoint()));
    process.chdir(folder);
    const model = await load("models/tiny", { hub: server.origin });
    expect(model.info().model.name).toBe("tiny");
    model.dispose();
    expect(server.requests).toEqual([]);
  } finally {
    process.chdir(before);
    await rm(folder, { recursive: true });
  }
});

test("says what is missing", async () => {
  await expectError(load("tiny/nothing", { hub: server.origin, cache: false }), "bad_model",
    /tiny\/nothing\/resolve\/main\/ is no checkpoint: it has no .*config\.json/);
  const { "model.safetensors": _, ...rest } = checkpointFiles();
  server.serveFolder("/tiny/pickled/resolve/main/", { ...rest, "pytorch_model.bin": "x" });
  await expectError(load("tiny/pickled", { hub: server.origin, cache: false }), "bad_model",
    /has no model\.safetensors; weights must be in the safetensors format \(.*404/);
  await expectError(load("tiny/model", { revision: /** @type {any} */ (5) }), "invalid_argument", /^revision: expected a string/);
});

test("a model's default prompt is used where none is asked for, and \"\" switches it off", async () => {
  const files = checkpointFiles();
  files["config_sentence_transformers.json"] = JSON.stringify({ prompts: { query: "the " }, default_prompt_name: "query" });
  server.serveFolder("/tiny/prompted/resolve/main/", files);
  const model = await load("tiny/prompted", { hub: server.origin, cache: false });
  expect(model.info().model.defaultPrompt).toBe("query");
  const [own, none, whole] = [await model.embed("cat"), await model.embed("cat", { prompt: "" }), await model.embed("the cat", { prompt: "" })];
  expect(own.data).toEqual(whole.data);
  expect(own.data).not.toEqual(none.data);
  model.dispose();
});
