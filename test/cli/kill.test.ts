import { expect, test } from "vitest";
import { phaseOf } from "./await-phase.ts";
import { printed, project } from "./daemon-rig.ts";

const UNITS = `
[[service]]
name = "trap"
run.shell = 'trap "echo got hup" HUP; echo armed; while :; do sleep 0.05; done'
restart = "never"
[[service]]
name = "other"
run = ["sleep", "1000"]
restart = "never"
`;

test("rind kill sends the signal that is asked for to the main process", async () => {
  const p = project({ "flows/app.toml": UNITS });
  const daemon = await p.up();
  await printed(daemon, "out", /armed/);
  const { code, out } = await p.rind("kill", "app@trap", "--signal", "hup");
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^app@trap running/) });
  await printed(daemon, "out", /got hup/);
});

test("rind kill sends SIGTERM unless told otherwise, and it is no stop: the end counts as a failure", async () => {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  await phaseOf(p, "app@other", "running");
  await p.rind("kill", "app@other");
  await phaseOf(p, "app@other", "failed");
  expect(await p.json("status", "app@other")).toMatchObject({ exit: { code: null, signal: "SIGTERM" } });
});

test.each([
  [["kill", "app@none"], 66, /no service app@none/],
  [["kill", "app@other", "--signal", "SIGNONE"], 64, /no signal SIGNONE.*SIGHUP or HUP/],
  [["kill"], 64, /names/],
])("rind %j fails with what would be right", async (words, expected, message) => {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  const { code, err } = await p.rind(...words);
  expect(err).toMatch(message);
  expect(code).toBe(expected);
});

test("a signal to several services is sent to none where one has no process", async () => {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  await p.rind("stop", "app@other");
  await phaseOf(p, "app@trap", "running");
  const { code, err } = await p.rind("kill", "app@trap", "app@other", "--signal", "KILL");
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(/app@other has no process.*rind status app@other/) });
  expect(await p.json("status", "app@trap")).toMatchObject({ phase: "running" });
});
