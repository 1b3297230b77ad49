// SPDX-License-Identifier: Apache-2.0
// Weights in blocks of 32, as GGML lays them out: a half-precision scale, for
// Q4_1 a half-precision minimum, and then the values, 4 bits or 8 each. Of a
// 4-bit block's 16 bytes the low halves are its first 16 values.

import { halfToFloat } from "./values.mjs";

const blockLength = 32;

/** Bytes of a block, and what it stands for. */
export const blockFormats = {
  q4_0: { blockBytes: 18, read: (bytes, at, out, to) => readNibbles(bytes, at + 2, out, to, halfToFloat(bytes.readUInt16LE(at)), -8, 0) },
  q4_1: {
    blockBytes: 20,
    read: (bytes, at, out, to) =>
      readNibbles(bytes, at + 4, out, to, halfToFloat(bytes.readUInt16LE(at)), 0, halfToFloat(bytes.readUInt16LE(at + 2))),
  },
  q8_0: {
    blockBytes: 34,
    read: (bytes, at, out, to) => {
      const scale = halfToFloat(bytes.readUInt16LE(at));
      for (let i = 0; i < blockLength; i++) out[to + i] = bytes.readInt8(at + 2 + i) * scale;
    },
  },
};

function readNibbles(bytes, at, out, to, scale, shift, minimum) {
  for (let i = 0; i < blockLength / 2; i++) {
    const byte = bytes[at + i];
    out[to + i] = ((byte & 15) + shift) * scale + minimum;
    out[to + 16 + i] = ((byte >> 4) + shift) * scale + minimum;
  }
}

/** How many bytes `count` values take. */
export const blockedBytes = (format, count) => count / blockLength * blockFormats[format].blockBytes;

/** @returns {Float32Array} the values of whole blocks */
export function readBlocks(format, bytes, count) {
  const { blockBytes, read } = blockFormats[format];
  if (count % blockLength !== 0 || bytes.length !== blockedBytes(format, count)) {
    throw new Error(`${bytes.length} bytes are not ${count} values of ${format}`);
  }
  const values = new Float32Array(count);
  for (let block = 0; block < count / blockLength; block++) read(bytes, block * blockBytes, values, block * blockLength);
  return values;
}
