// SPDX-License-Identifier: Apache-2.0
// The weights and the nodes of an ONNX file: as much of onnx.proto as telling
// which weight is which needs. External data is not read.

import { Message } from "./protobuf.mjs";

/** ONNX's TensorProto.DataType, and the bytes of one value. */
const dtypes = new Map([[1, ["F32", 4]], [2, ["U8", 1]], [3, ["I8", 1]], [6, ["I32", 4]], [7, ["I64", 8]]]);

/**
 * @typedef {{ dtype: string, shape: number[], data: Buffer }} Tensor little-endian values
 * @typedef {{ name: string, op: string, inputs: string[], outputs: string[] }} Node
 */

/** Values that are not in raw_data: of scales and zero points, which are single. */
function typedData(dtype, floats, integers) {
  if (dtype === "F32") return Buffer.concat(floats);
  if (dtype === "U8" || dtype === "I8") return Buffer.from(integers.map((value) => value & 0xff));
  throw new Error(`typed data of ${dtype} is not read`);
}

/** @returns {[string, Tensor]} */
function readTensor(bytes, what) {
  const shape = [];
  const floats = [];
  const integers = [];
  let [name, type, raw] = ["", 0, null];
  for (const [field, value] of new Message(bytes, what).fields()) {
    if (field === 1) shape.push(...Message.numbers(value, what));
    else if (field === 2) type = Number(value);
    else if (field === 4) floats.push(value);
    else if (field === 5) integers.push(...Message.numbers(value, what));
    else if (field === 8) name = value.toString("utf8");
    else if (field === 9) raw = value;
    else if (field === 13 || (field === 14 && value !== 0n)) throw new Error(`${what}: '${name}' is kept in another file`);
  }
  if (!dtypes.has(type)) throw new Error(`${what}: tensor '${name}' has the data type ${type}, which is not read`);
  const [dtype, width] = dtypes.get(type);
  const data = raw ?? typedData(dtype, floats, integers);
  const expected = shape.reduce((product, size) => product * size, width);
  if (data.length !== expected) {
    throw new Error(`${what}: tensor '${name}' [${shape}] needs ${expected} bytes, has ${data.length}`);
  }
  return [name, { dtype, shape, data }];
}

/** @returns {Node} */
function readNode(bytes, what) {
  const node = { name: "", op: "", inputs: [], outputs: [] };
  for (const [field, value] of new Message(bytes, what).fields()) {
    if (field === 1) node.inputs.push(value.toString("utf8"));
    else if (field === 2) node.outputs.push(value.toString("utf8"));
    else if (field === 3) node.name = value.toString("utf8");
    else if (field === 4) node.op = value.toString("utf8");
  }
  return node;
}

/**
 * @param {Buffer} bytes the file
 * @param {string} what its name, for errors
 * @returns {{ tensors: Map<string, Tensor>, nodes: Node[] }}
 */
export function readOnnx(bytes, what) {
  const tensors = new Map();
  const nodes = [];
  for (const [field, graph] of new Message(bytes, what).fields()) {
    if (field !== 7) continue;
    for (const [part, value] of new Message(graph, what).fields()) {
      if (part === 1) nodes.push(readNode(value, what));
      else if (part === 5) tensors.set(...readTensor(value, what));
    }
  }
  if (tensors.size === 0) throw new Error(`${what}: no weights in it`);
  return { tensors, nodes };
}
