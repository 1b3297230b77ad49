// SPDX-License-Identifier: Apache-2.0
// WebKitGTK's MiniBrowser, by WebKitWebDriver, on a virtual display of its own.

import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { startProcess } from "./processes.js";
import { WebDriverSession } from "./webdriver.js";

const maxAttempts = 3;

/** @returns {string} MiniBrowser's path, which names the processor and the version */
function miniBrowser() {
  for (const libraries of [...readdirSync("/usr/lib").map((name) => `/usr/lib/${name}`), "/usr/libexec"]) {
    for (const version of ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"]) {
      const path = `${libraries}/${version}/MiniBrowser`;
      if (existsSync(path)) return path;
    }
  }
  throw new Error("WebKitGTK's MiniBrowser is not installed");
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** Starts an X server without a screen. */
async function startDisplay() {
  const args = ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
  const server = startProcess("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const pipe = /** @type {import("node:stream").Readable} */ (server.child.stdio[3]);
  const number = await server.until(new Promise((resolve) => {
    pipe.once("data", (data) => resolve(String(data).trim()));
  }));
  return { name: `:${number}`, end: server.end };
}

/** @param {string} display */
async function startDriver(display) {
  const port = await freePort();
  const driver = startProcess("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"],
    { env: { ...process.env, DISPLAY: display } });
  const url = `http://127.0.0.1:${port}`;
  await driver.until(answers(`${url}/status`));
  return { url, end: driver.end };
}

/** @param {string} url */
async function answers(url) {
  while (!(await fetch(url).then((response) => response.ok, () => false))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A browser whose driver allows one page at a time. */
export async function launchWebKit() {
  const display = await startDisplay();
  let driver = await startDriver(display.name);
  const capabilities = {
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] },
  };
  return {
    // Now and then a driver whose last page is still closing never answers; a
    // fresh one does.
    async newSession() {
      for (let attempt = 1; ; ++attempt) {
        try {
          return await WebDriverSession.create(driver.url, capabilities);
        } catch (error) {
          if (attempt === maxAttempts) throw error;
          await driver.end();
          driver = await startDriver(display.name);
        }
      }
    },
    async close() {
      await driver.end();
      await display.end();
    },
  };
}
