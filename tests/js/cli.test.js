// SPDX-License-Identifier: Apache-2.0
// The `simile` command as a shell runs it.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "../../js/index.js";
import { checkpointFiles, removeFolder, writeFolder } from "./tiny-checkpoint.js";

const program = fileURLToPath(new URL("../../js/cli/simile.js", import.meta.url));
/** @type {string} */
let folder;
/** @type {string} */
let work;
/** @type {string} */
let model;

/**
 * @param {string[]} args
 * @param {string | Uint8Array} [input]
 * @param {Record<string, string>} [env]
 */
function simile(args, input = "", env = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: work, env: { ...process.env, SIMILE_MODEL: model, ...env } });
  child.stdin.on("error", () => {}); // it may end before it has read everything
  child.stdin.end(input);
  return collect(child);
}

/** @param {import("node:child_process").ChildProcessWithoutNullStreams} child */
async function collect(child) {
  /** @type {Buffer[]} */
  const out = [];
  let err = "";
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => err += chunk);
  const code = await new Promise((resolve) => child.on("close", resolve));
  const bytes = Buffer.concat(out);
  const text = bytes.toString();
  return { code, err, bytes, text, lines: text.split("\n").slice(0, -1) };
}

beforeAll(async () => {
  folder = await writeFolder(checkpointFiles());
  work = await mkdtemp(join(tmpdir(), "simile-cli-"));
  model = join(work, "tiny.simile");
  expect(await simile(["convert", folder, "-o", model, "--calibration", "none"])).toMatchObject({ code: 0, text: "" });
});

afterAll(() => Promise.all([folder, work].map(removeFolder)));

describe("convert", () => {
  test("leaves one file, and says so on standard error", async () => {
    const output = join(work, "b.simile");
    const { code, text, err } = await simile(["convert", folder, "--output", output, "--weights", "f32", "--name", "small"]);
    expect([code, text]).toEqual([0, ""]);
    expect(err).toContain("b.simile");
    expect((await readdir(work)).sort()).toEqual(["b.simile", "tiny.simile"]);
    const loaded = await load(output);
    expect(loaded.info().model).toMatchObject({ name: "small", precision: "f32" });
    loaded.dispose();
    await rm(output);
  });

  test("calibrates from a file of texts", async () => {
    const texts = join(work, "texts.txt");
    await writeFile(texts, Array.from({ length: 20 }, (_, i) => `the cat sat on ${i} mats\n`).join(""));
    expect(await simile(["convert", folder, "-o", "c.simile", "--calibration", texts])).toMatchObject({ code: 0 });
    const { code, text } = await simile(["info", "c.simile"]);
    expect(code).toBe(0);
    expect(JSON.parse(text).model.calibration).not.toBe("none");
    await Promise.all(["c.simile", "texts.txt"].map((name) => rm(join(work, name))));
  });

  test.each([
    [["convert"], 2, /expected DIR/],
    [["convert", "."], 2, /-o FILE is missing/],
    [["convert", ".", "-o", "x", "--weights", "int4"], 2, /--weights: expected int8 or f32, got 'int4'/],
    [["convert", "nowhere", "-o", "x"], 1, /nowhere is not a folder/],
    [["convert", ".", "-o", "x"], 1, /is no checkpoint: it has no config\.json/],
    [["convert", ".", "-o", "x", "--calibration", "no.txt"], 1, /cannot read --calibration no\.txt/],
  ])("%j exits with %i", async (args, exitCode, message) => {
    const { code, err, text } = await simile(args);
    expect([code, text]).toEqual([exitCode, ""]);
    expect(err).toMatch(message);
    expect(await readdir(work)).toEqual(["tiny.simile"]);
  });

  test("names a place that it cannot write to, and leaves nothing", async () => {
    const { code, err } = await simile(["convert", folder, "-o", join(work, "no/such/x"), "--calibration", "none"]);
    expect(code).toBe(1);
    expect(err).toMatch(/cannot write .*no\/such\/x/);
  });
});

const records = ["\"the cat\"", "{\"text\":\"a dog\",\"id\":\"d1\"}", "bad", "", "{\"text\":\"mat\"}", "{\"id\":1}", "\"\\ud800\""];

