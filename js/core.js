// SPDX-License-Identifier: Apache-2.0
// One running instance of the module (docs/border.md). This file and the two that
// it makes objects from, core-model.js and core-converter.js, are the only ones
// that call it or touch its heap. Three rules hold in them: a view of the heap is
// made, used and dropped between two calls; every block is freed in a `finally`;
// whatever the module throws is a crash, after which it is never called again.

import { SimileError, errorFromStatus, neededPart } from "./errors.js";
import { CoreModel } from "./core-model.js";
import { CoreStream } from "./core-stream.js";
import { instantiate } from "./instantiate.js";
import { moduleFiles } from "./module-files.js";
import { countOf, precisions } from "./vector-block.js";

/** @typedef {import("./instantiate.js").CoreSettings} CoreSettings */
/** @typedef {import("./vector-block.js").VectorBlock} VectorBlock */

/** @type {Readonly<Record<string, number>>} */
const metricNumbers = { cosine: 0, dot: 1 };

export class Core {
  #instance;
  #module;
  #memory;
  /** @type {any} */
  #pool;
  /** @type {unknown} */
  #crash;
  #isClosed = false;

  /** @param {CoreSettings} settings */
  static async start(settings) {
    const core = new Core(await instantiate(settings));
    try {
      core.#pool = core.run((status) => new core.#module.ThreadPool(status, settings.threads));
    } catch (error) {
      core.close();
      throw error;
    }
    return core;
  }

  /** @param {import("./instantiate.js").Instance} instance */
  constructor(instance) {
    this.#instance = instance;
    this.#module = instance.module;
    this.#memory = instance.memory;
    /** What other instances can be made of. */
    this.compiled = instance.compiled;
    /** Fetched for this instance, as far as known. */
    this.moduleBytes = instance.moduleBytes;
  }

