// SPDX-License-Identifier: Apache-2.0
// CacheStorage as in a browser, in memory: put reads the whole body before anything
// is replaced, and a quota refuses it.

export class FakeCaches {
  /** @type {Map<string, Map<string, Uint8Array>>} */
  contents = new Map();
  quotaBytes = Infinity;
  /** @type {Error | undefined} what every call meets */
  denied;

  /** @param {string} name */
  async open(name) {
    if (this.denied) throw this.denied;
    const entries = this.contents.get(name) ?? new Map();
    this.contents.set(name, entries);
    return /** @type {Cache} */ (/** @type {unknown} */ ({
      match: async (/** @type {string | Request} */ key) => {
        const bytes = entries.get(typeof key === "string" ? key : key.url);
        return bytes && new Response(bytes);
      },
      put: async (/** @type {string} */ key, /** @type {Response} */ response) => {
        // A browser's copies each chunk before it asks for the next.
        const chunks = [];
        for await (const chunk of /** @type {any} */ (response.body)) chunks.push(chunk.slice());
        const bytes = new Uint8Array(Buffer.concat(chunks));
        if (bytes.length > this.quotaBytes) throw new DOMException("no space left", "QuotaExceededError");
        entries.set(key, bytes);
      },
      delete: async (/** @type {string} */ key) => entries.delete(key),
      keys: async () => [...entries.keys()].map((url) => ({ url })),
    }));
  }

  /** @param {string} name */
  async delete(name) {
    return this.contents.delete(name);
  }

  /** What is stored under the keys that end so. @param {string} ending */
  find(ending) {
    const entries = [...this.contents.values()].flatMap((one) => [...one]);
    return entries.filter(([key]) => decodeURIComponent(key).endsWith(ending));
  }
}
