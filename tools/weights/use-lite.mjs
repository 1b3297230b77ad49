// SPDX-License-Identifier: Apache-2.0
// Universal Sentence Encoder lite, from its TensorFlow.js graph. Its graph, in
// words: x = 2 · embedding + timing signal; two layers with LayerNorm before
// attention and before the feed-forward part, of which the first attends in the
// embedding's width and projects its residual to the hidden width; the mean over
// tokens; a tanh layer; unit length. Tensors get BERT's names where they mean the same.

import { readTfjsWeights } from "./tfjs.mjs";
import { bytesOf, floatsOf, transposed } from "./values.mjs";

const what = "model.json";
const encoder = "module_apply_default/Encoder_en/KonaTransformer/Encode";
const hiddenSize = 512;
const maxTokens = 128;  // ClipToMaxLength
const layers = [{ width: 256, heads: 4 }, { width: 512, heads: 4 }];

/** A TF.js kernel [..., in, out] as a linear layer's weight [out, in], or some of its columns. */
function linear(weights, source, name, rows, columns, from = 0, count = columns) {
  const { shape, data } = weights.get(source) ?? {};
  if (shape?.at(-1) !== columns || shape.at(-2) !== rows) throw new Error(`${what}: '${source}' is not [${rows}, ${columns}]`);
  const all = () => transposed(floatsOf(data), rows, columns);  // [columns, rows]
  return { name, dtype: "F32", shape: [count, rows], bytes: () => bytesOf(all().subarray(from * rows, (from + count) * rows)) };
}

function vector(weights, source, name, size, from = 0, count = size) {
  const { shape, data } = weights.get(source) ?? {};
  if (shape?.at(-1) !== size || data.length !== 4 * size) throw new Error(`${what}: '${source}' is not [${size}]`);
  return { name, dtype: "F32", shape: [count], bytes: () => data.subarray(4 * from, 4 * (from + count)) };
}

/** The timing signal as a table [maxTokens, size]: the sines of position · frequency, then the cosines. */
function positionTable(weights, source, size) {
  const frequencies = floatsOf(vector(weights, source, "", size / 2).bytes());
  const table = new Float32Array(maxTokens * size);
  for (let position = 0; position < maxTokens; position++) {
    frequencies.forEach((frequency, i) => {
      const angle = Math.fround(position * frequency);
      table[position * size + i] = Math.sin(angle);
      table[position * size + size / 2 + i] = Math.cos(angle);
    });
  }
  return { name: "embeddings.position_embeddings.weight", dtype: "F32", shape: [maxTokens, size], bytes: () => bytesOf(table) };
}

/** The tensors of one layer: attention, its residual's projection, the feed-forward part. */
function layerTensors(weights, index, { width }) {
  const variable = (path) => `${encoder}/Layer_${index}/TransformerLayer/${path}/ConcatPartitions/concat`;
  const kernel = (path) => `module/Encoder_en/KonaTransformer/Encode/Layer_${index}/TransformerLayer/${path}/kernel/part_0`;
  const folded = (path) => `${encoder}/TransformerStack/Layer_${index}/TransformerLayer/${path}/Tensordot/Reshape_1`;
  const name = (path) => `encoder.layer.${index}.${path}`;
  const norm = (path, target, size) => [
    vector(weights, variable(`${path}layer_prepostprocess/layer_norm/layer_norm_scale`), name(`${target}.weight`), size),
    vector(weights, variable(`${path}layer_prepostprocess/layer_norm/layer_norm_bias`), name(`${target}.bias`), size),
  ];
  const joined = "MultiheadAttention/qkv_transform_single";
  const parts = ["query", "key", "value"].flatMap((part, i) => [
    linear(weights, kernel(joined), name(`attention.self.${part}.weight`), width, 3 * width, i * width, width),
    vector(weights, variable(`${joined}/bias`), name(`attention.self.${part}.bias`), 3 * width, i * width, width),
  ]);
  const output = "MultiheadAttention/output_transform_single";
  const feedForward = weights.get(variable("FFN/conv1/bias")).shape[0];
  const tensors = [
    ...norm("", "attention.LayerNorm", width), ...parts,
    linear(weights, kernel(output), name("attention.output.dense.weight"), width, hiddenSize),
    vector(weights, variable(`${output}/bias`), name("attention.output.dense.bias"), hiddenSize),
    ...norm("FFN/", "intermediate.LayerNorm", hiddenSize),
    linear(weights, folded("FFN/conv1"), name("intermediate.dense.weight"), hiddenSize, feedForward),
    vector(weights, variable("FFN/conv1/bias"), name("intermediate.dense.bias"), feedForward),
    linear(weights, folded("FFN/conv2"), name("output.dense.weight"), feedForward, hiddenSize),
    vector(weights, variable("FFN/conv2/bias"), name("output.dense.bias"), hiddenSize),
  ];
  if (width !== hiddenSize) {
    tensors.push(linear(weights, variable("dense/kernel"), name("attention.residual.weight"), width, hiddenSize),
      vector(weights, variable("dense/bias"), name("attention.residual.bias"), hiddenSize));
  }
  return tensors;
}

