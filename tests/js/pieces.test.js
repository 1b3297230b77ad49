// SPDX-License-Identifier: Apache-2.0
// The small parts that need no module.

import { answerLine, parseRecord } from "../../js/cli/records.js";
import { float32Text, vectorJson } from "../../js/cli/float32-text.js";
import { readLines } from "../../js/cli/lines.js";
import { npyHeader } from "../../js/cli/npy.js";
import { Embeddings, SimilarityMatrix, textUsage } from "../../js/embeddings.js";
import { SimileError, errorFromStatus, wrapError } from "../../js/errors.js";
import { ProgressBar } from "../../js/progress.js";
import { tokenization } from "../../js/tokenization.js";

describe("SimileError", () => {
  test.each([
    [1, "invalid_argument"], [2, "bad_model"], [3, "integrity"], [4, "out_of_memory"],
    [5, "internal"], [99, "internal"],
  ])("has for status %i the code %s", (status, code) => {
    expect(errorFromStatus(status, "what")).toMatchObject({ name: "SimileError", code, message: "what" });
  });

  test("keeps what caused it, and is kept when wrapped", () => {
    const cause = new TypeError("deep");
    const wrapped = wrapError(cause, "network", "cannot fetch x");
    expect(wrapped).toMatchObject({ code: "network", message: "cannot fetch x: deep", cause });
    expect(wrapError(wrapped, "internal", "above")).toBe(wrapped);
  });

  test("gives way to an abort", () => {
    const reason = new Error("enough");
    expect(wrapError(new SimileError("network", "x"), "network", "y", AbortSignal.abort(reason))).toBe(reason);
  });
});

describe("ProgressBar", () => {
  test("only grows, and reaches 1 once, when it is finished", () => {
    /** @type {number[]} */
    const seen = [];
    const bar = new ProgressBar(({ fraction }) => seen.push(fraction), { a: 0.1, b: 0.2, c: 0.7 });
    bar.bytes("b", 5, 10);
    bar.bytes("b", 2, 10);
    bar.fraction("a", 1);
    bar.bytes("b", 30, 10);
    bar.bytes("c", 5);
    expect(seen.at(-1)).toBeLessThan(1);
    bar.fraction("c", 1);
    expect(seen.at(-1)).toBeLessThan(1);
    bar.finish({ cache: "off" });
    expect(seen).toEqual([...seen].sort());
    expect(seen.filter((fraction) => fraction === 1)).toHaveLength(1);
    expect(seen.at(-1)).toBe(1);
  });
});

describe("Embeddings", () => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  const usage = textUsage(Uint32Array.of(3, 3, 4, 9, 5, 5));
  const embeddings = new Embeddings({ data, dims: 2, space: "space", usage });

  test("are an array of views of one block", () => {
    expect(embeddings.count).toBe(3);
    expect([...embeddings].map((vector) => [...vector])).toEqual([[1, 2], [3, 4], [5, 6]]);
    embeddings[1][0] = 30;
    expect(data[2]).toBe(30);
    expect(Object.getPrototypeOf(embeddings.map((vector) => vector.length))).toBe(Array.prototype);
  });

  test("say what each text cost and which were cut", () => {
    expect(embeddings.usage).toEqual([
      { tokens: 3, fullTokens: 3, truncated: false },
      { tokens: 4, fullTokens: 9, truncated: true },
      { tokens: 5, fullTokens: 5, truncated: false },
    ]);
  });

  test("compare in a matrix read by row and column", () => {
    expect(new SimilarityMatrix(data, 2, 3).at(1, 2)).toBe(6);
  });
});

test("tokenization turns byte offsets into code units", () => {
  // "aé😀b": 1, 2, 4 and 1 bytes; a lone surrogate is three.
  expect(tokenization("aé😀\ud800b", Uint32Array.of(2, 0, 0, 7, 1, 3, 8, 3, 7, 9, 7, 10, 10, 10, 11), false))
    .toEqual({ ids: [2, 7, 8, 9, 10], offsets: [[0, 0], [1, 2], [2, 4], [4, 5], [5, 6]], truncated: false });
});

describe("the command's lines", () => {
  /** @param {(string | Uint8Array)[]} chunks @param {number} [maxBytes] */
  const read = async (chunks, maxBytes) => {
    const lines = [];
    const stream = async function* () {
      yield* chunks.map((chunk) => Buffer.from(/** @type {any} */ (chunk)));
    };
    for await (const some of readLines(stream(), maxBytes)) lines.push(...some);
    return lines.map(({ text, problem }) => text ?? `! ${problem}`);
  };

  test("are split wherever the chunks end", async () => {
    expect(await read(["a\nb", "", "c\r\n\n", "last"])).toEqual(["a", "bc", "", "last"]);
    expect(await read(["é".slice(0), Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])])).toEqual(["éé"]);
    expect(await read([])).toEqual([]);
  });

  test("of bad UTF-8 or endless length are named, and the next ones read", async () => {
    expect(await read([Buffer.from([0xff, 0x0a]), "ok\n"])).toEqual(["! it is not UTF-8", "ok"]);
    expect(await read(["12345", "678\nok\n1234", "5\n"], 4))
      .toEqual(["! it is longer than 4 bytes", "ok", "! it is longer than 4 bytes"]);
  });

  test.each([["\"a\"", "a"], ["{\"text\":\"b\",\"id\":0}", "b"], [" \"c\" ", "c"]])("%s is a record", (line, text) => {
    expect(parseRecord({ number: 1, text: line }).text).toBe(text);
  });

  test.each(["", "  ", "a", "5", "null", "[\"a\"]", "{}", "{\"text\":5}", "\"a"])("'%s' is none", (text) => {
    expect(() => parseRecord({ number: 1, text })).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });

  test("answer a string with the value, an object with its id", () => {
    expect(answerLine({ number: 1, text: "", isObject: false }, "ids", "[1]")).toBe("[1]\n");
    expect(answerLine({ number: 1, text: "", isObject: true, id: "x" }, "ids", "[1]")).toBe("{\"id\":\"x\",\"ids\":[1]}\n");
    expect(answerLine({ number: 1, text: "", isObject: true }, "ids", "[1]")).toBe("{\"ids\":[1]}\n");
  });
});

describe("numbers as text", () => {
  test("read back to the same float32", () => {
    let state = 7;
    const bits = new Uint32Array(1);
    const value = new Float32Array(bits.buffer);
    for (let i = 0; i < 20_000; ++i) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bits[0] = state;
      if (!Number.isFinite(value[0])) continue;
      expect(Math.fround(JSON.parse(float32Text(value[0])))).toBe(value[0] + 0);
    }
  });

  test("are short", () => {
    expect(vectorJson(Float32Array.of(0.1, -1, 0, 1e-30, 16777216))).toBe("[0.1,-1,0,1e-30,16777216]");
  });

  test("stand behind NumPy's header", () => {
    const header = Buffer.from(npyHeader(1234, 384));
    expect(header.length % 64).toBe(0);
    expect(header.toString("latin1")).toMatch(/^\x93NUMPY\x01\x00..\{'descr': '<f4', 'fortran_order': False, 'shape': \(1234, 384\), \} *\n$/s);
    expect(header.readUInt16LE(8)).toBe(header.length - 10);
  });
});
