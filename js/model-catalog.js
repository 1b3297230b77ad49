// SPDX-License-Identifier: Apache-2.0
// The models that `load` knows by name: where each lies on the Hugging Face Hub, at
// which revision, and the hash of its weights.

/**
 * @typedef {object} CatalogueEntry
 * @property {string} path of its folder on the Hub
 * @property {string} source its name there
 * @property {string} license an SPDX identifier
 * @property {string} sha256 of model.safetensors
 * @property {readonly string[]} files beside the weights
 */

const hub = "https://huggingface.co/";

export const defaultModelName = "all-MiniLM-L6-v2";

/** @type {Readonly<Record<string, CatalogueEntry>>} */
export const modelCatalog = {
  "all-MiniLM-L6-v2": {
    path: "sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/",
    source: "sentence-transformers/all-MiniLM-L6-v2",
    license: "apache-2.0",
    sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    files: [
      "config.json",
      "vocab.txt",
      "tokenizer_config.json",
      "special_tokens_map.json",
      "modules.json",
      "1_Pooling/config.json",
      "sentence_bert_config.json",
      "config_sentence_transformers.json",
    ],
  },
};

/**
 * @param {CatalogueEntry} entry
 * @param {string} [mirror] absolute; default: the Hub itself
 * @returns {string} the URL of its folder
 */
export function homeOf({ path }, mirror = hub) {
  return mirror.replace(/\/*$/, "/") + path;
}
