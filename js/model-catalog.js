// SPDX-License-Identifier: Apache-2.0
// The models that `load` knows by name: where each lies on the Hugging Face Hub, at
// which revision, and the hash of its weights; and which strings are names on the Hub.

/**
 * @typedef {object} CatalogueEntry
 * @property {string} path of its folder on the Hub
 * @property {string} source its name there
 * @property {string} [license] an SPDX identifier
 * @property {string} [sha256] of model.safetensors
 * @property {readonly string[]} [files] beside the weights
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

// "BAAI/bge-small-en-v1.5": an owner and a name, as the Hub allows them, with nothing at
// the end that looks like a file's (".bin"; ".5" does not).
const hubName = /^\w[\w.-]*\/(?!.*\.[a-z]\w*$)\w[\w.-]*$/i;

/**
 * @param {unknown} source
 * @param {string} [revision] of a model that is not in the catalogue
 * @returns {CatalogueEntry | undefined} of a name, here or on the Hub
 */
export function entryOf(source, revision = "main") {
  const name = String(source);
  if (Object.hasOwn(modelCatalog, name)) return modelCatalog[name];
  if (!hubName.test(name)) return undefined;
  return { path: `${name}/resolve/${encodeURIComponent(revision)}/`, source: name };
}

/**
 * @param {CatalogueEntry} entry
 * @param {string} [mirror] absolute; default: the Hub itself
 * @returns {string} the URL of its folder
 */
export function homeOf({ path }, mirror = hub) {
  return mirror.replace(/\/*$/, "/") + path;
}
