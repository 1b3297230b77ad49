// SPDX-License-Identifier: Apache-2.0
// What core.js promises whatever the module does, on a fake of the border
// (docs/border.md) that can be told to fail.

import { Core } from "../../js/core.js";
import { CoreModel } from "../../js/core-model.js";

/** A module with a heap of its own, that counts what is not given back. */
class FakeModule {
  memory = new WebAssembly.Memory({ initial: 1 });
  blocks = new Map();
  liveObjects = 0;
  mallocsLeft = Infinity;
  failure = { code: 0, message: "" };
  next = 64;

  constructor() {
    const fake = this;
    const Handle = class {
      constructor() {
        fake.liveObjects += 1;
      }
      delete() {
        fake.liveObjects -= 1;
      }
    };
    this.Status = class extends Handle {
      code = () => fake.failure.code;
      message = () => fake.failure.message;
    };
    this.Sha256 = class extends Handle {};
    this.Model = Handle;
    this.Converter = Handle;
  }

  _malloc = (/** @type {number} */ bytes) => {
    this.mallocsLeft -= 1;
    if (this.mallocsLeft < 0) return 0;
    this.blocks.set(this.next, bytes);
    this.next += Math.ceil(bytes / 8) * 8;
    return this.blocks.size === 0 ? 0 : this.next - Math.ceil(bytes / 8) * 8;
  };

  _free = (/** @type {number} */ pointer) => {
    if (!this.blocks.delete(pointer)) throw new Error(`${pointer} was not allocated`);
  };
}

/** @type {FakeModule} */
let module;
/** @type {Core} */
let core;

beforeEach(() => {
  module = new FakeModule();
  core = new Core({ module, memory: module.memory });
});

/** A model that embeds `perCall` texts at a time, as the numbers of their bytes. */
function fakeModel(perCall = 1) {
  return new CoreModel(core, {
    info: () => JSON.stringify({ config: { architecture: { hidden_size: 1 }, dims: 1 } }),
    embedSome(/** @type {any} */ _, text, offsets, count, budget, normalize, out, usage) {
      const done = Math.min(perCall, count);
      const ends = core.words(offsets, count + 1);
      for (let i = 0; i < done; ++i) {
        core.floats(out + i * 4, 1)[0] = ends[i + 1] - ends[i];
        core.words(usage + i * 8, 2).set([i, core.bytes(text + ends[i], 1)[0]]);
      }
      return done;
    },
  });
}

/** @type {import("../../js/embed-options.js").EmbedPlan} */
const plan = { dims: 1, precision: "float32", normalize: true, overflow: "truncate" };
const budget = () => 1;

test("each text lands in its own place, however many the module takes at a time", () => {
  const texts = Array.from({ length: 150 }, (_, i) => "é".repeat(i % 7) + "\ud800");
  for (const perCall of [1, 2, 64, 1000]) {
    const pieces = [...fakeModel(perCall).embed(texts, plan, budget)];
    const firsts = pieces.map((_, i) => pieces.slice(0, i).reduce((sum, piece) => sum + piece.count, 0));
    expect(pieces.map(({ first }) => first)).toEqual(firsts);
    expect(pieces.flatMap(({ block }) => [...block.data])).toEqual(texts.map((_, i) => 2 * (i % 7) + 3));
    expect(pieces.every(({ count, usage }) => usage.length === 2 * count)).toBe(true);
  }
  expect(module.blocks.size).toBe(0);
  expect(module.liveObjects).toBe(0);
});

test("work that is left early gives its blocks back", () => {
  for (const { first } of fakeModel().embed(["a", "b", "c"], plan, budget)) {
    expect(module.blocks.size).toBe(4);
    if (first === 1) break;
  }
  expect(module.blocks.size).toBe(0);
});

test.each([0, 1, 2, 3])("memory that ends at allocation %i is an error, and the next call works", (allowed) => {
  module.mallocsLeft = allowed;
  const work = () => [...fakeModel().embed(["a"], plan, budget)].length;
  expect(work).toThrow(expect.objectContaining({ code: "out_of_memory" }));
  expect(module.blocks.size).toBe(0);
  module.mallocsLeft = Infinity;
  expect(work()).toBe(1);
});

test("a Status becomes an error with its code and words, and nothing is left behind", () => {
  module.failure = { code: 2, message: "tensor 'x': no" };
  expect(() => core.newModel()).toThrow(expect.objectContaining({ code: "bad_model", message: "tensor 'x': no" }));
  expect(module.liveObjects).toBe(0);
  module.failure.code = 0;
  core.newModel().delete();
  expect(module.liveObjects).toBe(0);
});

test("a trap is `internal`, and the module is not called again", () => {
  const trap = new WebAssembly.RuntimeError("unreachable");
  expect(() => core.guard(() => { throw trap; })).toThrow(expect.objectContaining({ code: "internal", cause: trap }));
  expect(core.isAlive).toBe(false);
  let calls = 0;
  expect(() => core.guard(() => ++calls)).toThrow(expect.objectContaining({ code: "internal", cause: trap }));
  expect(calls).toBe(0);
});

test("a trap amid blocks does not hide behind their release", () => {
  const trap = new WebAssembly.RuntimeError("unreachable");
  expect(() => core.withBlocks([8], () => core.guard(() => { throw trap; })))
    .toThrow(expect.objectContaining({ cause: trap }));
});

test("closing ends the threads once", () => {
  let ended = 0;
  /** @type {any} */ (module).PThread = { terminateAllThreads: () => ++ended };
  core.close();
  core.close();
  expect(ended).toBe(1);
});

test("a file that goes on after its end is refused", async () => {
  const model = new CoreModel(core, { spanSize: () => 0 });
  await expect(model.feed(new Uint8Array(1))).rejects.toMatchObject({ code: "bad_model" });
});

test("chunks are cut to the spans that the module asks for", async () => {
  /** @type {number[]} */
  const got = [];
  const spans = [3, 1, 4, 2];
  const model = new CoreModel(core, {
    spanSize: () => spans[0] ?? 0,
    spanPointer: () => 128,
    commit(/** @type {any} */ _, /** @type {number} */ count) {
      got.push(...core.bytes(128, count));
      spans[0] -= count;
      if (spans[0] === 0) spans.shift();
    },
  });
  await model.feed(Uint8Array.of(0, 1));
  await model.feed(Uint8Array.of(2, 3, 4, 5, 6, 7));
  await model.feed(Uint8Array.of(8, 9));
  expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
