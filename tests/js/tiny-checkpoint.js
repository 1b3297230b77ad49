// SPDX-License-Identifier: Apache-2.0
// A checkpoint laid out as on the Hugging Face Hub, small enough to be made in a
// test: BERT with two layers of 32 and a vocabulary of a few words. Its numbers
// mean nothing, but are the same every time.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const hidden = 32;
const intermediate = 64;
const layers = 2;
const positions = 48;
export const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "dog", "sat", "on",
  "mat", "a", "##s", "é", "😀", "."];

export const config = {
  architectures: ["BertModel"],
  model_type: "bert",
  hidden_act: "gelu",
  hidden_size: hidden,
  intermediate_size: intermediate,
  layer_norm_eps: 1e-12,
  max_position_embeddings: positions,
  num_attention_heads: 2,
  num_hidden_layers: layers,
  type_vocab_size: 2,
  vocab_size: words.length,
};

/**
 * The head of a cross-encoder.
 * @param {number} labels
 * @returns {[string, number[]][]}
 */
const classifierShapes = (labels) => [
  ["pooler.dense.weight", [hidden, hidden]],
  ["pooler.dense.bias", [hidden]],
  ["classifier.weight", [labels, hidden]],
  ["classifier.bias", [labels]],
];

/** @returns {[string, number[]][]} */
function tensorShapes() {
  /** @type {[string, number[]][]} */
  const shapes = [
    ["embeddings.word_embeddings.weight", [words.length, hidden]],
    ["embeddings.position_embeddings.weight", [positions, hidden]],
    ["embeddings.token_type_embeddings.weight", [2, hidden]],
    ["embeddings.LayerNorm.weight", [hidden]],
    ["embeddings.LayerNorm.bias", [hidden]],
  ];
  /** @type {[string, number, number][]} */
  const products = [
    ["attention.self.query", hidden, hidden],
    ["attention.self.key", hidden, hidden],
    ["attention.self.value", hidden, hidden],
    ["attention.output.dense", hidden, hidden],
    ["intermediate.dense", intermediate, hidden],
    ["output.dense", hidden, intermediate],
  ];
  for (let layer = 0; layer < layers; ++layer) {
    const prefix = `encoder.layer.${layer}`;
    for (const [name, rows, columns] of products) {
      shapes.push([`${prefix}.${name}.weight`, [rows, columns]], [`${prefix}.${name}.bias`, [rows]]);
    }
    for (const name of ["attention.output.LayerNorm", "output.LayerNorm"]) {
      shapes.push([`${prefix}.${name}.weight`, [hidden]], [`${prefix}.${name}.bias`, [hidden]]);
    }
  }
  return shapes;
}

/**
 * @param {{ poison?: number, labels?: number }} [options] poison: a value put in place of
 *   one weight; labels: of a cross-encoder
 */
export function weights({ poison, labels } = {}) {
  /** @type {Record<string, object>} */
  const header = {};
  /** @type {number[]} */
  const values = [];
  let state = 1;
  // The one is named from the class on, the other from within it.
  const shapes = labels === undefined ? tensorShapes() : [
    ...tensorShapes().map(([name, shape]) => /** @type {[string, number[]]} */ ([`bert.${name}`, shape])),
    ...classifierShapes(labels).map(([name, shape]) => /** @type {[string, number[]]} */ (
      [name.startsWith("pooler") ? `bert.${name}` : name, shape])),
  ];
  for (const [name, shape] of shapes) {
    const begin = values.length * 4;
    const count = shape.reduce((a, b) => a * b, 1);
    for (let i = 0; i < count; ++i) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const value = (state / 2 ** 32 - 0.5) * 0.4;
      values.push(name.endsWith("LayerNorm.weight") ? 1 + value : value);
    }
    header[name] = { dtype: "F32", shape, data_offsets: [begin, values.length * 4] };
  }
  if (poison !== undefined) values[values.length - 1] = poison;
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + values.length * 4);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(new Uint8Array(Float32Array.from(values).buffer), 8 + text.length);
  return bytes;
}

/**
 * @param {{ config?: object, weights?: Uint8Array, prompts?: object }} [parts]
 * @returns {Record<string, string | Uint8Array>} by file name
 */
export function checkpointFiles(parts = {}) {
  return {
    "config.json": JSON.stringify({ ...config, ...parts.config }),
    "vocab.txt": `${words.join("\n")}\n`,
    "model.safetensors": parts.weights ?? weights(),
    "modules.json": JSON.stringify(["Transformer", "Pooling", "Normalize"].map((type, idx) => ({
      idx,
      name: String(idx),
      path: idx === 0 ? "" : `${idx}_${type}`,
      type: `sentence_transformers.models.${type}`,
    }))),
    "1_Pooling/config.json": JSON.stringify({ word_embedding_dimension: hidden, pooling_mode_mean_tokens: true }),
    "config_sentence_transformers.json": JSON.stringify({ prompts: parts.prompts ?? {} }),
  };
}

/**
 * A cross-encoder: no modules, but a class with a head.
 * @param {number} [labels]
 * @returns {Record<string, string | Uint8Array>} by file name
 */
export function crossEncoderFiles(labels = 1) {
  const id2label = Object.fromEntries(Array.from({ length: labels }, (_, i) => [i, `LABEL_${i}`]));
  const label2id = Object.fromEntries(Object.entries(id2label).map(([id, label]) => [label, Number(id)]));
  const shape = { ...config, architectures: ["BertForSequenceClassification"], id2label, label2id };
  return {
    "config.json": JSON.stringify(shape),
    "vocab.txt": `${words.join("\n")}\n`,
    "model.safetensors": weights({ labels }),
  };
}

/**
 * @param {Record<string, string | Uint8Array>} files
 * @returns {Promise<string>} the folder; the caller removes it
 */
export async function writeFolder(files) {
  const folder = await mkdtemp(join(tmpdir(), "simile-test-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** @param {string} folder */
export function removeFolder(folder) {
  return rm(folder, { recursive: true, force: true });
}
