// SPDX-License-Identifier: Apache-2.0
// A model inside an instance of the module: its file streams in, then texts
// become vectors or token ids. The rules at the head of core.js hold here.

import { CoreStream } from "./core-stream.js";
import { textWindows } from "./text-windows.js";
import { newVectorBlock } from "./vector-block.js";

/** @typedef {import("./embed-options.js").EmbedPlan} EmbedPlan */
/** @typedef {import("./model-cache.js").CacheUse} CacheUse */

// How much text is encoded into the heap at a time.
const heapWindow = { maxTexts: 64, maxUnits: 1 << 18 };

/**
 * Some of a call's texts, done; none (`count` 0) after a step within a long text.
 * @typedef {object} EmbeddedPiece
 * @property {number} first which text is the piece's first
 * @property {number} count of texts
 * @property {import("./vector-block.js").VectorBlock} block
 * @property {Uint32Array} usage [count, 2]: tokens, and those of the whole text
 */

export class CoreModel extends CoreStream {
  #dims = 0;

  /**
   * How its file came; part of `info`.
   * @type {CacheUse}
   */
  cacheUse = { cache: "off" };

  /** @returns {{ config: any, memoryBytes: number, productKernel: string } & CacheUse} */
  info() {
    return { ...JSON.parse(this.core.guard(() => this.handle.info())), ...this.cacheUse };
  }

  /** Of the vectors as the engine makes them. */
  get #fullDims() {
    this.#dims ||= this.info().config.dims;
    return this.#dims;
  }

  /**
   * Embeds the texts piece by piece, in their order; between two pieces the
   * caller may let others run, or leave.
   * @param {readonly string[]} texts
   * @param {EmbedPlan} plan
   * @param {() => number} tokenBudget how many tokens the next piece may work on
   * @returns {Generator<EmbeddedPiece, void>}
   */
  *embed(texts, plan, tokenBudget) {
    const { dims, precision, normalize } = plan;
    const { core } = this;
    const fullDims = this.#fullDims;
    const longText = plan.overflow === "mean-chunks" ? core.newLongText() : null;
    try {
      yield* this.stepwise(texts, [], fullDims * 4, ({ text, offsets, count, out, usage }) => {
        const done = core.run((status) => this.handle.embedSome(status, text, offsets, count,
          tokenBudget(), normalize, out, usage, longText));
        const block = newVectorBlock(done, { precision, dims });
        core.formatVectors(out, fullDims, normalize, block);
        return { count: done, block };
      });
    } finally {
      if (core.isAlive) core.guard(() => longText?.delete());
    }
  }

  /**
   * Writes the texts to the heap, some at a time, and calls `step` with those that are
   * not done until all are.
   * @template {{ count: number }} P
   * @param {readonly string[]} texts
   * @param {readonly string[]} before texts that stand before those of every step
   * @param {number} outBytes that a step writes for a text
   * @param {(at: Record<"text" | "common" | "offsets" | "count" | "out" | "usage", number>) => P} step
   *   addresses: the texts' bytes; offsets of those before, and of those left; how many are
   *   left; room for results; and for [count, 2] u32
   * @returns {Generator<P & { first: number, usage: Uint32Array }, void>}
   */
  *stepwise(texts, before, outBytes, step) {
    for (const { first, texts: part } of textWindows(texts, heapWindow)) {
      for (const piece of this.#inWindow([...before, ...part], before.length, outBytes, step)) {
        yield { ...piece, first: first + piece.first };
      }
    }
  }

  /**
   * @template {{ count: number }} P
   * @param {readonly string[]} texts
   * @param {number} skipped how many of them are no step's own
   * @param {number} outBytes
   * @param {(at: any) => P} step
   * @returns {Generator<P & { first: number, usage: Uint32Array }, void>}
   */
  *#inWindow(texts, skipped, outBytes, step) {
    const { core } = this;
    const count = texts.length - skipped;
    const sizes = [utf8Room(texts), (texts.length + 1) * 4, count * outBytes, count * 8];
    /** @type {number[]} */
    const blocks = []; // addresses, which stay good across a yield
    try {
      for (const bytes of sizes) blocks.push(core.allocate(bytes));
      const [text, common, out, usage] = blocks;
      encodeTexts(texts, core.bytes(text, sizes[0]), core.words(common, texts.length + 1));
      for (let first = 0; first < count;) {
        const offsets = common + (skipped + first) * 4;
        const piece = step({ text, common, offsets, count: count - first, out, usage });
        yield { ...piece, first, usage: core.words(usage, piece.count * 2).slice() };
        first += piece.count;
      }
    } finally {
      blocks.forEach((pointer) => core.free(pointer));
    }
  }

  /**
   * @param {readonly string[]} texts
   * @returns {Uint32Array} the tokens that each whole text has, special ones included
   */
  countTokens(texts) {
    const { core } = this;
    const sizes = [utf8Room(texts), (texts.length + 1) * 4, texts.length * 4];
    return core.withBlocks(sizes, (text, offsets, out) => {
      encodeTexts(texts, core.bytes(text, sizes[0]), core.words(offsets, texts.length + 1));
      core.run((status) => this.handle.countTokens(status, text, offsets, texts.length, out));
      return core.words(out, texts.length).slice();
    });
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
      /** @param {number} capacity @returns {Uint32Array} */
      const tokenizeInto = (capacity) => core.withBlocks([capacity * 12], (out) => {
        const count = core.run((status) =>
          this.handle.tokenize(status, textPointer, textBytes, maxTokens, out, capacity));
        return count > capacity ? tokenizeInto(count) : core.words(out, count * 3).slice();
      });
      // A token for each byte and those of its own; a normaliser may lengthen the text.
      return tokenizeInto(textBytes + 16);
    });
  }
}

const encoder = new TextEncoder();

/** Bytes that the texts take as UTF-8 at the very most. @param {readonly string[]} texts */
function utf8Room(texts) {
  return texts.reduce((units, text) => units + text.length, 0) * 3;
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
