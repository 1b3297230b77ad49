// SPDX-License-Identifier: Apache-2.0
// What a page and its worker say to each other: types alone, no code. A new
// method is one line in Methods and its handler in worker-host.js; both sides
// take their types from here.

/** @typedef {import("./session.js").EmbeddedPiece} EmbeddedPiece */
/** @typedef {import("./session.js").VectorBlock} VectorBlock */

/**
 * The methods of a worker. Arguments are cloned, results are transferred.
 * @typedef {object} Methods
 * @property {(args: { lockName?: string }) => boolean} start the worker holds the lock as
 *   long as it lives, so that the page learns of its end; false: it could not
 * @property {(args: { source: import("./portable-source.js").PortableSource,
 *   settings: import("./session.js").SessionSettings, wantsProgress: boolean }) => Loaded} load
 *   its events: Progress, and "pull" when the page is to `feed`
 * @property {(args: { id: number } & Fed) => void} feed the next bytes for the load of that id
 * @property {(args: { texts: readonly string[], plan: import("./session.js").WorkPlan }) =>
 *   EmbeddedPiece | undefined} embed
 *   its events: EmbeddedPiece, one for each step of work but the last, which is the answer
 * @property {(args: { text: string, maxTokens: number }) => Uint32Array} tokenize
 * @property {(args: { texts: readonly string[] }) => Uint32Array} countTokens
 * @property {(args: { a: VectorBlock, b: VectorBlock, metric: string }) => Float32Array} similarity
 * @property {(args: { query: VectorBlock, docs: VectorBlock,
 *   options: import("./session.js").RankPlan }) => import("./session.js").RankHit[]} rank
 * @property {(args: { id: number }) => void} abort the call of that id
 * @property {(args: { variant: import("./variants.js").VariantName }) => void} prepare fetches
 *   what a later load would have to, but for the module
 * @property {(args: {}) => void} ping
 */

/** @typedef {keyof Methods} Method */
/** @template {Method} M @typedef {Parameters<Methods[M]>[0]} Args */
/** @template {Method} M @typedef {ReturnType<Methods[M]>} Value */

/**
 * @typedef {{ chunk: Uint8Array } | { isEnd: true } | { error: PlainError }} Fed
 */

/**
 * @typedef {object} Loaded
 * @property {import("./session.js").SessionInfo} info
 * @property {WebAssembly.Module} [compiled] for further workers
 */

/**
 * An error as it crosses: see error-transfer.js.
 * @typedef {object} PlainError
 * @property {string} name
 * @property {string} message
 * @property {import("./errors.js").ErrorCode} [code] of a SimileError
 * @property {number} [index]
 * @property {string} [cause] its message
 */

/**
 * Page to worker. Ids are the page's, and never used again.
 * @template {Method} [M=Method]
 * @typedef {{ id: number, method: M, args: Args<M> }} Request
 */

/**
 * Worker to page: any number of events, then a value or an error. `isDead`: the
 * module crashed, and the worker is good for nothing more.
 * @typedef {{ id: number, event: unknown } |
 *   { id: number, value: unknown, heapBytes?: number } |
 *   { id: number, error: PlainError, isDead: boolean }} Reply
 */

export {};
