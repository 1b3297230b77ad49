// SPDX-License-Identifier: Apache-2.0
// A GGUF file (version 3): named values, and tensors, of which each lists its
// dimensions from the innermost. Reference: GGUF's specification in ggml's docs.

import { blockedBytes, blockFormats } from "./blocks.mjs";
import { Reader } from "./reader.mjs";

/** GGML's tensor types that are read. */
const tensorTypes = new Map([[0, "f32"], [3, "q4_1"], [8, "q8_0"]]);

const scalarReaders = new Map([
  [0, (r) => r.u8()], [1, (r) => r.take(1).readInt8()], [2, (r) => r.u16()], [3, (r) => r.take(2).readInt16LE()],
  [4, (r) => r.u32()], [5, (r) => r.take(4).readInt32LE()], [6, (r) => r.f32()], [7, (r) => r.u8() !== 0],
  [8, (r) => r.string(r.size())], [10, (r) => r.size()], [12, (r) => r.take(8).readDoubleLE()],
]);
const arrayType = 9;

function readValue(reader, type, depth = 0) {
  if (type === arrayType && depth === 0) {
    const itemType = reader.u32();
    const items = [];
    for (let left = reader.size(); left > 0; left--) items.push(readValue(reader, itemType, 1));
    return items;
  }
  const read = scalarReaders.get(type);
  if (!read) throw new Error(`${reader.what}: a value of type ${type} at byte ${reader.position}`);
  return read(reader);
}

function readTensorInfo(reader) {
  const name = reader.string(reader.size());
  const shape = Array.from({ length: Math.min(reader.u32(), 4) }, () => reader.size()).reverse();
  const format = tensorTypes.get(reader.u32());
  const offset = reader.size();
  if (!format) throw new Error(`${reader.what}: tensor '${name}' is of a type that is not read`);
  return { name, shape, format, offset };
}

/**
 * @param {Buffer} bytes @param {string} what
 * @returns {{ values: Map<string, any>, tensors: Map<string, { shape: number[], format: string, data: Buffer }> }}
 */
export function readGguf(bytes, what) {
  const reader = new Reader(bytes, what);
  if (reader.string(4) !== "GGUF" || reader.u32() !== 3) throw new Error(`${what}: no GGUF file of version 3`);
  const [tensorCount, valueCount] = [reader.size(), reader.size()];
  const values = new Map();
  for (let i = 0; i < valueCount; i++) {
    const key = reader.string(reader.size());
    values.set(key, readValue(reader, reader.u32()));
  }
  const infos = [];
  for (let i = 0; i < tensorCount; i++) infos.push(readTensorInfo(reader));
  const alignment = values.get("general.alignment") ?? 32;
  const start = Math.ceil(reader.position / alignment) * alignment;
  const tensors = new Map(infos.map(({ name, shape, format, offset }) => {
    const count = shape.reduce((product, dim) => product * dim, 1);
    const size = format in blockFormats ? blockedBytes(format, count) : 4 * count;
    if (!(start + offset + size <= bytes.length)) throw new Error(`${what}: tensor '${name}' lies beyond the file's end`);
    return [name, { shape, format, data: bytes.subarray(start + offset, start + offset + size) }];
  }));
  return { values, tensors };
}
