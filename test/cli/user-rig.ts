import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Project, startDaemon } from "./daemon-rig.ts";
import { RIND, RUNNER, type Running } from "./program.ts";

/** The users of these tests: in no file of the machine, but in one that only their daemon sees. */
export const ALICE = { uid: 61_001, gid: 61_001, band: 61_010, home: "home" } as const;
export const BOB = { uid: 61_002, gid: 61_002 } as const;

const PASSWD = (home: string): string => `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
alice:x:${ALICE.uid}:${ALICE.gid}:Alice:${home}:/bin/sh
bob:x:${BOB.uid}:${BOB.gid}:Bob:/nonexistent:/bin/sh
`;
const GROUP = `root:x:0:
daemon:x:1:
nogroup:x:65534:
alice:x:${ALICE.gid}:
bob:x:${BOB.gid}:
band:x:${ALICE.band}:bob,alice
`;

/** What makes a mount namespace with other users and an empty /run, and becomes the program behind it. */
const ENTER = `mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group && mount -t tmpfs -o mode=755 run /run || exit
if [ -d "$0/pam" ]; then mount --bind "$0/pam" /etc/pam.d || exit; fi
exec "$@"`;

/** Whether this machine lets a test have mounts of its own: as root, and not in every container. */
export const CAN_MOUNT = canMount();

function canMount(): boolean {
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/run"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Starts `rind up` among alice, with a home below the project and two groups, and bob; waits until it is up. The folder `pam` of the project is its /etc/pam.d. */
export async function upWithUsers(p: Project): Promise<Running> {
  const home = join(p.folder, ALICE.home);
  mkdirSync(home, { recursive: true });
  chownSync(home, ALICE.uid, ALICE.gid);
  chmodSync(p.folder, 0o755);
  writeFileSync(join(p.folder, "passwd"), PASSWD(home));
  writeFileSync(join(p.folder, "group"), GROUP);
  const { XDG_RUNTIME_DIR: _, ...env } = p.env;
  return startDaemon("unshare", ["--mount", "sh", "-c", ENTER, p.folder, RUNNER, RIND, "up"], { cwd: p.folder, env });
}
