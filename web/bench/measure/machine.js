// SPDX-License-Identifier: Apache-2.0
// What a page can tell of the machine that it is on.

/** @returns {{ browser: string, system: string, processors: number, isolated: boolean }} */
export function describeMachine() {
  const agent = navigator.userAgent;
  const browser = /(Firefox|Edg|Chrome|HeadlessChrome)\/(\d+)/.exec(agent) ?? /(Version)\/([\d.]+).*Safari/.exec(agent);
  const names = { Version: "Safari or WebKit", Edg: "Edge", HeadlessChrome: "Chrome (headless)" };
  return {
    browser: browser ? `${names[browser[1]] ?? browser[1]} ${browser[2]}` : "unknown",
    system: /\(([^;)]+(?:; [^;)]+)?)/.exec(agent)?.[1] ?? "unknown",
    processors: navigator.hardwareConcurrency ?? 1,
    isolated: crossOriginIsolated === true,
  };
}
