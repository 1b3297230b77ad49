// SPDX-License-Identifier: Apache-2.0
// Jest's sum as one plain line.

export default class PlainReporter {
  /** @param {unknown} _ @param {import("@jest/reporters").AggregatedResult} results */
  onRunComplete(_, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests }) {
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
  }
}
