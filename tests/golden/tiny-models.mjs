// SPDX-License-Identifier: Apache-2.0
// Makes the small checkpoints of tiny_models/*.json, as folders laid out as on the
// Hub. Formats and the hash: README.md.

import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeSafetensors } from "../../tools/weights/safetensors-writer.mjs";

const folder = new URL("tiny_models/", import.meta.url);

/** @returns {Promise<string[]>} the names of all */
export const tinyModelNames = async () =>
  (await readdir(folder)).map((file) => file.replace(/\.json$/, "")).sort();

/** @param {string} name @returns {Promise<any>} what README.md describes */
export const readTinyModel = async (name) => JSON.parse(await readFile(new URL(`${name}.json`, folder), "utf8"));

/**
 * Values in [-0.5, 0.5) that depend on a tensor's name and the index.
 * @param {string} name @param {number} count
 */
function* hashed(name, count) {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193) >>> 0;
  for (let index = 0; index < count; index++) {
    let x = (seed + Math.imul(index, 2654435761)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    yield ((x ^ (x >>> 16)) >>> 8) / 2 ** 24 - 0.5;
  }
}

/** @param {[string, number[], number, number]} tensor */
function bytesOfTensor([name, shape, base, scale]) {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const values = Float32Array.from(hashed(name, count), (value) => base + scale * value);
  return new Uint8Array(values.buffer);
}

/** What the id's piece is called: a word of a text, unless it is special. */
export const wordOf = (/** @type {number} */ id) => (id < 8 ? `[${id}]` : `w${id}`);

/**
 * A tokenizer for texts of such words between spaces.
 * @param {{ before: number[], after: number[] }} special @param {number} count of ids
 */
function tokenizerOf({ before, after }, count) {
  const ids = Array.from({ length: count }, (_, id) => id);
  const one = (/** @type {number} */ id) => ({ SpecialToken: { id: wordOf(id), type_id: 0 } });
  const template = (/** @type {string} */ sequence, /** @type {number} */ type) => ({ Sequence: { id: sequence, type_id: type } });
  const ends = [...new Set([...before, ...after])];
  return {
    version: "1.0", truncation: null, padding: null,
    added_tokens: ids.slice(0, 8).map((id) => ({
      id, content: wordOf(id), single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: false },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: ends.length === 0 ? null : {
      type: "TemplateProcessing",
      single: [...before.map(one), template("A", 0), ...after.map(one)],
      pair: [...before.map(one), template("A", 0), ...after.map(one), template("B", 1),
        ...after.map((id) => ({ SpecialToken: { id: wordOf(id), type_id: 1 } }))],
      special_tokens: Object.fromEntries(ends.map((id) => [wordOf(id), { id: wordOf(id), ids: [id], tokens: [wordOf(id)] }])),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: { type: "WordPiece", unk_token: wordOf(7), continuing_subword_prefix: "##", max_input_chars_per_word: 100,
      vocab: Object.fromEntries(ids.map((id) => [wordOf(id), id])) },
  };
}

/**
 * Writes a checkpoint's folder.
 * @param {string} name @param {string} target
 * @param {Record<string, object>} [files] small files that differ from the document's
 * @returns {Promise<any>} the document
 */
export async function writeTinyModel(name, target, files = {}) {
  const document = await readTinyModel(name);
  const small = { ...document.folder, ...files,
    "tokenizer.json": tokenizerOf(document.special, document.folder["config.json"].vocab_size),
    "tokenizer_config.json": { tokenizer_class: "PreTrainedTokenizerFast", unk_token: wordOf(7), pad_token: wordOf(0) } };
  for (const [path, content] of Object.entries(small)) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), JSON.stringify(content));
  }
  for (const [path, tensors] of Object.entries(document.tensors)) {
    await writeSafetensors(join(target, path), tensors.map((/** @type {any} */ tensor) =>
      ({ name: tensor[0], dtype: "F32", shape: tensor[1], bytes: () => bytesOfTensor(tensor) })));
  }
  return document;
}
