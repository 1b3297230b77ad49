// SPDX-License-Identifier: Apache-2.0
// A BERT from an ONNX file: exporters keep the names of embeddings, biases and
// LayerNorms, but store each linear layer's weight without a name, and
// transposed. Such a weight gets the name of the bias that is added to its product.

import { readOnnx } from "./onnx.mjs";
import { bytesOf, floatsOf, transposed } from "./values.mjs";

/** Pairs [weight, bias] of tensor names: a MatMul by the one, and an Add of the other behind it. */
function linearLayers({ tensors, nodes }) {
  const products = new Map();
  for (const { op, inputs, outputs } of nodes) {
    if (op === "MatMul" && tensors.has(inputs[1])) products.set(outputs[0], inputs[1]);
  }
  const layers = [];
  for (const { op, inputs } of nodes) {
    if (op !== "Add") continue;
    const product = inputs.find((name) => products.has(name));
    const bias = inputs.find((name) => tensors.has(name));
    if (product && bias?.endsWith(".bias")) layers.push([products.get(product), bias]);
  }
  return layers;
}

/**
 * @param {Buffer} file an ONNX file @param {string} what its name
 * @param {string} [prefix] what stands before BERT's own names
 * @returns tensors for writeSafetensors, named as transformers does
 */
export function bertFromOnnx(file, what, prefix = "") {
  const graph = readOnnx(file, what);
  const result = [];
  const used = new Set();
  for (const [weight, bias] of linearLayers(graph)) {
    const { dtype, shape, data } = graph.tensors.get(weight);
    if (dtype !== "F32" || shape.length !== 2) throw new Error(`${what}: '${weight}' is no F32 matrix`);
    const [columns, rows] = shape;
    used.add(weight);
    result.push({ name: bias.slice(prefix.length).replace(/bias$/, "weight"), dtype, shape: [rows, columns],
      bytes: () => bytesOf(transposed(floatsOf(data), columns, rows)) });
  }
  for (const [name, { dtype, shape, data }] of graph.tensors) {
    if (used.has(name) || name.endsWith("position_ids")) continue;  // the ids are 0, 1, 2, …
    if (!/^(embeddings|encoder)\./.test(name.slice(prefix.length))) throw new Error(`${what}: what '${name}' is for is unknown`);
    result.push({ name: name.slice(prefix.length), dtype, shape, bytes: () => data });
  }
  return result.sort((a, b) => (a.name < b.name ? -1 : 1));
}
