// SPDX-License-Identifier: Apache-2.0
// The weights of a TensorFlow.js graph model: model.json lists them in the order
// in which their values stand in the shards, one after the other.

const valueBytes = 4;  // float32 and int32, the kinds that are read

/**
 * @param {object} model model.json @param {Buffer[]} shards in the manifest's order
 * @param {string} what named in errors
 * @returns {Map<string, { shape: number[], dtype: string, data: Buffer }>}
 */
export function readTfjsWeights(model, shards, what) {
  const manifest = model.weightsManifest;
  if (manifest?.length !== 1 || manifest[0].paths.length !== shards.length) throw new Error(`${what}: not one group of ${shards.length} shards`);
  const bytes = Buffer.concat(shards);
  const weights = new Map();
  let position = 0;
  for (const { name, shape, dtype, quantization } of manifest[0].weights) {
    if (!["float32", "int32"].includes(dtype) || quantization) throw new Error(`${what}: '${name}' is ${dtype}, which is not read`);
    const size = shape.reduce((product, dim) => product * dim, valueBytes);
    weights.set(name, { shape, dtype, data: bytes.subarray(position, position += size) });
  }
  if (position !== bytes.length) throw new Error(`${what}: weights take ${position} bytes, the shards have ${bytes.length}`);
  return weights;
}
