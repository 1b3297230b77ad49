// SPDX-License-Identifier: Apache-2.0
// Writes a safetensors file, one tensor after the other. The same tensors give
// the same bytes, so that what is made here can be checked by its hash.

import { open } from "node:fs/promises";

const widths = { F32: 4, F16: 2, I8: 1, U8: 1 };

/**
 * @param {string} path
 * @param {{ name: string, dtype: string, shape: number[], bytes: () => Uint8Array }[]} tensors
 *   `bytes` is called when the tensor's turn comes, so that one at a time is in memory
 */
export async function writeSafetensors(path, tensors) {
  const header = { __metadata__: { format: "pt" } };
  let end = 0;
  const sizes = tensors.map(({ name, dtype, shape }) => {
    const size = shape.reduce((product, dim) => product * dim, widths[dtype]);
    if (name in header) throw new Error(`two tensors are called '${name}'`);
    header[name] = { dtype, shape, data_offsets: [end, end += size] };
    return size;
  });
  let json = JSON.stringify(header);
  json += " ".repeat(-(8 + Buffer.byteLength(json)) & 7);  // the data begins at a multiple of 8
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(json)));
  const file = await open(path, "w");
  try {
    await file.writeFile(Buffer.concat([length, Buffer.from(json)]));
    for (const [i, { name, bytes }] of tensors.entries()) {
      const data = bytes();
      if (data.length !== sizes[i]) throw new Error(`'${name}' has ${data.length} bytes, its shape says ${sizes[i]}`);
      await file.writeFile(data);
    }
  } finally {
    await file.close();
  }
}
