// SPDX-License-Identifier: Apache-2.0
// The shapes of other libraries, with these libraries themselves, on the real
// module with a checkpoint of a few kilobytes.

import { FakeVectorStore } from "@langchain/core/utils/testing";
import { cosineSimilarity, embed, embedMany } from "ai";
import OpenAI from "openai";
import { embeddingModel } from "../../js/adapters/ai-sdk.js";
import { SimileEmbeddings } from "../../js/adapters/langchain.js";
import { createEmbeddings } from "../../js/adapters/openai.js";
import { SemanticEmbedder } from "../../js/adapters/semantic-embedder.js";
import { load } from "../../js/index.js";
import { checkpoint, convert, expectError, removeCheckpoints, texts } from "./tiny-model.js";

/** @type {Uint8Array} */
let file;
/** @type {import("../../js/index.js").Embedder} */
let model;

beforeAll(async () => {
  file = await convert(await checkpoint({ prompts: { query: "the ", document: "a " } }));
  model = await load(file);
});

afterAll(async () => {
  model.dispose();
  await removeCheckpoints();
});

const long = "cat ".repeat(100);
// The SDK prints what it returns, too.
/** @type {any} */ (globalThis).AI_SDK_LOG_WARNINGS = false;

describe("LangChain", () => {
  test("a vector store finds what the model ranks first", async () => {
    const embeddings = new SimileEmbeddings(model);
    const store = await FakeVectorStore.fromTexts(texts, texts.map((_, index) => ({ index })), embeddings);
    const found = await store.similaritySearchWithScore("cat", texts.length);
    const ranked = await model.rank("cat", texts);
    expect(found.map(([document]) => document.metadata.index)).toEqual(ranked.map(({ index }) => index));
    found.forEach(([, score], i) => expect(score).toBeCloseTo(ranked[i].score, 5));
  });

  test("queries and documents get the model's prompts, or the one that is asked for", async () => {
    const embeddings = new SimileEmbeddings(model, { dims: 8 });
    const [document] = await embeddings.embedDocuments(["cat"]);
    expect(document).toEqual([...(await model.embed("a cat", { dims: 8 }))[0]]);
    expect(await embeddings.embedQuery("cat")).toEqual([...(await model.embed("the cat", { dims: 8 }))[0]]);
    const plain = new SimileEmbeddings(model, { prompt: undefined });
    expect(await plain.embedQuery("cat")).toEqual([...(await model.embed("cat"))[0]]);
    expect(await embeddings.embedDocuments([])).toEqual([]);
  });
});

describe("AI SDK", () => {
  test("embed and embedMany give the model's vectors and count its tokens", async () => {
    const adapted = embeddingModel(model);
    const { embedding, usage } = await embed({ model: adapted, value: texts[0] });
    expect(embedding).toEqual([...(await model.embed(texts[0]))[0]]);
    expect(usage.tokens).toBe((await model.embed(texts[0])).usage[0].tokens);
    const many = await embedMany({ model: embeddingModel(model, { maxEmbeddingsPerCall: 2 }), values: texts });
    expect(many.embeddings).toEqual(Array.from(await model.embed(texts), (vector) => [...vector]));
    expect(many.usage.tokens).toBe((await model.embed(texts)).usage.reduce((sum, { tokens }) => sum + tokens, 0));
    expect(cosineSimilarity(many.embeddings[0], many.embeddings[1]))
      .toBeCloseTo(await model.similarity(texts[0], texts[1]), 5);
  });

  test("takes options for one call, warns of a text that was cut, and can be aborted", async () => {
    const adapted = embeddingModel(model);
    const { embeddings, warnings } = await embedMany({
      model: adapted,
      values: ["cat", long],
      providerOptions: { simile: { dims: 4, prompt: "query" } },
    });
    expect(embeddings.map((vector) => vector.length)).toEqual([4, 4]);
    expect(warnings).toEqual([{ type: "other", message: "values[1] has 103 tokens and was cut to 48" }]);
    expect((await adapted.doEmbed({ values: ["cat"], dimensions: 3 })).embeddings[0]).toHaveLength(3);
    const abortSignal = AbortSignal.abort();
    await expect(embed({ model: adapted, value: "cat", abortSignal, maxRetries: 0 })).rejects.toBe(abortSignal.reason);
  });
});

