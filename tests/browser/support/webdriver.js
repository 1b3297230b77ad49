// SPDX-License-Identifier: Apache-2.0
// A client of the W3C WebDriver protocol over fetch, as much of it as the tests
// need (https://www.w3.org/TR/webdriver2/). Every command has a time limit.

const commandTimeoutMs = 30_000;

export class WebDriverSession {
  #url;

  /** @param {string} url of the session */
  constructor(url) {
    this.#url = url;
  }

  /**
   * @param {string} driverUrl
   * @param {object} capabilities
   */
  static async create(driverUrl, capabilities) {
    const { sessionId } = await send("POST", `${driverUrl}/session`,
      { capabilities: { alwaysMatch: capabilities } }, commandTimeoutMs);
    return new WebDriverSession(`${driverUrl}/session/${sessionId}`);
  }

  /** @param {string} url */
  goto(url) {
    return this.#send("POST", "url", { url });
  }

  /**
   * Runs a function in the page and awaits what it returns.
   * @param {Function} body of one argument; it sees nothing of this side
   * @param {unknown} argument as JSON
   * @param {number} timeoutMs
   */
  async evaluate(body, argument, timeoutMs) {
    await this.#send("POST", "timeouts", { script: timeoutMs });
    const script = `const [argument, settle] = arguments;
      Promise.resolve(argument).then(${body}).then(
        (value) => settle({ value }), (error) => settle({ error: String(error?.stack ?? error) }));`;
    const { value, error } = await this.#send("POST", "execute/async",
      { script, args: [argument ?? null] }, timeoutMs + commandTimeoutMs);
    if (error !== undefined) throw new Error(`in the page: ${error}`);
    return value;
  }

  close() {
    return this.#send("DELETE", "");
  }

  /**
   * @param {string} method
   * @param {string} command
   * @param {object} [body]
   * @param {number} [timeoutMs]
   */
  #send(method, command, body, timeoutMs = commandTimeoutMs) {
    return send(method, command ? `${this.#url}/${command}` : this.#url, body, timeoutMs);
  }
}

/**
 * @param {string} method
 * @param {string} url
 * @param {object | undefined} body
 * @param {number} timeoutMs
 */
async function send(method, url, body, timeoutMs) {
  const response = await fetch(url, {
    method,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`WebDriver ${method} ${url}: ${value.error}: ${value.message}`);
  return value;
}
