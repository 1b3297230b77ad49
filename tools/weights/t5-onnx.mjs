// SPDX-License-Identifier: Apache-2.0
// A T5 encoder from an ONNX file quantised by onnxruntime: bytes with one scale
// and zero point a matrix, which are widened to F32. The node that uses a weight
// has the path of its module in its name.

import { readOnnx } from "./onnx.mjs";
import { bytesOf, transposed } from "./values.mjs";

const suffix = "_quantized";

/** Of each matrix without a name of its own, the name in transformers. */
function namesByUse(nodes) {
  const names = new Map();
  for (const { op, name, inputs } of nodes) {
    const path = /^\/enc\/(.*)\/MatMul_quant$/.exec(name)?.[1];
    if (op === "MatMulInteger" && path) names.set(inputs[1], `encoder.${path.replaceAll("/", ".")}.weight`);
  }
  return names;
}

/** The matrix that is stored as `name`, widened: (byte - zero point) · scale. */
function widened(tensors, name, what) {
  const base = name.slice(0, -suffix.length);
  const [scale, zero] = [tensors.get(`${base}_scale`), tensors.get(`${base}_zero_point`)];
  const { dtype, data } = tensors.get(name);
  if (scale?.dtype !== "F32" || scale.data.length !== 4 || zero?.dtype !== dtype || zero.data.length !== 1) {
    throw new Error(`${what}: '${name}' has no single scale and zero point`);
  }
  const bytes = dtype === "I8" ? new Int8Array(data) : data;
  const factor = scale.data.readFloatLE(0);
  const shift = dtype === "I8" ? zero.data.readInt8(0) : zero.data[0];
  return Float32Array.from(bytes, (value) => (value - shift) * factor);
}

/** As bertFromOnnx, for a T5 encoder. */
export function t5FromOnnx(file, what) {
  const { tensors, nodes } = readOnnx(file, what);
  const names = namesByUse(nodes);
  const result = [];
  for (const [stored, { dtype, shape, data }] of tensors) {
    if (/_(scale|zero_point)$/.test(stored)) continue;
    const matrix = names.get(stored);
    const kept = stored.replace(/^enc\./, "encoder.").replace(/^encoder\.embed_tokens\./, "shared.");
    if (matrix) {
      result.push({ name: matrix, dtype: "F32", shape: [shape[1], shape[0]],
        bytes: () => bytesOf(transposed(widened(tensors, stored, what), shape[0], shape[1])) });
    } else if (kept.endsWith(suffix)) {
      result.push({ name: kept.slice(0, -suffix.length), dtype: "F32", shape,
        bytes: () => bytesOf(widened(tensors, stored, what)) });
    } else if (dtype === "F32" && kept.startsWith("encoder.")) {
      result.push({ name: kept, dtype, shape, bytes: () => data });
    } else if (shape.length > 0 && !/^(onnx::|\/)/.test(stored)) {
      throw new Error(`${what}: what '${stored}' is for is unknown`);
    }
  }
  return result.sort((a, b) => (a.name < b.name ? -1 : 1));
}
