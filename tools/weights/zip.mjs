// SPDX-License-Identifier: Apache-2.0
// The files of a zip archive in memory, of up to 4 GB. Reference: PKWARE's APPNOTE.

import { inflateRawSync } from "node:zlib";

const [stored, deflated] = [0, 8];

function endOfDirectory(bytes, what) {
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0 || end + 22 > bytes.length) throw new Error(`${what}: no zip archive`);
  return { count: bytes.readUInt16LE(end + 10), at: bytes.readUInt32LE(end + 16) };
}

/** @returns {Map<string, () => Buffer>} by path, what unpacks that file */
export function readZip(bytes, what) {
  const files = new Map();
  let { count, at } = endOfDirectory(bytes, what);
  for (; count > 0; count--) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw new Error(`${what}: its directory is damaged`);
    const [method, packed, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const header = bytes.readUInt32LE(at + 42);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    files.set(name, () => unpack(bytes, { header, method, packed, size }, `${what}: ${name}`));
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

function unpack(bytes, { header, method, packed, size }, what) {
  if (header + 30 > bytes.length) throw new Error(`${what} lies beyond the archive's end`);
  const begin = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const data = bytes.subarray(begin, begin + packed);
  if (method !== stored && method !== deflated) throw new Error(`${what} is packed in a way that is not read`);
  const file = method === stored ? data : inflateRawSync(data, { maxOutputLength: Math.max(size, 1) });
  if (file.length !== size) throw new Error(`${what} has ${file.length} bytes, ${size} were announced`);
  return file;
}
