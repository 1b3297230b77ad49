// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { detectFeatures } from "../../js/features.js";
import { selectVariant, variantNames } from "../../js/variants.js";

const features = {
  simd: true,
  relaxedSimd: true,
  threads: true,
  threadsReason: "",
  isNode: false,
  processors: 8,
};

describe("selectVariant", () => {
  test.each([
    [{}, {}, "relaxed-simd-threads", 4],
    [{ processors: 2 }, {}, "relaxed-simd-threads", 2],
    [{ processors: 1 }, {}, "relaxed-simd", 1],
    [{ relaxedSimd: false }, {}, "simd-threads", 4],
    [{ threads: false }, {}, "relaxed-simd", 1],
    [{ threads: false, relaxedSimd: false }, {}, "simd", 1],
    [{ isNode: true }, {}, "relaxed-simd", 1],
    [{ isNode: true }, { threads: 3 }, "relaxed-simd-threads", 3],
    [{}, { threads: 1 }, "relaxed-simd", 1],
    [{}, { threads: 16 }, "relaxed-simd-threads", 16],
    [{ threads: false }, { threads: 4 }, "relaxed-simd", 1],
    [{}, { variant: "simd" }, "simd", 1],
    [{}, { variant: "simd", threads: 4 }, "simd", 1],
    [{}, { variant: "simd-threads" }, "simd-threads", 4],
    [{}, { variant: "simd-threads", threads: 1 }, "simd-threads", 1],
    [{ isNode: true }, { variant: "relaxed-simd-threads" }, "relaxed-simd-threads", 2],
  ])("with %j and wishes %j takes %s with %i threads", (differences, wishes, name, threads) => {
    const choice = selectVariant({ ...features, ...differences }, wishes);
    expect([choice.variant.name, choice.threads]).toEqual([name, threads]);
    expect(choice.reason).not.toBe("");
  });

  test("says why there are fewer threads than asked for", () => {
    const isolated = { ...features, threads: false, threadsReason: "the page is not cross-origin isolated" };
    expect(selectVariant(isolated, { threads: 4 }).reason).toMatch(/one thread, not 4: the page is not/);
  });

  test("refuses an engine without SIMD", () => {
    expect(() => selectVariant({ ...features, simd: false })).toThrow(
      expect.objectContaining({ code: "unsupported_environment" }));
  });

  test.each([
    ["relaxed-simd", { relaxedSimd: false }],
    ["relaxed-simd-threads", { threads: false }],
    ["simd-threads", { threads: false }],
  ])("refuses a forced %s where it cannot run", (variant, differences) => {
    expect(() => selectVariant({ ...features, ...differences }, { variant })).toThrow(
      expect.objectContaining({ code: "unsupported_environment" }));
  });

  test("knows four variants", () => {
    expect([...variantNames].sort()).toEqual(
      ["relaxed-simd", "relaxed-simd-threads", "simd", "simd-threads"]);
  });
});

describe("detectFeatures", () => {
  test("finds SIMD and threads in Node", () => {
    expect(detectFeatures()).toMatchObject({ simd: true, threads: true, isNode: true });
  });

  test("finds relaxed SIMD just where the engine has it", () => {
    const url = new URL("../../js/features.js", import.meta.url).href;
    const program = `import("${url}").then((m) => console.log(m.detectFeatures().relaxedSimd))`;
    const run = (/** @type {string[]} */ flags) =>
      execFileSync(process.execPath, [...flags, "-e", program], { encoding: "utf8" }).trim();
    const hasIt = Number(process.versions.node.split(".")[0]) >= 22;
    expect(run([])).toBe(String(hasIt));
    if (!hasIt) expect(run(["--experimental-wasm-relaxed-simd"])).toBe("true");
  });
});
