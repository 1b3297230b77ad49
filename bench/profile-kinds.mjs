// SPDX-License-Identifier: Apache-2.0
// Which kind of work a function is of, by the names that are left once the compilers
// have inlined. What is inlined counts where it went: a kernel of a row into the
// loop over rows that calls it, which is named after the encoder's method. A function
// that no pattern knows is "other"; result.json lists the dearest by name.

/** @type {[string, RegExp][]} of the module's functions, the first that fits */
const patterns = [
  ["tokenising", /WordPiece|Vocabulary|BertNormalizer|SpecialTokens|unicode|Utf8|Tokenizer/i],
  ["softmax", /Numerators|Softmax/],
  ["attention", /Attend|Attention/],
  ["products", /Int8Gemm|F32Gemm|xnn_qd8|xnn_f32_gemm|Linear::Run|GemmTile|Usdot|Dot16/],
  ["quantisation", /Quantize|::Product\(/],
  ["LayerNorm", /LayerNorm|AddAndNormalize|AddTo/],
  // The loop over rows between the two products of the feed-forward part.
  ["GELU", /Gelu|::RunLayer\(/],
  ["embedding, pooling", /Dequantize|::Embed\(|Pool[A-Z]|MeanPool|Normalize/],
];

export const kinds = ["products", "quantisation", "attention", "softmax", "GELU", "LayerNorm", "embedding, pooling",
  "tokenising", "border and JavaScript", "other"];

/**
 * @param {{ functionName: string, url: string }} frame as V8's profiler gives it
 * @returns {string}
 */
export function kindOf({ functionName, url }) {
  // JavaScript, the engine's own code, and the wrappers of calls across.
  if (!/^wasm:|\.wasm$/.test(url) || /^(js-to-wasm|wasm-to-js)/.test(functionName)) return "border and JavaScript";
  return patterns.find(([, pattern]) => pattern.test(functionName))?.[0] ?? "other";
}