/** The vocabulary begins with so many symbols that no text is matched with; the first is unknown. */
const reserved = 6;

/**
 * As the Unigram model that it is. Reserved symbols get names with a space in it, which
 * normalized text has not, so that they match nothing. The file lacks the scores of
 * pieces with a colon, which TensorFlow.js then counts as 0.
 */
function unigramTokenizer(vocabulary) {
  return {
    version: "1.0", truncation: null, padding: null, added_tokens: [],
    normalizer: { type: "Sequence", normalizers: [
      { type: "NFKC" }, { type: "Prepend", prepend: "▁" }, { type: "Replace", pattern: { String: " " }, content: "▁" }] },
    pre_tokenizer: null, post_processor: null,
    decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: false },
    model: { type: "Unigram", unk_id: 0, byte_fallback: false,
      vocab: vocabulary.map(([piece, score], id) => (id < reserved ? [`reserved ${id}`, 0] : [piece, score ?? 0])) },
  };
}

const json = (bytes) => JSON.parse(bytes.toString("utf8"));

/** @returns {import("./hub-folder.mjs").Checkpoint} */
export function useLite({ model, vocabulary, ...shards }) {
  const weights = readTfjsWeights(json(model), Object.keys(shards).sort().map((name) => shards[name]), what);
  const embeddings = weights.get("module/Embeddings_en");
  const timing = `${encoder}/TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1`;
  const dense = "module/Encoder_en/hidden_layers/tanh_layer_0";
  const [vocabularySize, embeddingSize] = embeddings.shape;
  return {
    config: {
      architectures: ["UniversalSentenceEncoderLite"],
      model_type: "universal-sentence-encoder-lite",
      vocab_size: vocabularySize,
      embedding_size: embeddingSize,
      embedding_scale: 2,
      hidden_size: hiddenSize,
      num_hidden_layers: layers.length,
      num_attention_heads: layers[0].heads,
      attention_sizes: layers.map(({ width }) => width),
      intermediate_size: 1536,
      hidden_act: "relu",
      layer_norm_eps: 1e-6,
      position_embedding_type: "absolute",
      max_position_embeddings: maxTokens,
    },
    tensors: [
      { name: "embeddings.word_embeddings.weight", dtype: "F32", shape: embeddings.shape, bytes: () => embeddings.data },
      positionTable(weights, timing, embeddingSize),
      ...layers.flatMap((layer, index) => layerTensors(weights, index, layer)),
    ],
    dense: {
      config: { in_features: hiddenSize, out_features: hiddenSize, bias: true,
        activation_function: "torch.nn.modules.activation.Tanh" },
      tensors: [linear(weights, `${dense}/weights`, "linear.weight", hiddenSize, hiddenSize),
        vector(weights, `${dense}/bias`, "linear.bias", hiddenSize)],
    },
    tokenizer: unigramTokenizer(json(vocabulary)),
    tokenizerConfig: { tokenizer_class: "PreTrainedTokenizerFast", model_max_length: maxTokens },
    maxTokens, pooling: "mean", isNormalized: true, dims: hiddenSize,
  };
}
