import type { SerializedError } from "vitest";
import type { TestModule, TestRunEndReason } from "vitest/node";
import { DefaultReporter } from "vitest/node";

/** The default reporter, and as the very last line how many tests passed, failed and were skipped. */
// vitest takes a reporter by its default export.
export default class ClosingLineReporter extends DefaultReporter {
  override onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[], reason: TestRunEndReason): void {
    super.onTestRunEnd(modules, errors, reason);
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === "pending" ? "failed" : state] += 1;
      }
      // A file that could not be loaded has no tests that could fail.
      if (module.errors().length > 0) count.failed += 1;
    }
    count.failed += errors.length;
    this.ctx.logger.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}
