import { join } from "node:path";
import { expect, test } from "vitest";
import { IS_ROOT } from "../support/is-root.ts";
import { printed, project, rindAsNobody } from "./daemon-rig.ts";
import { RIND, RUNNER, rind, run } from "./program.ts";

const BACKUP = `
[[signal]]
name = "complete"
payload = "string"

[[service]]
name = "mailer"
type = "oneshot"
start-on = [{ signal = "complete" }]
run.shell = 'echo "mail about \${#TEXT} characters"'
transport = { id = "env", options = ["TEXT=signal:$"] }
`;

test("rind emit from a shell script starts who waits for the signal, and says so", async () => {
  const p = project({ "flows/backup.toml": BACKUP });
  const daemon = await p.up();
  p.write("job.sh", `#!/bin/sh\n"${RUNNER}" "${RIND}" emit backup@complete success\n`, 0o755);
  const script = run("/bin/sh", [join(p.folder, "job.sh")], { cwd: p.folder, env: p.env });
  expect(await script.ended).toBe(0);
  expect(script.out()).toContain("backup@mailer");
  await printed(daemon, "out", /^backup@mailer \| mail about 7 characters$/m);
});

test("rind emit with a payload of 1 MiB delivers all of it; a byte more is refused", async () => {
  const p = project({ "flows/backup.toml": BACKUP });
  const daemon = await p.up();
  const whole = "x".repeat(1024 * 1024);
  const feed = await (await p.client()).follow("event.subscribe", { names: ["backup@complete"] });
  const fits = await rind(["emit", "backup@complete", "-"], { cwd: p.folder, env: p.env, input: whole });
  expect([fits.err, fits.code]).toEqual(["", 0]);
  const [first] = await nextBatch(feed);
  expect(first).toMatchObject({ kind: "signal", payload: whole });
  // execve(2) takes no single string of more than 128 KiB: the service that wants it in its environment fails, and says why
  await printed(daemon, "err", /backup@mailer.*TEXT.*1048581 bytes; the kernel takes at most/);
  const tooLarge = await rind(["emit", "backup@complete", "-"], { cwd: p.folder, env: p.env, input: `${whole}x` });
  expect(tooLarge.code).not.toBe(0);
  expect(tooLarge.err).toMatch(/1 MiB/);
  expect((await p.rind("status", "backup@mailer")).code).toBe(0);
});

test("rind emit with a payload of the wrong type says what would be right, and nothing happens", async () => {
  const p = project({
    "flows/g.toml": '[[signal]]\nname = "x"\npayload = "json"\n[[service]]\nname = "s"\nstart-on = [{ signal = "x" }]\nrun = "sleep 60"\n',
  });
  await p.up();
  const wrong = await p.rind("emit", "g@x", "text");
  expect(wrong.code).not.toBe(0);
  expect(wrong.err).toMatch(/^rind: .*json/);
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "inactive" });
  const right = await p.rind("emit", "g@x", "a=1");
  expect(right.code).toBe(0);
});

test("rind emit of what is declared nowhere exits with 66 and names the closest", async () => {
  const p = project({ "flows/backup.toml": BACKUP });
  await p.up();
  const { code, err } = await p.rind("emit", "backup@complet");
  expect([code, err]).toEqual([66, "rind: no signal backup@complet (did you mean backup@complete?)\n"]);
});

test("rind emit without a daemon exits with 69 and says how to start one", async () => {
  const p = project({ "flows/backup.toml": BACKUP });
  const { code, err } = await p.rind("emit", "backup@complete");
  expect(code).toBe(69);
  expect(err).toMatch(/^rind: no daemon.*rind up/);
});

test.skipIf(!IS_ROOT)("rind emit by another user without rights exits with 77, and nothing happens", async () => {
  const p = project({ "flows/backup.toml": BACKUP });
  await p.up();
  const { code, err } = await rindAsNobody(p, "emit", "backup@complete", "x");
  expect(code).toBe(77);
  expect(err).toBe(`rind: no right to open the control socket ${p.socket} (it belongs to another user)\n`);
  expect(await p.json("status", "backup@mailer")).toMatchObject({ phase: "inactive" });
});

test("rind emit twice at once from two shells is two events, one after the other", async () => {
  const p = project({
    "flows/g.toml":
      '[[signal]]\nname = "x"\npayload = "string"\n[[service]]\nname = "s"\nstart-on = [{ signal = "x" }]\nrun = "sleep 60"\n',
  });
  await p.up();
  const answers = await Promise.all([p.rind("emit", "g@x", "one"), p.rind("emit", "g@x", "two")]);
  expect(answers.map(({ code }) => code)).toEqual([0, 0]);
  const facts = (await p.json("trace", "g@x")) as { kind: string; payload?: unknown; tx: number }[];
  const emitted = facts.filter(({ kind }) => kind === "signal");
  expect(emitted.map(({ payload }) => String(payload)).toSorted()).toEqual(["one", "two"]);
  expect(new Set(emitted.map(({ tx }) => tx)).size).toBe(2);
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "running" });
});

async function nextBatch<T>(feed: AsyncIterable<{ readonly facts: readonly T[] }>): Promise<readonly T[]> {
  for await (const { facts } of feed) return facts;
  return [];
}
