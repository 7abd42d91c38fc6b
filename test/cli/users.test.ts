import { copyFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { buildsSends } from "../support/sends.ts";
import { type Project, project } from "./daemon-rig.ts";
import { ALICE, BOB, CAN_MOUNT, upWithUsers } from "./user-rig.ts";

const SENDS = buildsSends();

/** Prints who it is, in one line. */
const WHO = 'echo "$(id -u) $(id -g) $(id -G) $HOME $USER $LOGNAME $SHELL $PATH $XDG_RUNTIME_DIR $(pwd)"';
const ALICES = (p: Project): string =>
  `${ALICE.uid} ${ALICE.gid} ${ALICE.gid} ${ALICE.band} ${join(p.folder, ALICE.home)} alice alice /bin/sh /usr/local/bin:/usr/bin:/bin /run/user/${ALICE.uid}`;

const RESTS = '[settings]\non-empty = "wait"\n[[service]]\nname = "rests"\nrun.exec = "sleep"\nrun.args = ["1000"]\n';

function units(service: string): Project {
  return project({ "flows/g.toml": `${RESTS}[[state]]\nname = "who"\n[[service]]\nname = "s"\n${service}\n` });
}

const row = async (p: Project, name = "g@s"): Promise<ServiceRow> => (await p.json("status", name)) as ServiceRow;
const printedBy = async (p: Project, name = "g@s"): Promise<readonly string[]> => {
  const { out } = await p.rind("logs", name, "--json");
  return out.split("\n").flatMap((line) => (line === "" ? [] : [(JSON.parse(line) as { readonly line: string }).line]));
};

/** A file of /proc of its process. */
const ofProcess = async (p: Project, file: string): Promise<string> => readFileSync(`/proc/${(await row(p)).pid}/${file}`, "utf8");

test.skipIf(!CAN_MOUNT)(
  "89: space = user with a user-source runs as the user in the state, with all groups and the environment of a login",
  async () => {
    const p = units(`space = "user"\nuser-source = { state = "who", username-field = "name" }\nrun.shell = '${WHO}; exec sleep 1000'`);
    const daemon = await upWithUsers(p);
    expect(await row(p)).toMatchObject({ phase: "blocked", waiting: [expect.stringContaining('"name" of g@who')] });
    await p.rind("set", "g@who", "id=1", "name=alice");
    await expect.poll(() => printedBy(p)).toEqual([`${ALICES(p)} ${join(p.folder, ALICE.home)}`]);
    const status = await ofProcess(p, "status");
    expect(/^Uid:\s+(.*)$/m.exec(status)?.[1]?.split("\t")).toEqual(Array.from({ length: 4 }, () => String(ALICE.uid)));
    expect(/^Groups:\s+(.*?)\s*$/m.exec(status)?.[1]?.split(" ")).toEqual([String(ALICE.gid), String(ALICE.band)]);
    const folder = statSync(`/proc/${daemon.child.pid}/root/run/user/${ALICE.uid}`);
    expect([folder.uid, folder.gid, folder.mode & 0o7777]).toEqual([ALICE.uid, ALICE.gid, 0o700]);
  },
);

test.skipIf(!CAN_MOUNT)("91: match-branch-key gives each instance the user of the branch with its key", async () => {
  const p = units(
    `space = "user"\nbranching = { source-state = "seat" }\nuser-source = { state = "who", match-branch-key = true }\nrun.shell = '${WHO}; exec sleep 1000'`,
  );
  await upWithUsers(p);
  for (const id of ["1", "2", "3"]) await p.rind("set", "g@seat", `id=${id}`);
  await p.rind("set", "g@who", "id=2", "username=alice");
  await p.rind("set", "g@who", "id=1", "username=bob");
  await expect.poll(() => printedBy(p, "g@s/2")).toEqual([`${ALICES(p)} ${join(p.folder, ALICE.home)}`]);
  await expect
    .poll(() => printedBy(p, "g@s/1"))
    .toEqual([expect.stringMatching(`^${BOB.uid} ${BOB.gid} ${BOB.gid} ${ALICE.band} /nonexistent bob .* /$`)]);
  expect(await row(p, "g@s/3")).toMatchObject({ phase: "blocked" });
});

test.skipIf(!CAN_MOUNT)("what runs for a service runs as its user: its probe, hooks, reload and stop command", async () => {
  const log = 'echo "$1 $(id -u) $(id -G) $USER $(pwd)" >> "$HOME/log"';
  const call = (what: string): string => `["sh", "-c", ${JSON.stringify(log)}, "sh", "${what}"]`;
  const p = units(`
run.user = "alice"
run.shell = "echo $$ > pid; trap 'exit 0' TERM; while :; do sleep 0.05; done"
run.reload = ${call("reload")}
ready.exec = ${call("probe")}
on-start = [{ exec = "sh", args = ["-c", ${JSON.stringify(log)}, "sh", "start"] }]
stop-command = ${call("stop")}
`);
  await upWithUsers(p);
  await expect.poll(async () => (await row(p)).phase).toBe("running");
  await p.rind("reload", "g@s");
  const file = join(p.folder, ALICE.home, "log");
  const said = (): string[] => readFileSync(file, "utf8").trim().split("\n");
  const as = `${ALICE.uid} ${ALICE.gid} ${ALICE.band} alice ${join(p.folder, ALICE.home)}`;
  await expect.poll(() => new Set(said())).toEqual(new Set(["start", "probe", "reload"].map((what) => `${what} ${as}`)));
  await p.rind("stop", "g@s");
  expect(said().at(-1)).toBe(`stop ${as}`);
  expect(statSync(file).uid).toBe(ALICE.uid);
});

test.skipIf(!CAN_MOUNT)("what a service of another user says on its notify socket is heard, of a sender that has ended too", async () => {
  const p = units(
    `run.user = "alice"\nready.notify = true\nrun.cwd = "."\nrun.shell = "(./sends $NOTIFY_SOCKET text READY=1 STATUS=here); exec sleep 1000"`,
  );
  // where it was built only root may go
  copyFileSync(SENDS, join(p.folder, "sends"));
  await upWithUsers(p);
  await expect.poll(() => row(p), { timeout: 10_000 }).toMatchObject({ phase: "running", ready: true, status_text: "here" });
});

test.skipIf(!CAN_MOUNT)("umask, nice, oom-score-adj, limits and run.group are those of the unit", async () => {
  const p = units(
    'run = { exec = "sleep", args = ["1000"], user = "alice", group = "daemon", umask = "027", nice = 7, oom-score-adj = 300, rlimits = { nofile = [64, 128] } }',
  );
  await upWithUsers(p);
  await expect.poll(async () => (await row(p)).phase).toBe("running");
  const status = await ofProcess(p, "status");
  expect([/^Gid:\s+(\d+)/m.exec(status)?.[1], /^Umask:\s+(\d+)/m.exec(status)?.[1]]).toEqual(["1", "0027"]);
  expect((await ofProcess(p, "stat")).replace(/.*\) /, "").split(" ")[16]).toBe("7");
  expect(await ofProcess(p, "oom_score_adj")).toBe("300\n");
  expect(/^Max open files\s+(\d+)\s+(\d+)/m.exec(await ofProcess(p, "limits"))?.slice(1)).toEqual(["64", "128"]);
});

