// SPDX-License-Identifier: Apache-2.0
// A converter inside an instance of the module: a checkpoint streams in, a Simile
// file is read out. The rules at the head of core.js hold here; it imports nothing, for
// the reason in core-tasks.js.

export class CoreConverter {
  /**
   * @param {import("./core.js").Core} core
   * @param {{ precision?: string, name?: string, source?: string, license?: string }} options
   */
  constructor(core, options) {
    this.core = core;
    /** Takes the weights. */
    this.stream = core.newStream("Converter", JSON.stringify(options));
  }

  /** @returns {any} */
  get handle() {
    return this.stream.handle;
  }

  delete() {
    this.stream.delete();
  }

  /**
   * Small files of the checkpoint to be added next, those that there are.
   * @returns {string[]} paths in its folder; none are wanted any more when it is empty
   */
  get wantedFiles() {
    return JSON.parse(this.core.guard(() => this.handle.wantedFiles()));
  }

  /** @param {string} name @param {Uint8Array} content */
  addFile(name, content) {
    this.#withBytes(content, (status, pointer) =>
      this.handle.addFile(status, name, pointer, content.length));
  }

  /** @param {Uint8Array} texts UTF-8 lines */
  setCalibration(texts) {
    this.#withBytes(texts, (status, pointer) =>
      this.handle.setCalibration(status, pointer, texts.length));
  }

  /** After the small files. */
  start() {
    this.core.run((status) => this.handle.start(status));
  }

  /** @returns {string[]} what is to be streamed in, in this order */
  get weightFiles() {
    return JSON.parse(this.core.guard(() => this.handle.weightFiles()));
  }

  /** @param {number} [fileBytes] of the next one, if known for certain */
  openWeights(fileBytes = 0) {
    this.core.run((status) => this.handle.openWeights(status, fileBytes));
  }

  /** @returns {boolean} whether there is more to do */
  step() {
    return this.core.run((status) => this.handle.step(status));
  }

  get progress() {
    return this.core.guard(() => /** @type {number} */ (this.handle.progress()));
  }

  get outputBytes() {
    return this.core.guard(() => /** @type {number} */ (this.handle.outputBytes()));
  }

  /** @param {number} begin @param {number} count */
  readOutput(begin, count) {
    return this.core.withBlocks([count], (pointer) => {
      this.readOutputTo(begin, count, pointer);
      return this.core.bytes(pointer, count).slice();
    });
  }

  /** @param {number} begin @param {number} count @param {number} pointer in the same heap */
  readOutputTo(begin, count, pointer) {
    this.core.run((status) => this.handle.readOutput(status, begin, count, pointer));
  }

  /** @param {Uint8Array} content @param {(status: any, pointer: number) => void} call */
  #withBytes(content, call) {
    this.core.withBlocks([content.length], (pointer) => {
      this.core.bytes(pointer, content.length).set(content);
      this.core.run((status) => call(status, pointer));
    });
  }
}
