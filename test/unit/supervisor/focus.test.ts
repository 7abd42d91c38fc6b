import { expect, test } from "vitest";
import { focusUnits, resolveServices } from "../../../src/supervisor/focus.ts";
import { service, unitSet } from "../../support/decls.ts";

const requires = (name: string) => ({ service: name, is: "ready", onLoss: "stop" }) as const;
const UNITS = unitSet({
  services: [
    service("web@api", { requires: [requires("db@pg")], after: [{ service: "web@late", is: "ready" }] }),
    service("db@pg", { wants: [{ service: "db@disk", is: "ready" }] }),
    service("db@disk", { status: "stop" }),
    service("web@late"),
    service("web@stopped", { status: "stop" }),
    service("db@worker"),
    service("web@worker"),
  ],
});

function statuses(...names: string[]): Record<string, string> {
  return Object.fromEntries(focusUnits(UNITS, names).services.map(({ name, status }) => [name, status]));
}

test("with names only these and what they require or want, however far, may start; the rest is ignored", () => {
  expect(statuses("web@api")).toEqual({
    "web@api": "start",
    "db@pg": "start",
    // pulled in, but not against what it says itself
    "db@disk": "stop",
    "web@late": "ignore",
    "web@stopped": "ignore",
    "db@worker": "ignore",
    "web@worker": "ignore",
  });
});

test("a service with status stop that is named starts", () => {
  expect(statuses("web@stopped")["web@stopped"]).toBe("start");
});

test("without names the units are as they were", () => {
  expect(focusUnits(UNITS, [])).toBe(UNITS);
});

test("services are named in full or bare", () => {
  expect(resolveServices(["pg", "web@worker"], UNITS)).toEqual(["db@pg", "web@worker"]);
});

test("a bare name that several services have is an error with all of them", () => {
  expect(() => resolveServices(["worker"], UNITS)).toThrow("worker may be db@worker or web@worker");
});

test("a name that no service has is an error with the nearest, else with all there are", () => {
  expect(() => resolveServices(["web@apy"], UNITS)).toThrow(
    expect.objectContaining({ exitCode: 66, message: "no service web@apy, and no folder of that name", hint: "did you mean web@api?" }),
  );
  expect(() => resolveServices(["nothing"], UNITS)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("there are: db@disk, db@pg, db@worker, web@api") as string }),
  );
});
