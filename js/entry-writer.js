// SPDX-License-Identifier: Apache-2.0
// Writes one entry of a cache, chunk by chunk as they come: a store takes the body
// of a Response at its own pace, and no more than one chunk waits. What a store
// refuses (no space left, no permission) ends the writing and is told, not thrown:
// nobody's work depends on a cache.

export class EntryWriter {
  /** @type {any} */
  #controller;
  #stored;
  #isOpen = true;
  /** @type {unknown} */
  #failure;
  // Settles when the store wants the next chunk, or will want no more.
  #wanted = Promise.resolve();
  #wake = () => {};

  /** @type {Uint8Array[]} in turn, where the store copies what it takes */
  #buffers = [];
  #isCopied;

  /**
   * @param {(content: Response) => Promise<unknown>} store
   * @param {boolean} [isCopied] the store is done with a chunk when it wants the next one
   */
  constructor(store, isCopied = false) {
    this.#isCopied = isCopied;
    this.#renew();
    const stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#wake(),
      cancel: (reason) => this.#fail(reason),
    }, { highWaterMark: 0 });
    this.#stored = this.#store(store, stream);
  }

  /** Why it failed; nothing as long as it has not. */
  get failure() {
    return this.#failure;
  }

  /** @param {Uint8Array} chunk good until this settles */
  async write(chunk) {
    if (chunk.length === 0) return;
    await this.#wanted;
    if (!this.#isOpen) return;
    this.#renew();
    this.#controller.enqueue(this.#copyOf(chunk));
  }

  /**
   * Where the store allows it always into the same memory: a fresh copy of each chunk
   * would lie about, a whole model of them, before it is collected.
   * @param {Uint8Array} chunk
   */
  #copyOf(chunk) {
    if (!this.#isCopied) return chunk.slice();
    const spare = this.#buffers.length > 1 ? this.#buffers.shift() : undefined;
    const buffer = spare && spare.length >= chunk.length ? spare : new Uint8Array(chunk.length);
    this.#buffers.push(buffer);
    buffer.set(chunk);
    return buffer.subarray(0, chunk.length);
  }

  /** The entry is complete. Waits until it is stored or refused. */
  async close() {
    await this.#end(() => this.#controller.close());
  }

  /**
   * The entry is not to be.
   * @param {unknown} [reason]
   */
  async abort(reason = new Error("given up")) {
    await this.#end(() => this.#controller.error(reason));
    this.#failure ??= reason;
  }

  /** @param {() => void} end */
  async #end(end) {
    if (this.#isOpen) {
      this.#isOpen = false;
      end();
    }
    await this.#stored;
  }

  /**
   * @param {(content: Response) => Promise<unknown>} store
   * @param {ReadableStream<Uint8Array>} stream
   */
  async #store(store, stream) {
    try {
      await store(new Response(stream));
      // Stored before the end is not stored.
      if (this.#isOpen) throw new Error("the store took less than it was given");
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#failure ??= error ?? new Error("the store took no more");
    this.#isOpen = false;
    this.#wake();
  }

  #renew() {
    this.#wanted = new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
    });
  }
}