describe("embed and tokenize", () => {
  test("tokenize answers line by line", async () => {
    const { code, lines, err } = await simile(["tokenize"], `${records.join("\n")}\n`);
    expect(code).toBe(0);
    const answers = lines.map((line) => JSON.parse(line));
    expect(answers[0]).toEqual([2, 5, 6, 3]);
    expect(answers[1]).toEqual({ id: "d1", ids: [2, 11, 7, 3] });
    expect(answers[2]).toEqual({ error: expect.stringMatching(/^line 3: it is no JSON/), code: "invalid_argument", line: 3 });
    expect(answers[3]).toMatchObject({ error: "line 4: it is empty", line: 4 });
    expect(answers[4]).toEqual({ ids: [2, 10, 3] });
    expect(answers[5]).toMatchObject({ line: 6 });
    expect(Array.isArray(answers[6])).toBe(true);
    expect(err).toBe("simile: 3 bad lines\n");
  });

  test("embed gives just the numbers that the package gives", async () => {
    const { code, lines } = await simile(["embed"], records.join("\n"));
    expect(code).toBe(0);
    expect(lines.length).toBe(records.length);
    const answers = lines.map((line) => JSON.parse(line));
    const loaded = await load(model);
    const expected = await loaded.embed(["the cat", "a dog", "mat"]);
    expect(Float32Array.from(answers[0])).toEqual(expected[0]);
    expect(answers[1].id).toBe("d1");
    expect(Float32Array.from(answers[1].embedding)).toEqual(expected[1]);
    expect(Float32Array.from(answers[4].embedding)).toEqual(expected[2]);
    loaded.dispose();
  });

  test("embed --format npy writes one matrix, NaN for a bad line", async () => {
    const { code, bytes, err } = await simile(["embed", "--format", "npy", "--threads", "2"], "\"the cat\"\nbad\n\"a dog\"\n");
    expect(code).toBe(0);
    expect(bytes.subarray(0, 6).toString("latin1")).toBe("\x93NUMPY");
    expect(bytes.toString("latin1", 10, 128)).toContain("'shape': (3, 32)");
    const start = 10 + bytes.readUInt16LE(8);
    const numbers = new Float32Array(Uint8Array.from(bytes.subarray(start)).buffer);
    const loaded = await load(model);
    expect(numbers.subarray(0, 32)).toEqual((await loaded.embed("the cat")).data);
    expect(numbers.subarray(32, 64).every(Number.isNaN)).toBe(true);
    expect(numbers.subarray(64)).toEqual((await loaded.embed("a dog")).data);
    loaded.dispose();
    expect(err).toContain("line 2: it is no JSON");
  });

  test("no input is no output", async () => {
    expect(await simile(["embed"])).toMatchObject({ code: 0, text: "", err: "" });
    expect(await simile(["tokenize"])).toMatchObject({ code: 0, text: "" });
  });

  test("each line is answered when it comes, not when the input ends", async () => {
    const child = spawn(process.execPath, [program, "tokenize"], { env: { ...process.env, SIMILE_MODEL: model } });
    for (const word of ["cat", "dog", "mat"]) {
      child.stdin.write(`"${word}"\n`);
      const [answer] = await new Promise((resolve) => child.stdout.once("data", (chunk) => resolve([chunk])));
      expect(JSON.parse(String(answer)).length).toBe(3);
    }
    child.stdin.end();
    expect((await collect(child)).code).toBe(0);
  });

  test("a broken pipe ends an endless job quietly", async () => {
    const child = spawn("sh", ["-c", `yes '"the cat"' | "${process.execPath}" "${program}" embed | head -n 2`],
      { env: { ...process.env, SIMILE_MODEL: model } });
    const { lines, err } = await collect(child);
    expect(lines.length).toBe(2);
    expect(err).not.toMatch(/simile|EPIPE|rror/);
  });
});

describe("rank", () => {
  test("reads plain lines, JSON strings and objects", async () => {
    const input = "the dog\n\n\"the cat\"\n{\"text\":\"a mat\",\"id\":9}\n{not json\n";
    const { code, lines } = await simile(["rank", "the cat"], input);
    expect(code).toBe(0);
    const answers = lines.map((line) => JSON.parse(line));
    expect(answers.length).toBe(4);
    expect(answers[0]).toMatchObject({ line: 3, text: "the cat" });
    expect(answers[0].score).toBeCloseTo(1, 5);
    expect(answers.find(({ line }) => line === 4)).toMatchObject({ id: 9, text: "a mat" });
    expect(answers.find(({ line }) => line === 5)).toMatchObject({ text: "{not json" });
  });

  test("--top-k bounds it", async () => {
    expect((await simile(["rank", "cat", "--top-k", "2"], "a\ncat\ndog\n")).lines.length).toBe(2);
    expect(await simile(["rank", "cat", "--top-k", "-1"], "a\n")).toMatchObject({ code: 2 });
    expect(await simile(["rank", "cat", "--top-k=0"], "a\n")).toMatchObject({ code: 2 });
    expect(await simile(["rank"], "a\n")).toMatchObject({ code: 2 });
  });
});

test("info tells what a file holds, and its hash", async () => {
  const { code, text } = await simile(["info", model]);
  expect(code).toBe(0);
  const facts = JSON.parse(text);
  expect(facts).toMatchObject({ model: { dims: 32, precision: "int8" }, fileBytes: (await readFile(model)).length });
  (await load(model, { sha256: facts.sha256 })).dispose();
});

test.each([
  [["info", "nowhere.simile"], 1, /nowhere\.simile: there is no such file/],
  [["info"], 2, /expected FILE/],
  [["tokenize", "--model", "nowhere"], 1, /cannot read nowhere/],
  [["embed", "--format", "csv"], 2, /--format: expected jsonl or npy/],
  [["embed", "--threads", "0"], 2, /--threads: expected a whole number from 1 to 64/],
  [["embed", "--nonsense"], 2, /nonsense/],
  [["embed", "extra"], 2, /expected nothing/],
  [["sing"], 2, /there is no command 'sing'/],
  [[], 2, /simile convert DIR/],
])("%j exits with %i and says why on standard error", async (args, exitCode, message) => {
  const { code, err, text } = await simile(args, "\"a\"\n");
  expect([code, text]).toEqual([exitCode, ""]);
  expect(err).toMatch(message);
});

test("a file that is no model is named", async () => {
  const path = join(work, "page.html");
  await writeFile(path, "<!doctype html><title>404</title>");
  expect(await simile(["info", path])).toMatchObject({ code: 1, err: expect.stringMatching(/^simile: ./) });
  await rm(path);
});

test("help and version are there for all, on standard output", async () => {
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  for (const command of ["convert", "embed", "tokenize", "rank", "info"]) {
    const { code, text, err } = await simile([command, "--help"]);
    expect([code, err]).toEqual([0, ""]);
    expect(text).toMatch(new RegExp(`^simile ${command}`));
  }
  expect((await simile(["--help"])).text).toContain("simile rank QUERY");
  expect((await simile(["--version"])).text).toBe(`${version}\n`);
  expect((await simile(["embed", "--version"])).text).toBe(`${version}\n`);
});
