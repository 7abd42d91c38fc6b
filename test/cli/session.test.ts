import { existsSync, readdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { knownProcess } from "../../src/process/watch-end.ts";
import { printed, type Project, project } from "./daemon-rig.ts";
import { RIND, RUNNER, rind, run, type Running, runToEnd } from "./program.ts";
import { ALICE, CAN_MOUNT, upWithUsers } from "./user-rig.ts";

const UNITS = `
[settings]
on-empty = "wait"
[[service]]
name = "shell"
space = "user"
branching = { source-state = "rind@user-login", key = "username" }
run.shell = 'touch "$XDG_RUNTIME_DIR/used"; id -un; exec sleep 1000'
`;

interface Session {
  readonly session_id: string;
  readonly username: string;
  readonly tty?: string;
  readonly leader?: { readonly pid: number; readonly start: number };
}

const sessions = async (p: Project): Promise<readonly Session[]> => (await p.json("get", "rind@user-session")) as Session[];
const userFolders = (daemon: Running): readonly string[] => {
  const above = `/proc/${daemon.child.pid}/root/run/user`;
  return existsSync(above) ? readdirSync(above) : [];
};

/** What pam_exec does for a login: runs `rind session` as a child of the process that PAM works for, with nothing but PAM's own environment. SIGUSR1 is the logout. */
function login(p: Project, given: Readonly<Record<string, string>> = {}): Running {
  const pam = Object.entries({ PAM_USER: "alice", PAM_SERVICE: "login", ...given }).map(([name, value]) => `${name}=${value}`);
  const script = `trap out=1 USR1
pam() { env -i ${pam.join(" ")} PAM_TYPE=$1 "${RUNNER}" "${RIND}" --socket "${p.socket}" session </dev/null; echo "$1 $?"; }
pam open_session; until [ "$out" ]; do sleep 0.05; done; pam close_session`;
  return run("sh", ["-c", script], { env: p.env });
}

async function loggedIn(p: Project, given?: Readonly<Record<string, string>>): Promise<Running> {
  const running = login(p, given);
  await printed(running, "out", /open_session 0/);
  return running;
}

async function logOut({ child, ended, out }: Running): Promise<string> {
  child.kill("SIGUSR1");
  await ended;
  return out();
}

test.skipIf(!CAN_MOUNT)("a user's services and runtime folder are there from the first login to the last logout", async () => {
  const p = project({ "flows/g.toml": UNITS });
  const daemon = await upWithUsers(p);
  const first = await loggedIn(p, { PAM_TTY: "/dev/tty1" });
  const second = await loggedIn(p, { PAM_TTY: "ssh", PAM_SERVICE: "sshd", PAM_RHOST: "10.0.0.9" });
  expect(await sessions(p)).toEqual(
    [first, second].map(({ child }, index) => ({
      session_id: expect.stringMatching(/^alice-\d+-\d+$/),
      username: "alice",
      uid: ALICE.uid,
      ...(index === 0 ? { tty: "tty1", service: "login" } : { tty: "ssh", service: "sshd", host: "10.0.0.9" }),
      runtime_dir: `/run/user/${ALICE.uid}`,
      leader: { pid: child.pid, start: knownProcess(child.pid ?? 0)?.start },
    })),
  );
  await expect.poll(async () => (await p.rind("logs", "g@shell/alice")).out).toMatch(/alice$/m);
  expect(await logOut(first)).toBe("open_session 0\nclose_session 0\n");
  expect([(await sessions(p)).length, userFolders(daemon)]).toEqual([1, [String(ALICE.uid)]]);
  await logOut(second);
  await expect.poll(() => userFolders(daemon), { timeout: 10_000 }).toEqual([]);
  expect([await sessions(p), await p.json("get", "rind@user-login")]).toEqual([[], []]);
});

test.skipIf(!CAN_MOUNT)("a session whose leader is killed ends, and with the last one what runs for its user", async () => {
  const p = project({ "flows/g.toml": UNITS });
  const daemon = await upWithUsers(p);
  const leader = await loggedIn(p);
  leader.child.kill("SIGKILL");
  await expect.poll(() => userFolders(daemon), { timeout: 10_000 }).toEqual([]);
  expect(await sessions(p)).toEqual([]);
  const said = (await p.json("trace")) as readonly { readonly kind: string; readonly what?: string }[];
  expect(said.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^process \d+, which leads session alice-\d+-\d+, has ended$/));
});

test.skipIf(!CAN_MOUNT)(
  "a daemon that follows one that died watches what is left, and drops the session of a leader that has ended meanwhile",
  async () => {
    const p = project({ "flows/g.toml": UNITS });
    const first = await upWithUsers(p);
    const [gone, stays] = [await loggedIn(p), await loggedIn(p)];
    first.child.kill("SIGKILL");
    await first.ended;
    gone.child.kill("SIGKILL");
    await gone.ended;
    await upWithUsers(p);
    expect((await sessions(p)).map(({ leader }) => leader?.pid)).toEqual([stays.child.pid]);
    stays.child.kill("SIGKILL");
    await expect.poll(() => sessions(p), { timeout: 10_000 }).toEqual([]);
  },
);

