// SPDX-License-Identifier: Apache-2.0
// SimileError: the one error class of the package, with a stable code that a
// program can act on and a sentence that says what was wrong. An abort is not
// among them: it rejects with the signal's reason, the standard AbortError.

/**
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | a value that the caller gave |
 * | `unsupported_environment` | the engine lacks what every variant needs |
 * | `network` | a download that failed, ended early or brought something else |
 * | `integrity` | a hash or a golden vector that differs |
 * | `bad_model` | a file that is no model, or one that is not supported |
 * | `out_of_memory` | an allocation failed; the next call works |
 * | `disposed` | the model was disposed of |
 * | `aborted` | work was given up for another caller's abort |
 * | `worker_lost` | the worker ended or stopped answering |
 * | `internal` | a bug of ours; load the model again |
 * @typedef {"invalid_argument" | "unsupported_environment" | "network" | "integrity" |
 *   "bad_model" | "out_of_memory" | "disposed" | "aborted" | "worker_lost" | "internal"} ErrorCode
 */

export class SimileError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message
   * @param {{ cause?: unknown, index?: number }} [details] index: which of several
   *   inputs was at fault
   */
  constructor(code, message, { cause, index } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SimileError";
    /** @type {ErrorCode} */
    this.code = code;
    /** @type {number | undefined} */
    this.index = index;
    /**
     * What `embed` had computed before the error, if anything.
     * @type {import("./assembly.js").Partial | undefined}
     */
    this.partial = undefined;
  }
}

/**
 * The codes of src/base/status.h by number; 0 is success.
 * @type {readonly ErrorCode[]}
 */
const statusCodes = [
  "internal",
  "invalid_argument",
  "bad_model",
  "integrity",
  "out_of_memory",
  "internal",
];

/**
 * @param {number} code a Status's, not 0
 * @param {string} message
 */
export function errorFromStatus(code, message) {
  return new SimileError(statusCodes[code] ?? "internal", message);
}

/** What every call of a model that was disposed of rejects with. */
export function disposedError() {
  return new SimileError("disposed", "this model has been disposed of; load it again");
}

/**
 * A part of the package that few need, so that it is fetched only when it is needed.
 * @template T
 * @param {Promise<T>} importing
 * @param {string} [what] it is
 * @returns {Promise<T>}
 */
export function neededPart(importing, what = "a part of the package") {
  return importing.catch((error) => {
    throw wrapError(error, "network", `cannot load ${what}`);
  });
}

/**
 * Anything thrown by another library as a SimileError; ours and aborts stay.
 * @param {unknown} error
 * @param {ErrorCode} code
 * @param {string} context what was being done
 * @param {AbortSignal} [signal] its reason is passed on if it has been aborted
 * @returns {unknown}
 */
export function wrapError(error, code, context, signal) {
  if (signal?.aborted) return signal.reason;
  if (error instanceof SimileError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new SimileError(code, `${context}: ${reason}`, { cause: error });
}
