// SPDX-License-Identifier: Apache-2.0
// A Llama from a GGUF file: F16 weights named as transformers does, its config
// and its byte-level BPE tokenizer.json.

import { readBlocks } from "./blocks.mjs";
import { readGguf } from "./gguf.mjs";
import { bytesOf, floatsOf, halvesOf } from "./values.mjs";

const layerNames = {
  attn_norm: "input_layernorm", ffn_norm: "post_attention_layernorm",
  attn_q: "self_attn.q_proj", attn_k: "self_attn.k_proj", attn_v: "self_attn.v_proj", attn_output: "self_attn.o_proj",
  ffn_gate: "mlp.gate_proj", ffn_up: "mlp.up_proj", ffn_down: "mlp.down_proj",
};

function nameInTransformers(stored, what) {
  if (stored === "token_embd.weight") return "model.embed_tokens.weight";
  if (stored === "output_norm.weight") return "model.norm.weight";
  const [, layer, part] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(stored) ?? [];
  if (!layerNames[part]) throw new Error(`${what}: what '${stored}' is for is unknown`);
  return `model.layers.${layer}.${layerNames[part]}.weight`;
}

/**
 * GGUF turns rotary pairs of neighbours, transformers pairs half a head apart:
 * within each head, row 2i is row i and row 2i + 1 is row i + half.
 */
function inRotaryHalves(values, [rows, columns], heads) {
  const half = rows / heads / 2;
  const result = new Float32Array(values.length);
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < 2 * half; i++) {
      const from = (head * 2 * half + i) * columns;
      const to = head * 2 * half + (i % 2) * half + (i >> 1);
      result.set(values.subarray(from, from + columns), to * columns);
    }
  }
  return result;
}

function configOf(values) {
  const value = (key) => values.get(`llama.${key}`);
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: value("embedding_length"),
    intermediate_size: value("feed_forward_length"),
    num_hidden_layers: value("block_count"),
    num_attention_heads: value("attention.head_count"),
    num_key_value_heads: value("attention.head_count_kv"),
    max_position_embeddings: value("context_length"),
    vocab_size: value("vocab_size"),
    rms_norm_eps: 1e-5,
    rope_theta: value("rope.freq_base"),
    hidden_act: "silu",
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: true,
    bos_token_id: values.get("tokenizer.ggml.bos_token_id"),
    eos_token_id: values.get("tokenizer.ggml.eos_token_id"),
    pad_token_id: values.get("tokenizer.ggml.padding_token_id"),
    torch_dtype: "float16",
  };
}

/** GGUF has the pieces, their kinds and the merges; how text is split is the model's family's. */
function tokenizerOf(values) {
  const pieces = values.get("tokenizer.ggml.tokens");
  const kinds = values.get("tokenizer.ggml.token_type");
  const controlKind = 3;
  const special = pieces.map((content, id) => ({ id, content })).filter(({ id }) => kinds[id] === controlKind);
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: "1.0", truncation: null, padding: null,
    added_tokens: special.map(({ id, content }) =>
      ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
    normalizer: null,
    pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, byteLevel] },
    post_processor: null,
    decoder: { ...byteLevel, add_prefix_space: true },
    model: {
      type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null,
      fuse_unk: false, byte_fallback: false,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges: values.get("tokenizer.ggml.merges"),
    },
  };
}

/** @returns {{ config: object, tokenizer: object, tensors: object[] }} */
export function llamaFromGguf(file, what) {
  const { values, tensors } = readGguf(file, what);
  if (values.get("general.architecture") !== "llama") throw new Error(`${what}: no Llama`);
  const config = configOf(values);
  if (Math.abs(values.get("llama.attention.layer_norm_rms_epsilon") - config.rms_norm_eps) > 1e-9) {
    throw new Error(`${what}: another epsilon than ${config.rms_norm_eps}`);
  }
  const heads = { attn_q: config.num_attention_heads, attn_k: config.num_key_value_heads };
  const converted = [...tensors].map(([stored, { shape, format, data }]) => ({
    name: nameInTransformers(stored, what), dtype: "F16", shape,
    bytes: () => {
      const floats = format === "f32" ? floatsOf(data) : readBlocks(format, data, shape.reduce((n, dim) => n * dim, 1));
      const turned = heads[stored.split(".")[2]];
      return bytesOf(halvesOf(turned ? inRotaryHalves(floats, shape, turned) : floats));
    },
  }));
  return { config, tokenizer: tokenizerOf(values), tensors: converted.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
