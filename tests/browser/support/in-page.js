// SPDX-License-Identifier: Apache-2.0
// Functions that run inside a page: each is sent as text, so it sees its
// argument and the page, and nothing of this file.

/**
 * Waits until the demo page has done what it was asked, then tells what it shows.
 * @returns {Promise<{ state: string, error: string, ranking: { text: string, score: number }[],
 *   variant: string, threads: string }>}
 */
export async function demoPage() {
  const ranking = document.getElementById("ranking");
  const isWorking = () => document.body.dataset.state === "loading" ||
    (document.body.dataset.state === "ready" && ranking.getAttribute("aria-busy") === "true");
  while (isWorking()) await new Promise((resolve) => setTimeout(resolve, 10));
  const textOf = (id) => document.getElementById(id).textContent;
  return {
    state: document.body.dataset.state,
    error: document.getElementById("error").hidden ? "" : textOf("error"),
    ranking: [...ranking.children].map((row) => ({
      text: row.querySelector(".sentence").textContent,
      score: Number(row.dataset.score),
    })),
    variant: textOf("variant"),
    threads: textOf("threads"),
  };
}

/**
 * Types into the demo page as far as its code can tell.
 * @param {{ id: string, value: string }[]} texts
 */
export function type(texts) {
  for (const { id, value } of texts) {
    const field = document.getElementById(id);
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/**
 * Loads a model in the empty page and ranks the three sentences.
 * @param {{ model: string, options: object }} argument
 * @returns {Promise<{ info?: any, scores?: number[], code?: string, message?: string }>}
 */
export async function rankThree({ model: source, options }) {
  const { load } = await import("/simile/index.js");
  try {
    const model = await load(source, options);
    const ranked = await model.rank("I love machine learning",
      ["Artificial intelligence is amazing", "Bananas are yellow"]);
    const info = model.info();
    model.dispose();
    return { info, scores: ranked.map(({ score }) => score) };
  } catch (error) {
    return { code: error.code ?? "no code", message: String(error.message) };
  }
}

/**
 * @param {{ model: string, options: object }} argument
 * @returns {Promise<string>} SHA-256 of the vectors of the golden texts
 */
export async function hashVectors({ model: source, options }) {
  const { load } = await import("/simile/index.js");
  const texts = await (await fetch("/golden/texts.txt")).text();
  const model = await load(source, options);
  const { data } = await model.embed(texts.trimEnd().split("\n"));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Embeds texts in several formats, at once and as a stream.
 * @param {{ model: string, texts: string[], formats: object[] }} argument
 * @returns {Promise<{ hashes: string[], isSameInStream: boolean, worker: boolean }>} SHA-256
 *   of each format's vectors and scales
 */
export async function embedInFormats({ model: source, texts, formats }) {
  const { load } = await import("/simile/index.js");
  const model = await load(source);
  const { worker } = model.info();
  const hashes = [];
  let isSameInStream = true;
  for (const format of formats) {
    const embeddings = await model.embed(texts, format);
    const { data, scales } = embeddings;
    const hash = await crypto.subtle.digest("SHA-256", await new Blob(scales ? [data, scales] : [data]).arrayBuffer());
    hashes.push([...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    let next = 0;
    for await (const { index, vector, scale } of model.embedStream(texts, format)) {
      isSameInStream &&= index === next++ && scale === scales?.[index] &&
        vector.every((value, i) => value === embeddings[index][i]);
    }
    isSameInStream &&= next === texts.length;
  }
  model.dispose();
  return { hashes, isSameInStream, worker };
}
