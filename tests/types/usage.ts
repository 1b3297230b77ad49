// SPDX-License-Identifier: Apache-2.0
// What a user's TypeScript says of the package. Compiled, never run: once against
// the source, and once against the .d.ts files that are shipped.

import {
  load, Embeddings, SimileError, SimilarityMatrix,
  type Embedder, type EmbedOptions, type ErrorCode, type LoadOptions, type RankedDocument, type TokenVectors,
} from "simile";
import { embeddingModel } from "simile/ai-sdk";
import { SimileEmbeddings } from "simile/langchain";
import { createEmbeddings } from "simile/openai";
import { SemanticEmbedder } from "simile/semantic-embedder";

const options: LoadOptions = {
  onProgress: ({ loaded, total, fraction }) => console.log(loaded / total, fraction),
  signal: new AbortController().signal,
  threads: 2,
  wasmUrl: (fileName) => `/wasm/${fileName}`,
  variant: "relaxed-simd",
};
const model: Embedder = await load();
await load("model.simile", options);
await load(new URL("https://example.org/model.simile"));
await load(new Blob());
await load(new ArrayBuffer(8));
await load(new Uint8Array(8));
await load(new Response());
await load(new ReadableStream<Uint8Array>());
await load("owner/name", { revision: "main" });
// @ts-expect-error a number is no model
await load(5);
// @ts-expect-error there is no such option
await load("model.simile", { thread: 2 });

const embeddings: Embeddings = await model.embed(["a", "b"], { normalize: false });
const vector: Float32Array = embeddings[0];
const block: Float32Array = embeddings.data;
const truncated: boolean = embeddings.usage[0].truncated;
for (const one of embeddings) one.fill(embeddings.dims + embeddings.count);
const lengths: number[] = embeddings.map((one) => one.length);
// @ts-expect-error texts are strings
await model.embed([1]);

const ofOne: TokenVectors = await model.embedTokens("a", { normalize: true });
const ofMany: TokenVectors[] = await model.embedTokens(["a", "b"]);
const tokenVector: Float32Array = ofMany[0].vectors[0];
const place: [number, number, boolean] = [ofOne.tokens[0].begin, ofOne.tokens[0].end, ofOne.tokens[0].isSpecial];
const reranked: RankedDocument[] = await model.rerank("a", ["b"], { topK: 1, onProgress: ({ done }) => console.log(done) });
await model.rank("a", ["b"], { rerank: model, rerankTop: 10 });
// @ts-expect-error documents are texts
await model.rerank("a", stored);
console.log(tokenVector, place, reranked, model.info().model.defaultPrompt.length, model.info().model.labels);

const bytes: Embeddings<"int8"> = await model.embed("a", { precision: "int8", dims: 64 });
const byteVector: Int8Array = bytes[0];
const bits: Uint8Array = (await model.embed("a", { precision: "binary", overflow: "mean-chunks" })).data;
const embedOptions: EmbedOptions = { prompt: "query", precision: "float32", overflow: "error" };
await model.embed("a", embedOptions);
// @ts-expect-error there is no such precision
await model.embed("a", { precision: "int4" });
// @ts-expect-error there is no such overflow
await model.embed("a", { overflow: "ignore" });
const stored = new Embeddings({ data: bytes.data, dims: 64, space: bytes.space, precision: "int8", scales: bytes.scales });
await model.rank("a", stored);
for await (const { index, vector: streamed, usage } of model.embedStream(["a"], { precision: "int8" })) {
  const one: Int8Array = streamed;
  console.log(index, one, usage.tokens);
}
// @ts-expect-error a stream reports by what it yields
model.embedStream(["a"], { onProgress: () => {} });

const score: number = await model.similarity("a", vector);
const matrix: SimilarityMatrix = await model.similarity(embeddings, ["c"], { metric: "dot" });
const ranking: RankedDocument[] = await model.rank("a", embeddings, { topK: 3, minScore: 0.5 });
// @ts-expect-error there is no such metric
await model.rank("a", embeddings, { metric: "euclid" });

const { ids, offsets } = await model.tokenize("a");
const ends: number[] = offsets.map(([, end]) => end);
const variant: string = model.info().variant;
const dims: number = model.info().model.dims;
model.dispose();
async function disposedAtTheEnd(): Promise<number> {
  using disposable = await load();
  return disposable.info().model.dims;
}

const langchain: { embedQuery(text: string): Promise<number[]>; embedDocuments(texts: string[]): Promise<number[][]> } =
  new SimileEmbeddings(model, { dims: 64, overflow: "truncate" });
const specification: "v3" = embeddingModel(model).specificationVersion;
const response = await createEmbeddings(model, { input: ["a"], encoding_format: "base64", dimensions: 8 });
const embedder: SemanticEmbedder = await SemanticEmbedder.create({ monitor: (m) => m.addEventListener("downloadprogress", () => {}) });
const values: Float32Array = (await embedder.embed("a", { taskType: "clustering" })).embeddings[0].values;

try {
  await load("nowhere.simile");
} catch (error) {
  if (error instanceof SimileError) {
    const code: ErrorCode = error.code;
    console.log(code, error.index, error.cause);
  }
}
console.log(byteVector, bits, disposedAtTheEnd, langchain, specification, response.usage.total_tokens, values);
console.log(block, truncated, lengths, score, matrix.at(0, 0), ranking, ids, ends, variant, dims);