  /** Fetches the library for sentencepiece models, unless it is there. */
  async attachSentencepiece() {
    const { attach } = await neededPart(import("./sentencepiece-part.js"));
    await attach(this.#instance, { instantiate, moduleFiles });
  }

  /** False after a crash. */
  get isAlive() {
    return this.#crash === undefined && !this.#isClosed;
  }

  get threads() {
    return this.guard(() => /** @type {number} */ (this.#pool.threads()));
  }

  get heapBytes() {
    return this.#memory.buffer.byteLength;
  }

  /** Ends the threads. What is left goes with the last reference to this. */
  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#module.PThread?.terminateAllThreads();
    } catch {
      // A crashed module may not even manage this.
    }
  }

  /**
   * Calls the module; whatever it throws marks it dead.
   * @template T
   * @param {() => T} call
   * @returns {T}
   */
  guard(call) {
    if (!this.isAlive) {
      throw new SimileError("internal",
        "the module has crashed or is closed; load the model again",
        { cause: this.#crash });
    }
    try {
      return call();
    } catch (error) {
      this.#crash = error;
      this.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new SimileError("internal", `the WebAssembly module crashed: ${reason}`, { cause: error });
    }
  }

  /**
   * Calls what reports by a Status; throws the error that it holds.
   * @template T
   * @param {(status: any) => T} call
   * @returns {T}
   */
  run(call) {
    const { value, code, message } = this.guard(() => {
      const status = new this.#module.Status();
      const result = call(status);
      const code = /** @type {number} */ (status.code());
      const message = code === 0 ? "" : /** @type {string} */ (status.message());
      status.delete();
      return { value: result, code, message };
    });
    if (code === 0) return value;
    // A constructor that failed has made an object all the same.
    if (typeof value === "object") this.guard(() => /** @type {any} */ (value)?.delete());
    throw errorFromStatus(code, message);
  }

  /**
   * @param {number} bytes
   * @returns {number} the block's address
   */
  allocate(bytes) {
    const pointer = bytes >= 2 ** 32 ? 0
      : this.guard(() => this.#module._malloc(Math.max(bytes, 1))) >>> 0;
    if (pointer === 0) {
      throw new SimileError("out_of_memory",
        `no room for ${bytes} bytes in the module's memory of ${this.heapBytes}`);
    }
    return pointer;
  }

  /** @param {number} pointer 0 does nothing */
  free(pointer) {
    if (pointer !== 0 && this.isAlive) this.guard(() => this.#module._free(pointer));
  }

  /**
   * Runs `use` with blocks of the given sizes, which are freed after it.
   * @template T
   * @param {number[]} sizes in bytes
   * @param {(...pointers: number[]) => T} use
   * @returns {T}
   */
  withBlocks(sizes, use) {
    /** @type {number[]} */
    const pointers = [];
    try {
      for (const bytes of sizes) pointers.push(this.allocate(bytes));
      return use(...pointers);
    } finally {
      pointers.forEach((pointer) => this.free(pointer));
    }
  }

  // Fresh views. They do not outlive the next call of the module.
  /** @param {number} pointer @param {number} count */
  bytes(pointer, count) {
    return new Uint8Array(this.#memory.buffer, pointer, count);
  }

  /** @param {number} pointer @param {number} count */
  words(pointer, count) {
    return new Uint32Array(this.#memory.buffer, pointer, count);
  }

  /** @param {number} pointer @param {number} count */
  floats(pointer, count) {
    return new Float32Array(this.#memory.buffer, pointer, count);
  }

  /**
   * @param {number} pointer
   * @param {import("./vector-block.js").VectorTypes[import("./vector-block.js").Precision]} data
   */
  write(pointer, data) {
    this.bytes(pointer, data.byteLength)
      .set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  /**
   * @param {VectorBlock} a [A]
   * @param {VectorBlock} b [B], of the same format
   * @param {string} metric
   * @returns {Float32Array} [A, B]
   */
  similarity(a, b, metric) {
    const [aCount, bCount] = [countOf(a), countOf(b)];
    return this.#withVectors([a, b], aCount * bCount * 4, ([aData, aScales, bData, bScales], out) => {
      this.run((status) => this.#module.similarity(status, precisions.indexOf(a.precision), a.dims,
        aData, aScales, aCount, bData, bScales, bCount, metricNumbers[metric], out));
      return this.floats(out, aCount * bCount).slice();
    });
  }

  /**
   * @param {VectorBlock} query of one
   * @param {VectorBlock} docs of the same format
   * @param {{ metric: string, topK: number, minScore: number }} options
   * @returns {{ index: number, score: number }[]} best first
   */
  rank(query, docs, { metric, topK, minScore }) {
    const count = countOf(docs);
    const room = Math.min(topK, count);
    return this.#withVectors([query, docs], room * 8, (blocks, out) => {
      const found = this.run((status) => this.#module.rank(status,
        precisions.indexOf(docs.precision), docs.dims, ...blocks, count, metricNumbers[metric], room,
        minScore, out));
      const [indices, scores] = [this.words(out, found * 2), this.floats(out, found * 2)];
      return Array.from({ length: found }, (_, i) => ({
        index: indices[2 * i],
        score: scores[2 * i + 1],
      }));
    });
  }

  /**
   * Runs `use` with the vectors and their scales in the heap, and room for results.
   * @template T
   * @param {VectorBlock[]} blocks
   * @param {number} outBytes
   * @param {(pointers: number[], out: number) => T} use
   * @returns {T}
   */
  #withVectors(blocks, outBytes, use) {
    const arrays = blocks.flatMap(({ data, scales = new Float32Array() }) => [data, scales]);
    const sizes = [...arrays.map((array) => array.byteLength), outBytes];
    return this.withBlocks(sizes, (...pointers) => {
      arrays.forEach((array, i) => this.write(pointers[i], array));
      return use(pointers.slice(0, -1), pointers[pointers.length - 1]);
    });
  }

  /**
   * Brings f32 vectors in the heap to a format, into a block of JavaScript's.
   * @param {number} pointer [count, fullDims] f32
   * @param {number} fullDims
   * @param {boolean} normalize what is cut
   * @param {VectorBlock} block [count]
   */
  formatVectors(pointer, fullDims, normalize, { precision, dims, data, scales }) {
    if (precision === "float32" && dims === fullDims) {
      data.set(this.floats(pointer, data.length));
      return;
    }
    const count = countOf({ precision, dims, data });
    this.withBlocks([data.byteLength, count * 4], (out, scalesPointer) => {
      this.run((status) => this.#module.formatVectors(status, pointer, count, fullDims, dims, normalize,
        precisions.indexOf(precision), out, scalesPointer));
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        .set(this.bytes(out, data.byteLength));
      scales?.set(this.floats(scalesPointer, count));
    });
  }

  /**
   * Where one caller stands within a text of several steps; to be deleted.
   * @returns {any}
   */
  newLongText() {
    return this.guard(() => new this.#module.LongText());
  }

  /**
   * @param {number} [fileBytes] if known for certain
   * @param {boolean} [isVerified] all its golden vectors were, when it was stored
   */
  newModel(fileBytes = 0, isVerified = false) {
    const handle = this.construct("Model", fileBytes);
    if (isVerified) this.guard(() => handle.checkOneGoldenText());
    return new CoreModel(this, handle);
  }

  /**
   * An object of a class of the module that works on its threads; to be deleted.
   * @param {"Model" | "Converter"} className
   * @param {unknown} argument
   * @returns {any}
   */
  construct(className, argument) {
    return this.run((status) => new this.#module[className](status, this.#pool, argument));
  }

  /**
   * What takes a safetensors file as it streams in.
   * @param {"Model" | "Converter"} className
   * @param {unknown} argument
   */
  newStream(className, argument) {
    return new CoreStream(this, this.construct(className, argument));
  }

  /** @param {"Sha256" | "Checksum"} kind */
  newHash(kind) {
    return this.guard(() => new this.#module[kind]());
  }
}