describe("OpenAI", () => {
  /** OpenAI's own client, which asks for base64 and decodes it. */
  const client = () => new OpenAI({
    apiKey: "none",
    fetch: async (_, init) => Response.json(await createEmbeddings(model, JSON.parse(String(init?.body)))),
  });

  test("its own client reads the response", async () => {
    for (const input of [texts, "cat"]) {
      const response = await client().embeddings.create({ input, model: "any", dimensions: 16 });
      const expected = await model.embed(input, { dims: 16 });
      const tokens = expected.usage.reduce((sum, use) => sum + use.tokens, 0);
      expect(response).toMatchObject({ object: "list", model: "tiny", usage: { prompt_tokens: tokens, total_tokens: tokens } });
      expect(response.data.map(({ index, embedding }) => [index, embedding]))
        .toEqual(Array.from(expected, (vector, index) => [index, [...vector]]));
    }
    const [{ embedding }] = (await client().embeddings.create({ input: "cat", model: "any", encoding_format: "float" })).data;
    expect(embedding).toEqual([...(await model.embed("cat"))[0]]);
  });

  test("says what it does not take", async () => {
    await expectError(createEmbeddings(model, { input: /** @type {any} */ ([1, 2]) }), "invalid_argument", /texts\[0\]: expected a string/);
    await expectError(createEmbeddings(model, { input: "a", encoding_format: /** @type {any} */ ("hex") }), "invalid_argument", /encoding_format: .*'hex'/);
    await expectError(createEmbeddings(model, { input: "a", dimensions: 33 }), "invalid_argument", /dims: .*32, got 33/);
  });
});

describe("SemanticEmbedder", () => {
  test("is created with progress, embeds one or many, and is destroyed", async () => {
    expect(await SemanticEmbedder.availability({ source: "https://nowhere.invalid/model.simile" })).toBe("downloadable");
    expect(await SemanticEmbedder.availability({ source: file })).toBe("available");
    /** @type {number[]} */
    const loaded = [];
    const embedder = await SemanticEmbedder.create({
      source: file,
      monitor: (monitor) => monitor.addEventListener("downloadprogress", (event) => {
        loaded.push(/** @type {any} */ (event).loaded);
        expect(event).toMatchObject({ total: 1 });
      }),
    });
    expect(loaded.at(-1)).toBe(1);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
    const expected = await model.embed(["cat", "a dog"]);
    expect(await embedder.embed(["cat", "a dog"])).toEqual({ embeddings: [{ values: expected[0] }, { values: expected[1] }] });
    expect(await embedder.embed("cat")).toEqual({ embeddings: [{ values: expected[0] }] });
    expect(await embedder.embed([])).toEqual({ embeddings: [] });
    const { embeddings: [{ values }] } = await embedder.embed("cat", { taskType: "retrieval-query" });
    expect(values).toEqual((await model.embed("the cat"))[0]);
    expect(await embedder.embed("cat", { taskType: "clustering" })).toEqual({ embeddings: [{ values: expected[0] }] });
    embedder.destroy();
    embedder.destroy();
    await expect(embedder.embed("cat")).rejects.toMatchObject({ name: "InvalidStateError" });
  });

  test("rejects what is aborted, destroyed or no task", async () => {
    await expect(SemanticEmbedder.create({ source: file, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
    const embedder = await SemanticEmbedder.create({ source: file });
    await expect(embedder.embed("cat", { signal: AbortSignal.abort(5) })).rejects.toBe(5);
    await expect(embedder.embed("cat", { taskType: /** @type {any} */ ("query") })).rejects.toThrow(TypeError);
    const controller = new AbortController();
    const many = Array(2000).fill(long);
    const aborted = embedder.embed(many, { signal: controller.signal });
    controller.abort(7);
    await expect(aborted).rejects.toBe(7);
    const ended = embedder.embed(many);
    embedder.destroy();
    await expect(ended).rejects.toMatchObject({ name: "AbortError" });
  });
});