test.skipIf(!CAN_MOUNT)("su opens and closes a session by pam_exec, and one that is killed leaves none", async () => {
  const p = project({ "flows/g.toml": UNITS });
  p.write(
    "pam/su",
    `auth sufficient pam_rootok.so
account required pam_permit.so
session required pam_permit.so
session optional pam_exec.so quiet ${RUNNER} ${RIND} --socket ${p.socket} session
`,
  );
  const daemon = await upWithUsers(p);
  const inside = ["--target", String(daemon.child.pid), "--mount", "--wd=/", "su", "alice", "-c"];
  const polite = await runToEnd("nsenter", [...inside, `cat /run/user/${ALICE.uid}/used || ls -ld /run/user/${ALICE.uid}`], { env: p.env });
  expect(polite).toMatchObject({ code: 0, err: "" });
  await expect.poll(() => sessions(p), { timeout: 10_000 }).toEqual([]);
  const killed = run("nsenter", [...inside, "echo $$; exec sleep 1000"], { env: p.env });
  const [, orphan = ""] = await printed(killed, "out", /^(\d+)$/m);
  onTestFinished(() => void process.kill(Number(orphan), "SIGKILL"));
  const [session] = await sessions(p);
  expect(session).toMatchObject({ username: "alice", service: "su" });
  process.kill(session?.leader?.pid ?? Number.NaN, "SIGKILL");
  await expect.poll(() => sessions(p), { timeout: 10_000 }).toEqual([]);
});

test.skipIf(!CAN_MOUNT)("by hand a session has no leader, and is closed by hand", async () => {
  const p = project({ "flows/g.toml": UNITS });
  await upWithUsers(p);
  expect(await p.rind("session", "open", "--user", "alice", "--tty", "tty3")).toEqual({
    code: 0,
    out: "session alice-tty3 of alice is open\n",
    err: "",
  });
  expect(await p.json("session", "open", "--user", "alice", "--id", "x", "--leader", String(process.pid))).toMatchObject({
    session_id: "x",
    leader: { pid: process.pid },
  });
  expect((await p.rind("session", "close", "--user", "alice", "--tty", "tty3")).out).toBe("session alice-tty3 of alice is closed\n");
  expect((await p.rind("session", "close", "--user", "alice", "--tty", "tty3")).out).toBe("no such session was open\n");
  expect(await p.json("session", "close", "--id", "x")).toMatchObject([{ session_id: "x" }]);
  expect(await p.rind("session", "open", "--user", "mallory")).toMatchObject({
    code: 1,
    err: expect.stringContaining('no user "mallory"'),
  });
  expect(await sessions(p)).toEqual([]);
});

test("what PAM does not ask for is not done, and what is asked wrongly is told", async () => {
  const env = { ...process.env, PAM_TYPE: "close_session", PAM_USER: "root" };
  const nowhere = ["--socket", "/nonexistent/s", "session"];
  expect(await rind([...nowhere, "open"], { env })).toEqual({ code: 0, out: "", err: "" });
  expect(await rind([...nowhere, "close"], { env })).toMatchObject({ code: 69 });
  expect(await rind(nowhere, { env: { ...env, PAM_TYPE: "auth" } })).toMatchObject({ code: 64, err: expect.stringContaining("session") });
  expect(await rind(nowhere)).toMatchObject({ code: 64, err: expect.stringContaining("neither open nor close") });
  expect(await rind([...nowhere, "open"])).toMatchObject({ code: 69 });
});

test("a daemon that does not answer holds up a login for some seconds at most", async () => {
  const p = project({ "flows/g.toml": '[settings]\non-empty = "wait"\n[[service]]\nname = "s"\nrun = "sleep 1000"\n' });
  const daemon = await p.up();
  daemon.child.kill("SIGSTOP");
  onTestFinished(() => void daemon.child.kill("SIGCONT"));
  const start = performance.now();
  const { code, err } = await p.rind("session", "open", "--user", "root");
  expect([code, err]).toEqual([1, expect.stringContaining("has not answered within 3s")]);
  expect(performance.now() - start).toBeLessThan(15_000);
  daemon.child.kill("SIGCONT");
});

test("under PAM the environment leads to no other daemon than the system's", async () => {
  const p = project({ "flows/g.toml": '[[service]]\nname = "s"\nrun = "sleep 1000"\n' });
  await p.up();
  const env = { ...p.env, PAM_TYPE: "open_session", PAM_USER: "root" };
  const { err } = await runToEnd(RUNNER, [RIND, "session"], { cwd: p.folder, env });
  expect(err).not.toContain(p.socket);
  expect(await sessions(p)).toEqual([]);
});
