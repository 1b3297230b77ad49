// SPDX-License-Identifier: Apache-2.0
// A model inside an instance of the module: its file streams in, then texts
// become vectors or token ids. The rules at the head of core.js hold here.

import { CoreStream } from "./core-stream.js";

// How much text is encoded into the heap at a time, and how many tokens go
// through the encoder between two turns of the event loop: enough rows to keep
// the matrix products busy, few enough to answer an abort within 50 ms.
const windowTexts = 64;
const windowUnits = 1 << 18;
const tokenBudget = 512;

export class CoreModel extends CoreStream {
  /** @returns {{ config: any, memoryBytes: number, productKernel: string }} */
  info() {
    return JSON.parse(this.core.guard(() => this.handle.info()));
  }

  /**
   * Embeds the texts in pieces; yields how many are done after each, for the
   * caller to report progress, let others run, or leave.
   * @param {readonly string[]} texts
   * @param {boolean} isNormalized
   * @param {Float32Array} vectors [B, dims], filled from the front
   * @param {Uint32Array} usage [B, 2]: tokens, and those of the whole text
   * @returns {Generator<number, void>}
   */
  *embed(texts, isNormalized, vectors, usage) {
    const dims = vectors.length / texts.length;
    for (let first = 0; first < texts.length;) {
      const part = textWindow(texts, first);
      yield* this.#embedWindow(part, isNormalized, first,
        vectors.subarray(first * dims, (first + part.length) * dims),
        usage.subarray(first * 2, (first + part.length) * 2));
      first += part.length;
    }
  }

  /**
   * @param {readonly string[]} texts
   * @param {boolean} isNormalized
   * @param {number} first the index of texts[0] among all
   * @param {Float32Array} vectors
   * @param {Uint32Array} usage
   * @returns {Generator<number, void>}
   */
  *#embedWindow(texts, isNormalized, first, vectors, usage) {
    const { core } = this;
    const count = texts.length;
    const dims = vectors.length / count;
    const sizes = [utf8Room(texts), (count + 1) * 4, vectors.byteLength, usage.byteLength];
    /** @type {number[]} */
    const blocks = []; // addresses, which stay good across a yield
    try {
      for (const bytes of sizes) blocks.push(core.allocate(bytes));
      const [text, offsets, out, use] = blocks;
      encodeTexts(texts, core.bytes(text, sizes[0]), core.words(offsets, count + 1));
      for (let done = 0; done < count;) {
        const pieces = core.run((status) => this.handle.embedSome(status, text, offsets + done * 4,
          count - done, tokenBudget, isNormalized, out, use));
        vectors.set(core.floats(out, pieces * dims), done * dims);
        usage.set(core.words(use, pieces * 2), done * 2);
        done += pieces;
        yield first + done;
      }
    } finally {
      blocks.forEach((pointer) => core.free(pointer));
    }
  }

  /**
   * @param {string} text
   * @param {number} maxTokens 0: the recipe's
   * @returns {Uint32Array} [n, 3]: id, begin byte, end byte
   */
  tokenize(text, maxTokens) {
    const { core } = this;
    return core.withBlocks([utf8Room([text])], (textPointer) => {
      const textBytes = writeUtf8(text, core.bytes(textPointer, utf8Room([text])));
      const capacity = textBytes + 2;
      return core.withBlocks([capacity * 12], (out) => {
        const count = core.run((status) =>
          this.handle.tokenize(status, textPointer, textBytes, maxTokens, out, capacity));
        return core.words(out, count * 3).slice();
      });
    });
  }
}

const encoder = new TextEncoder();

/** Bytes that the texts take as UTF-8 at the very most. @param {readonly string[]} texts */
function utf8Room(texts) {
  return texts.reduce((units, text) => units + text.length, 0) * 3;
}

/**
 * @param {readonly string[]} texts
 * @param {number} first
 */
function textWindow(texts, first) {
  let end = first;
  for (let units = 0; end < texts.length && end - first < windowTexts; ++end) {
    units += texts[end].length;
    if (units > windowUnits && end > first) break;
  }
  return texts.slice(first, end);
}

/**
 * Browsers do not encode into shared memory, which a module with threads has; Node
 * does.
 * @param {string} text lone surrogates become U+FFFD
 * @param {Uint8Array} bytes room enough
 * @returns {number} bytes written
 */
function writeUtf8(text, bytes) {
  if (bytes.buffer instanceof ArrayBuffer) return encoder.encodeInto(text, bytes).written;
  const encoded = encoder.encode(text);
  bytes.set(encoded);
  return encoded.length;
}

/**
 * @param {readonly string[]} texts
 * @param {Uint8Array} bytes
 * @param {Uint32Array} offsets one more than texts
 */
function encodeTexts(texts, bytes, offsets) {
  let end = 0;
  offsets[0] = 0;
  texts.forEach((text, i) => {
    end += writeUtf8(text, bytes.subarray(end));
    offsets[i + 1] = end;
  });
}