test.skipIf(!CAN_MOUNT)("a user whom nobody knows, and root by a payload, fail with the reason", async () => {
  const p = units('space = "user"\nuser-source = { state = "who" }\nrun = "id"');
  await upWithUsers(p);
  await p.rind("set", "g@who", "id=1", "username=mallory");
  expect(await row(p)).toMatchObject({ phase: "failed", reason: 'user: there is no user "mallory" on this system' });
  await p.rind("set", "g@who", "id=1", "username=root");
  await p.rind("start", "g@s");
  expect(await row(p)).toMatchObject({ phase: "failed", reason: expect.stringContaining("a payload makes nothing run as root") });
  expect(await printedBy(p)).toEqual([]);
});

test.skipIf(!CAN_MOUNT)("74: a service that is restarted keeps its user", async () => {
  const p = units(
    `space = "user"\nuser-source = { state = "who" }\nrestart = { delay = "10ms" }\nrun.shell = 'trap "exit 1" HUP; id -un; while :; do sleep 0.05; done'`,
  );
  await upWithUsers(p);
  await p.rind("set", "g@who", "id=1", "username=alice");
  await expect.poll(() => printedBy(p)).toEqual(["alice"]);
  await p.rind("set", "g@who", "id=1", "username=bob");
  await p.rind("kill", "g@s", "--signal", "HUP");
  await expect.poll(() => printedBy(p), { timeout: 10_000 }).toEqual(["alice", "alice"]);
  await p.rind("stop", "g@s");
  await p.rind("start", "g@s");
  await expect.poll(() => printedBy(p), { timeout: 10_000 }).toEqual(["alice", "alice", "bob"]);
});
