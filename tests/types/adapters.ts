// SPDX-License-Identifier: Apache-2.0
// That the adapters are what the libraries they are for take, by these libraries'
// own types. Compiled, never run.

import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { EmbeddingModel } from "ai";
import type { CreateEmbeddingResponse, EmbeddingCreateParams } from "openai/resources/embeddings";
import { load } from "simile";
import { embeddingModel } from "simile/ai-sdk";
import { SimileEmbeddings } from "simile/langchain";
import { createEmbeddings } from "simile/openai";

const model = await load();
export const langchain: EmbeddingsInterface = new SimileEmbeddings(model);
export const aiSdk: EmbeddingModel = embeddingModel(model);
const params = { input: ["a"], dimensions: 8, encoding_format: "base64", model: "any" } as const satisfies EmbeddingCreateParams;
export const openai: CreateEmbeddingResponse = await createEmbeddings(model, params);
