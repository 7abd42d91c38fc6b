import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { processStart } from "../../src/process/start-times.ts";
import { phaseOf } from "./await-phase.ts";
import { type Project, printed, project } from "./daemon-rig.ts";

/** A service per user; `code` is what an instance runs before it stays, `more` goes into its table. */
const sessions = (code: string, more = ""): Record<string, string> => ({
  "flows/g.toml": `[[state]]
name = "login"
branch = ["user"]
[[service]]
name = "s"
run.exec = "sh"
run.args = ["session.sh"]
${more}
branching = { source-state = "login", key = "user" }
[settings]
restart = { delay = "10ms", backoff = 1 }
`,
  "session.sh": `${code}\nexec sleep 600\n`,
});

const row = async (p: Project, name: string): Promise<ServiceRow> => (await p.json("status", name)) as ServiceRow;

test("68: two branches are two real processes with their keys; the end of a branch ends only its own", async () => {
  const p = project(sessions('echo "I am $RIND_SERVICE for $RIND_BRANCH_KEY, pid $$"'));
  const daemon = await p.up();
  const pids: number[] = [];
  for (const user of ["al", "bo"]) {
    await p.json("set", "g@login", `user=${user}`);
    const [, pid] = await printed(daemon, "out", new RegExp(`^g@s/${user} \\| I am g@s/${user} for ${user}, pid (\\d+)$`, "m"));
    pids.push(Number(pid));
  }
  const [al = 0, bo = 0] = pids;
  await p.json("unset", "g@login", "user=al");
  await phaseOf(p, "g@s/al", "gone");
  expect(processStart(al)).toBeUndefined();
  expect(processStart(bo)).toBeDefined();
  expect(await row(p, "g@s/bo")).toMatchObject({ phase: "running", pid: bo });
});

test("71: with one place the second branch has no process until the first is gone", async () => {
  const files = sessions('echo "runs as $$"');
  const p = project({ ...files, "flows/g.toml": (files["flows/g.toml"] ?? "").replace('"user" }', '"user", max-instances = 1 }') });
  const daemon = await p.up();
  await p.json("set", "g@login", "user=al");
  const [, pid] = await printed(daemon, "out", /^g@s\/al \| runs as (\d+)$/m);
  await p.json("set", "g@login", "user=bo");
  expect(await row(p, "g@s/bo")).toMatchObject({ phase: "blocked", pid: null });
  await p.json("unset", "g@login", "user=al");
  await printed(daemon, "out", /^g@s\/bo \| runs as \d+$/m);
  expect(processStart(Number(pid))).toBeUndefined();
});

test("74: an instance whose process crashes comes back with its key and its data; the other is left alone", async () => {
  const p = project(
    sessions('echo "$RIND_BRANCH_KEY on $TTY, pid $$"', 'restart = true\ntransport = { id = "env", options = ["TTY=state:$/tty"] }'),
  );
  const daemon = await p.up();
  await p.json("set", "g@login", "user=bo", "tty=tty2");
  await printed(daemon, "out", /^g@s\/bo \| bo on tty2/m);
  const { pid: bo } = await row(p, "g@s/bo");
  await p.json("set", "g@login", "user=al", "tty=tty1");
  const [, crashing] = await printed(daemon, "out", /^g@s\/al \| al on tty1, pid (\d+)$/m);
  process.kill(Number(crashing), "SIGKILL");
  const [, again] = await printed(daemon, "out", /^g@s\/al \| al on tty1, pid .*\n(?:.*\n)*?g@s\/al \| al on tty1, pid (\d+)$/m);
  expect(again).not.toBe(crashing);
  expect(await row(p, "g@s/al")).toMatchObject({ branch: "al", restarts: 1 });
  expect(await row(p, "g@s/bo")).toMatchObject({ pid: bo, restarts: 0 });
});
