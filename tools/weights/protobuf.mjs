// SPDX-License-Identifier: Apache-2.0
// The wire format of Protocol Buffers, read without a schema: a message is a
// list of numbered fields. Reference: the "Encoding" page of its documentation.

/** Reads one message's fields in order, each checked against the message's end. */
export class Message {
  #bytes;
  #position = 0;
  #what;

  /** @param {Buffer} bytes @param {string} what named in errors */
  constructor(bytes, what) {
    this.#bytes = bytes;
    this.#what = what;
  }

  #fail(why) {
    throw new Error(`${this.#what}: ${why} at byte ${this.#position}`);
  }

  #varint() {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#position >= this.#bytes.length) this.#fail("ends inside a number");
      const byte = this.#bytes[this.#position++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    return this.#fail("a number of more than ten bytes");
  }

  #take(count) {
    if (!(count >= 0 && count <= this.#bytes.length - this.#position)) this.#fail(`${count} bytes are not there`);
    this.#position += count;
    return this.#bytes.subarray(this.#position - count, this.#position);
  }

  /**
   * Yields [field number, value]: a BigInt for a varint, else the field's bytes
   * (4, 8, or as many as it says).
   * @returns {Generator<[number, bigint | Buffer]>}
   */
  * fields() {
    while (this.#position < this.#bytes.length) {
      const key = Number(this.#varint());
      const kind = key & 7;
      if (kind === 0) yield [key >>> 3, this.#varint()];
      else if (kind === 1) yield [key >>> 3, this.#take(8)];
      else if (kind === 2) yield [key >>> 3, this.#take(Number(this.#varint()))];
      else if (kind === 5) yield [key >>> 3, this.#take(4)];
      else this.#fail(`a field of kind ${kind}`);
    }
  }

  /** The numbers of a packed field, or the one of a field that is not packed. */
  static numbers(value, what) {
    if (typeof value === "bigint") return [Number(value)];
    const message = new Message(value, what);
    const numbers = [];
    while (message.#position < value.length) numbers.push(Number(message.#varint()));
    return numbers;
  }
}
