// SPDX-License-Identifier: Apache-2.0
// How near the engine comes to the reference implementation with real checkpoints:
// converts one, embeds its golden texts, and compares.

import { createHash } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { load } from "../../js/index.js";
import { readModelVectors } from "../../tests/golden/read-vectors.mjs";
import { putInPlace } from "../setup/files.mjs";
import { modelSource } from "../setup/models.mjs";
import { buildDir, buildStampDir, root } from "../setup/paths.mjs";
import { run } from "../setup/process.mjs";
import { contentOf, unlessUnchanged } from "../setup/stamp.mjs";

/**
 * How a checkpoint can be converted: the command's arguments.
 * @type {Record<string, string[]>}
 */
export const conversions = {
  "f32": ["--weights", "f32"],
  "int8": ["--weights", "int8"],
  "int8, not calibrated": ["--weights", "int8", "--calibration", "none"],
};

/** What every model must reach. */
export const limits = {
  "f32": { min: 0.9999, mean: 0.9999 },
  "int8": { min: 0.995, mean: 0.998 },
};

/**
 * The Simile file of a checkpoint, converted unless nothing has changed.
 * @param {string} name @param {string} conversion a key of `conversions`
 */
export async function convertedCheckpoint(name, conversion) {
  const file = `${name}.${conversion.replace(/\W+/g, "-")}`;
  const output = join(buildDir, "models", `${file}.simile`);
  const inputs = {
    converter: await contentOf(["js/wasm/simile-simd.wasm", "js/cli", "js/data"]),
    model: (await stat(join(modelSource(name), "model.safetensors"))).mtimeMs,
  };
  await mkdir(join(buildDir, "models"), { recursive: true });
  await unlessUnchanged(join(buildStampDir, `convert-${file}.json`), inputs, [output], () =>
    putInPlace(output, (temporary) =>
      run(process.execPath, [join(root, "js/cli/simile.js"), "convert", modelSource(name), "-o", temporary,
        ...conversions[conversion], "--threads", "2"], { log: "convert" })));
  return output;
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export function cosine(a, b) {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}

/**
 * Texts in their order, each with the prompt that the goldens have for it.
 * @param {import("../../js/index.js").Embedder} model
 * @param {string[]} texts @param {(string | null)[]} prompts
 */
export async function embedWithPrompts(model, texts, prompts) {
  /** @type {Float32Array[]} */
  const vectors = [];
  for (const [turn, prompt] of prompts.entries()) {
    const chosen = texts.filter((_, i) => i % prompts.length === turn);
    const embedded = await model.embed(chosen, { prompt: prompt ?? "", overflow: "truncate" });
    chosen.forEach((_, i) => { vectors[i * prompts.length + turn] = embedded[i]; });
  }
  return vectors;
}

/**
 * Of the golden texts' ids, as the goldens have it.
 * @param {import("../../js/index.js").Embedder} model @param {string[]} texts
 */
async function hashOfIds(model, texts) {
  const ids = [];
  for (const text of texts) ids.push(Array.from((await model.tokenize(text)).ids));
  return createHash("sha256").update(JSON.stringify(ids)).digest("hex");
}

/**
 * @param {string} name @param {string} conversion
 * @returns {Promise<{ name: string, conversion: string, texts: number, min: number, mean: number,
 *   worst: string, bytes: number, sameIds: boolean, norms: number[] }>}
 */
export async function measure(name, conversion) {
  const golden = await readModelVectors(name);
  const file = await convertedCheckpoint(name, conversion);
  const model = await load(file);
  try {
    const vectors = await embedWithPrompts(model, golden.texts, golden.prompts);
    const cosines = golden.vectors.map((vector, i) => cosine(vector, vectors[i]));
    const min = cosines.some(Number.isNaN) ? NaN : Math.min(...cosines);
    return {
      name, conversion, texts: cosines.length, min,
      mean: cosines.reduce((sum, value) => sum + value, 0) / cosines.length,
      worst: golden.texts[cosines.indexOf(min)],
      bytes: (await stat(file)).size,
      sameIds: await hashOfIds(model, golden.texts) === golden.idsSha256,
      norms: vectors.slice(0, 3).map((vector) => Math.hypot(...vector)),
    };
  } finally {
    model.dispose();
  }
}
