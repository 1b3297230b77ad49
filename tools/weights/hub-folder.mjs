// SPDX-License-Identifier: Apache-2.0
// Writes a folder as sentence-transformers lays out a checkpoint on the Hub.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeSafetensors } from "./safetensors-writer.mjs";

const moduleType = (name) => `sentence_transformers.models.${name}`;

/**
 * @typedef {object} Checkpoint
 * @property {object[]} tensors as writeSafetensors takes them
 * @property {object} config config.json
 * @property {Buffer | object} tokenizer tokenizer.json, as bytes or to be written
 * @property {object} tokenizerConfig tokenizer_config.json
 * @property {string} [vocabulary] vocab.txt
 * @property {number} maxTokens @property {boolean} [lowerCase]
 * @property {"cls" | "mean" | "lasttoken"} pooling
 * @property {{ config: object, tensors: object[] }} [dense] a layer behind the pooling
 * @property {boolean} isNormalized whether a Normalize module ends it
 * @property {Record<string, string>} [prompts]
 * @property {number} dims of the hidden states
 */

function poolingConfig(pooling, dims) {
  return {
    word_embedding_dimension: dims,
    pooling_mode_cls_token: pooling === "cls",
    pooling_mode_mean_tokens: pooling === "mean",
    pooling_mode_max_tokens: false,
    pooling_mode_mean_sqrt_len_tokens: false,
    pooling_mode_weightedmean_tokens: false,
    pooling_mode_lasttoken: pooling === "lasttoken",
    include_prompt: true,
  };
}

function modulesOf({ dense, isNormalized }) {
  const types = ["Transformer", "Pooling", ...(dense ? ["Dense"] : []), ...(isNormalized ? ["Normalize"] : [])];
  return types.map((type, idx) => ({
    idx, name: String(idx), path: idx === 0 ? "" : `${idx}_${type}`, type: moduleType(type),
  }));
}

/** @param {string} target a folder, made if missing @param {Checkpoint} checkpoint */
export async function writeHubFolder(target, checkpoint) {
  const { config, dense, dims, lowerCase, maxTokens, pooling, prompts, tensors, tokenizer, tokenizerConfig, vocabulary } = checkpoint;
  const files = {
    "config.json": config,
    "modules.json": modulesOf(checkpoint),
    "1_Pooling/config.json": poolingConfig(pooling, dims),
    "sentence_bert_config.json": { max_seq_length: maxTokens, do_lower_case: lowerCase ?? false },
    "config_sentence_transformers.json": { prompts: prompts ?? {}, default_prompt_name: null, similarity_fn_name: "cosine" },
    "tokenizer.json": tokenizer,
    "tokenizer_config.json": tokenizerConfig,
    ...(vocabulary === undefined ? {} : { "vocab.txt": Buffer.from(vocabulary) }),
    ...(dense === undefined ? {} : { "2_Dense/config.json": dense.config }),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(target, name)), { recursive: true });
    await writeFile(join(target, name), Buffer.isBuffer(content) ? content : `${JSON.stringify(content, null, 2)}\n`);
  }
  await writeSafetensors(join(target, "model.safetensors"), tensors);
  if (dense) await writeSafetensors(join(target, "2_Dense/model.safetensors"), dense.tensors);
}
