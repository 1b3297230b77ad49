// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "@jest/globals";

import { averageRanks, spearman } from "../../tools/eval/spearman.mjs";

describe("spearman", () => {
  test("equal values share the average of their ranks", () => {
    expect([...averageRanks([30, 10, 20, 20, 10, 10])]).toEqual([6, 2, 4.5, 4.5, 2, 2]);
  });

  test("the order alone counts", () => {
    expect(spearman([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
    expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
  });

  test("with ties it is Pearson's correlation of the ranks, as scipy has it", () => {
    // scipy.stats.spearmanr([1, 2, 2, 4, 5], [3, 3, 1, 7, 5]).statistic
    expect(spearman([1, 2, 2, 4, 5], [3, 3, 1, 7, 5])).toBeCloseTo(0.6578947368421054, 12);
  });

  test("values that are all equal have no correlation", () => {
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNaN();
  });
});
