import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { connectControl } from "../../src/control/client.ts";
import { phaseOf } from "../cli/await-phase.ts";
import { append, bootDebianRoot, type DebianRoot, lackOfDebianRoot, makeDebianRoot } from "./debian-root.ts";

/*
 * Real logins on a real Debian: su, login and OpenSSH, with pam_exec as the only thing that tells Rind of them.
 */

const SETUP_MS = 300_000;
const PATIENCE_MS = 20_000;
const SOCKET = "/run/rind/rind.sock";

const UNITS = `[[service]]
name = "sshd"
run.shell = "mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -p 2222"
ready.tcp = "127.0.0.1:2222"

[[service]]
name = "desk"
space = "user"
branching = { source-state = "rind@user-login", key = "username" }
run = "sleep 600"
`;

const OWN_UNITS = `[[service]]
name = "notes"
run = "sleep 600"
`;

const lack = lackOfDebianRoot();

describe.skipIf(lack !== undefined)(`logins${lack === undefined ? "" : `: skipped, ${lack}`}`, () => {
  let root: DebianRoot;

  beforeAll(() => {
    root = makeDebianRoot();
    append(root, "etc/pam.d/common-session", "session optional pam_exec.so quiet /usr/bin/rind session\n");
    for (const [name, uid] of [
      ["alice", "1001"],
      ["bob", "1002"],
    ] as const)
      root.chroot("useradd", "--create-home", "--shell", "/bin/bash", "--uid", uid, name);
    root.chroot("usermod", "--append", "--groups", "audio,video", "alice");
    root.chroot(
      "sh",
      "-c",
      'ssh-keygen -q -t ed25519 -N "" -f /root/key && mkdir -p /home/alice/.ssh /run/sshd && cp /root/key.pub /home/alice/.ssh/authorized_keys',
    );
    root.write("etc/rind/flows/desk.toml", UNITS);
    root.write("home/alice/.config/rind/flows/own.toml", OWN_UNITS);
    root.chroot("chown", "--recursive", "alice:alice", "/home/alice");
  }, SETUP_MS);

  afterAll(() => root.remove());

  test("a user's services run from the first login to the last logout, whatever the logins are", async () => {
    const machine = await bootDebianRoot(root);
    const p = { socket: machine.outside(SOCKET) };
    const su = machine.start("su", "-", "alice");
    await sessions(p, 1);
    await phaseOf(p, "desk@desk/alice", "running");
    const { pid } = await rowOf(p, "desk@desk/alice");

    const login = machine.start("script", "--quiet", "--command", "login -f alice", "/dev/null");
    await sessions(p, 2);
    const ssh = machine.start(...SSH, "alice@127.0.0.1", "cat");
    await sessions(p, 3);
    expect(await rowOf(p, "desk@desk/alice")).toMatchObject({ phase: "running", pid });

    su.stdin?.end();
    await sessions(p, 2);
    login.stdin?.write("exit\n");
    await sessions(p, 1);
    expect(await rowOf(p, "desk@desk/alice")).toMatchObject({ phase: "running", pid });
    ssh.stdin?.end();
    await sessions(p, 0);
    await phaseOf(p, "desk@desk/alice", "gone");
  });

  test("a user's own units run in a daemon of that user's, from login to logout, with all of the user's groups", async () => {
    const machine = await bootDebianRoot(root);
    const p = { socket: machine.outside(SOCKET) };
    const su = machine.start("su", "-", "alice");
    await phaseOf(p, "rind@user-units/alice", "running");
    const own = { socket: machine.outside("/run/user/1001/rind/rind.sock") };
    await served(own);
    await phaseOf(own, "own@notes", "running");
    const { pid } = await rowOf(own, "own@notes");
    const status = readFileSync(machine.outside(`/proc/${pid}/status`), "utf8");
    expect(status).toMatch(/^Uid:\t1001\t1001\t1001\t1001$/m);
    expect(status).toMatch(/^Gid:\t1001\t1001\t1001\t1001$/m);
    expect(/^Groups:\t(.*)$/m.exec(status)?.[1]?.trim().split(" ")).toEqual(expect.arrayContaining(["29", "44", "1001"]));

    su.stdin?.end();
    await phaseOf(p, "rind@user-units/alice", "gone");
    expect(existsSync(machine.outside(`/proc/${pid}`))).toBe(false);
  });

  test("a login that is killed takes its session along, and nobody else's", async () => {
    const machine = await bootDebianRoot(root);
    const p = { socket: machine.outside(SOCKET) };
    const alice = machine.start("su", "-", "alice");
    const bob = machine.start("su", "-", "bob");
    await sessions(p, 2);
    await phaseOf(p, "desk@desk/alice", "running");
    await phaseOf(p, "desk@desk/bob", "running");
    const { pid } = await rowOf(p, "desk@desk/bob");
    // nsenter forks; what it has started is su, which leads the session
    for (const su of childrenOf(alice.pid)) process.kill(su, "SIGKILL");
    await phaseOf(p, "desk@desk/alice", "gone");
    expect(await rowOf(p, "desk@desk/bob")).toMatchObject({ phase: "running", pid });
    bob.stdin?.end();
    await sessions(p, 0);
  });
});

const SSH = ["ssh", "-p", "2222", "-i", "/root/key", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];

interface Reached {
  readonly socket: string;
}

/** Resolves when so many sessions are open. */
async function sessions({ socket }: Reached, count: number): Promise<void> {
  const client = await connectControl(socket);
  const timer = setTimeout(() => client.close(), PATIENCE_MS);
  try {
    const feed = await client.follow("event.subscribe", { names: ["rind@user-session"] });
    const isSo = async (): Promise<boolean> => (await client.call("flow.get", { name: "rind@user-session" })).length === count;
    if (await isSo()) return;
    for await (const _ of feed) if (await isSo()) return;
  } finally {
    clearTimeout(timer);
    client.close();
  }
  throw new Error(`there were not ${count} sessions within ${PATIENCE_MS} ms`);
}

async function rowOf({ socket }: Reached, instance: string) {
  const client = await connectControl(socket);
  try {
    const row = (await client.call("service.list", {})).find(({ name }) => name === instance);
    if (row === undefined) throw new Error(`there is no ${instance}`);
    return row;
  } finally {
    client.close();
  }
}

/** Resolves when the daemon of a user answers, whose folder is not there before it has begun. */
async function served({ socket }: Reached): Promise<void> {
  await vi.waitFor(async () => (await connectControl(socket)).close(), { timeout: PATIENCE_MS, interval: 50 });
}

function childrenOf(pid: number | undefined): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}
