// SPDX-License-Identifier: Apache-2.0
// The module's classes. Embind binds functions alone, for the size's sake: those of a
// class are named "Class.method", and an object is its address to them (see the end of
// wasm/bindings.cc). Here they become classes again. Their objects are freed by
// `delete`, never by themselves.

/**
 * @param {Record<string, any>} module as Emscripten made it
 * @returns {any} the same, with its classes (docs/border.md)
 */
export function withClasses(module) {
  /** @type {Record<string, any>} */
  const border = {};
  for (const [name, value] of Object.entries(module)) {
    const [className, method] = name.split(".");
    if (method === undefined) {
      border[name] = typeof value === "function" ? withAddresses(value) : value;
      continue;
    }
    border[className] ??= class {
      /** @param {unknown[]} args */
      constructor(...args) {
        this.address = withAddresses(module[`${className}.new`])(...args);
      }
    };
    const call = withAddresses(value);
    /** @param {unknown[]} args */
    border[className].prototype[method] = function (...args) {
      return call(this, ...args);
    };
  }
  return border;
}

/**
 * The function, with the addresses of its arguments that are objects; 0 for null.
 * @param {(...args: unknown[]) => unknown} call
 * @returns {(...args: any[]) => unknown}
 */
function withAddresses(call) {
  return (...args) => call(...args.map((value) => (value === null ? 0 : value.address ?? value)));
}
