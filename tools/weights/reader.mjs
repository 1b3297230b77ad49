// SPDX-License-Identifier: Apache-2.0
// Reads little-endian numbers and strings one after the other, each checked
// against the file's end.

export class Reader {
  position = 0;

  /** @param {Buffer} bytes @param {string} what named in errors */
  constructor(bytes, what) {
    this.bytes = bytes;
    this.what = what;
  }

  take(count) {
    if (!(count >= 0 && count <= this.bytes.length - this.position)) {
      throw new Error(`${this.what}: ${count} bytes are not there at byte ${this.position}`);
    }
    this.position += count;
    return this.bytes.subarray(this.position - count, this.position);
  }

  u8() { return this.take(1)[0]; }
  u16() { return this.take(2).readUInt16LE(); }
  u32() { return this.take(4).readUInt32LE(); }
  f32() { return this.take(4).readFloatLE(); }

  /** A 64-bit size, which no file has beyond what a number holds exactly. */
  size() {
    const value = Number(this.take(8).readBigUInt64LE());
    if (!Number.isSafeInteger(value)) throw new Error(`${this.what}: a size of ${value} at byte ${this.position - 8}`);
    return value;
  }

  string(length) { return this.take(length).toString("utf8"); }
}
