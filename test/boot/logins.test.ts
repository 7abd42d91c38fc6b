import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
run = "/usr/sbin/sshd -D -e -p 2222"
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
    const { pid } = await desk(p);

    const login = machine.start("script", "--quiet", "--command", "login -f alice", "/dev/null");
    await sessions(p, 2);
    const ssh = machine.start(...SSH, "alice@127.0.0.1", "cat");
    await sessions(p, 3);
    expect(await desk(p)).toMatchObject({ phase: "running", pid });

    su.stdin?.end();
    await sessions(p, 2);
    login.stdin?.write("exit\n");
    await sessions(p, 1);
    expect(await desk(p)).toMatchObject({ phase: "running", pid });
    ssh.stdin?.end();
    await sessions(p, 0);
    await phaseOf(p, "desk@desk/alice", "gone");
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

async function desk({ socket }: Reached) {
  const client = await connectControl(socket);
  try {
    const rows = await client.call("service.list", {});
    const row = rows.find(({ name }) => name === "desk@desk/alice");
    if (row === undefined) throw new Error("there is no desk of alice");
    return row;
  } finally {
    client.close();
  }
}
