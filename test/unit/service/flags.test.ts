import { expect, test } from "vitest";
import type { Phase } from "../../../src/model/phase.ts";
import { instanceFlags, NO_RUN, type RunState } from "../../../src/service/flags.ts";
import type { Outcome } from "../../../src/service/instance-context.ts";

const RUN: RunState = { ...NO_RUN, up: true, ready: true };

const is = (type: "simple" | "oneshot", phase: Phase, outcome: Outcome = "none"): string[] =>
  Object.entries(instanceFlags({ type, health: undefined }, phase, { ...RUN, outcome }).is).flatMap(([name, holds]) =>
    holds ? [name] : [],
  );

test("ready is null without a process, false while it comes or goes, true while it runs", () => {
  const ready = (phase: Phase) => instanceFlags({ type: "simple", health: undefined }, phase, RUN).ready;
  expect(["inactive", "blocked", "backoff", "exited", "failed"].map((phase) => ready(phase as Phase))).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
  expect([ready("starting"), ready("running"), ready("stopping")]).toEqual([false, true, false]);
});

test("a oneshot is ready when it has succeeded, and only then", () => {
  const ready = (phase: Phase, outcome: Outcome) => instanceFlags({ type: "oneshot", health: undefined }, phase, { ...RUN, outcome }).ready;
  expect([ready("running", "none"), ready("exited", "success"), ready("exited", "stopped"), ready("failed", "failure")]).toEqual([
    false,
    true,
    null,
    null,
  ]);
});

test("what a service is, as conditions ask it", () => {
  expect(is("simple", "inactive")).toEqual(["stopped"]);
  expect(is("simple", "running")).toEqual(["started", "ready", "healthy"]);
  expect(is("simple", "backoff", "failure")).toEqual([]);
  expect(is("simple", "exited", "success")).toEqual(["completed", "succeeded", "stopped"]);
  expect(is("simple", "exited", "stopped")).toEqual(["completed", "stopped"]);
  expect(is("simple", "failed", "failure")).toEqual(["completed", "failed", "stopped"]);
  expect(is("oneshot", "running")).toEqual(["started"]);
  expect(is("oneshot", "exited", "success")).toEqual(["started", "ready", "healthy", "completed", "succeeded", "stopped"]);
});
