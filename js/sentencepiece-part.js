// SPDX-License-Identifier: Apache-2.0
// The sentencepiece part (docs/border.md): a second module, which has the library and is
// fetched only when a model's tokenizer is a sentencepiece model. The engine calls it in
// the midst of a call (wasm/sentencepiece_bridge.cc), and here stands what takes the
// bytes from one memory to the other. What the part throws, a trap, passes through the
// engine to core.js: both are dead then, and the next call starts both anew. It imports
// nothing, for the reason in core-tasks.js.

const name = /** @type {import("./variants.js").VariantName} */ ("sentencepiece");
const files = {
  glueUrl: () => new URL("./wasm/simile-sentencepiece.js", import.meta.url),
  wasmUrl: () => new URL("./wasm/simile-sentencepiece.wasm", import.meta.url),
};

// Members of SentencepieceReply (wasm/sentencepiece_call.h), u32 each.
const reply = { words: 6, code: 0, data: 1, dataBytes: 2 };
const outOfMemory = 4;

/** @typedef {import("./instantiate.js").Instance} Instance */
/** @typedef {Pick<typeof import("./instantiate.js"), "instantiate"> &
 *   Pick<typeof import("./module-files.js"), "moduleFiles">} Tools */

/** @type {WeakMap<Instance, Promise<void>>} */
const attaching = new WeakMap();

/**
 * Once for each engine. What failed is tried again.
 * @param {Instance} engine
 * @param {Tools} tools
 */
export async function attach(engine, tools) {
  let attached = attaching.get(engine);
  if (attached === undefined) {
    attached = start(engine, tools);
    attaching.set(engine, attached);
    attached.catch(() => attaching.delete(engine));
  }
  return attached;
}

/** @param {Instance} engine @param {Tools} tools */
async function start(engine, { instantiate, moduleFiles }) {
  moduleFiles[name] = files; // one more that instantiate.js finds
  const { sentencepieceUrl: wasmUrl = String(files.wasmUrl()), maxMemoryBytes } = engine.settings;
  const part = await instantiate({
    variant: { name, relaxedSimd: false, threads: false }, threads: 1, wasmUrl, maxMemoryBytes,
  });
  engine.raw.callSentencepiece = carrier(engine, part);
}

/**
 * @param {Instance} engine
 * @param {Instance} part
 * @returns {(method: number, model: number, data: number, dataBytes: number, replyTo: number) => void}
 *   what the engine calls, with addresses of its own memory but for the model, which is
 *   the part's
 */
function carrier(engine, part) {
  return (method, model, data, dataBytes, replyTo) => {
    const words = callPart(part, method, model, bytesOf(engine, data, dataBytes));
    if (words[reply.data] !== 0) {
      const { [reply.data]: from, [reply.dataBytes]: bytes } = words;
      words[reply.data] = allocate(engine, bytes);
      if (words[reply.data] === 0) words[reply.code] = outOfMemory;
      else bytesOf(engine, words[reply.data], bytes).set(bytesOf(part, from, bytes));
      part.raw._free(from);
    }
    wordsOf(engine, replyTo).set(words);
  };
}

/**
 * @param {Instance} part
 * @param {number} method
 * @param {number} model
 * @param {Uint8Array} data in the engine's memory, which the part does not change
 * @returns {Uint32Array} the reply, with an address of the part's
 */
function callPart(part, method, model, data) {
  const replyBytes = reply.words * 4;
  const block = allocate(part, replyBytes + data.length);
  if (block === 0) return Uint32Array.of(outOfMemory, 0, 0, 0, 0, 0);
  bytesOf(part, block + replyBytes, data.length).set(data);
  part.raw._callSentencepiece(method, model, block + replyBytes, data.length, block);
  const words = wordsOf(part, block).slice();
  part.raw._free(block);
  return words;
}

/** @param {Instance} instance @param {number} bytes @returns {number} 0: no room */
function allocate({ raw }, bytes) {
  return raw._malloc(Math.max(bytes, 1)) >>> 0;
}

// Fresh views. They do not outlive the next call that may grow the memory.
/** @param {Instance} instance @param {number} pointer @param {number} count */
function bytesOf({ memory }, pointer, count) {
  return new Uint8Array(memory.buffer, pointer >>> 0, count >>> 0);
}

/** @param {Instance} instance @param {number} pointer */
function wordsOf({ memory }, pointer) {
  return new Uint32Array(memory.buffer, pointer >>> 0, reply.words);
}
