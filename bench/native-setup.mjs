// SPDX-License-Identifier: Apache-2.0
// The modules of bench/native/, into build/bench/.

import { join } from "node:path";
import { build } from "../tools/setup/build.mjs";
import { buildDir } from "../tools/setup/paths.mjs";

export const productsDir = join(buildDir, "bench/products");
export const profileDir = join(buildDir, "bench/profile");

const variants = ["simd", "relaxed-simd"];

/** @param {import("../tools/setup/toolchain.mjs").Toolchain} toolchain */
export async function buildNative(toolchain) {
  for (const variant of variants) {
    const files = (dir, name) => [".js", ".wasm"].map((suffix) => join(dir, `${name}-${variant}${suffix}`));
    await build(toolchain, `wasm-${variant}`, {
      targets: ["simile_bench_products", "simile_profile"],
      inputs: ["wasm", "bench/native"],
      outputs: [...files(productsDir, "products"), ...files(profileDir, "simile")],
    });
  }
}
