import { expect, test } from "vitest";
import { serviceOf, service, told, unitsOf } from "../../support/units/load.ts";

const runOf = async (line: string) => (await serviceOf(line, { cwd: "/proj" })).run;
const TTYS = '[[state]]\nname = "ttys"\nbranch = ["tty"]\n';
const onTtys = 'branching = { source-state = "ttys", key = "tty" }';

test("a process is told its user, group, limits and terminal", async () => {
  const line =
    'run = { exec = "x", user = "alice", group = 100, umask = "027", nice = -5, oom-score-adj = -1000, tty = "tty1", rlimits = { nofile = 1024, core = [0, "unlimited"], as = "1GiB" } }';
  expect(await runOf(line)).toMatchObject({
    user: "alice",
    group: "100",
    umask: 0o27,
    nice: -5,
    oomScoreAdj: -1000,
    tty: "/proj/tty1",
    rlimits: [
      { name: "as", soft: 2 ** 30, hard: 2 ** 30 },
      { name: "core", soft: 0, hard: Number.POSITIVE_INFINITY },
      { name: "nofile", soft: 1024, hard: 1024 },
    ],
  });
  expect((await runOf("run = { exec = 'x', umask = 0o22, user = 1000 }")).umask).toBe(0o22);
});

test("a service that asks for nothing of the kind is the system's, and runs as the daemon", async () => {
  expect(await serviceOf("", { cwd: "/proj" })).toMatchObject({
    space: { kind: "system" },
    userSource: undefined,
    managedBy: [],
    run: { user: undefined, group: undefined, umask: undefined, nice: undefined, rlimits: [], tty: undefined, cwd: "/proj" },
  });
});

test.each([
  ["run = { exec = 'x', umask = '089' }", '3:29: "run.umask" must be octal text such as "022", or a number such as 0o022, not "089"'],
  ["run = { exec = 'x', nice = 20 }", '3:28: "run.nice" must be a whole number from -20 to 19, not 20'],
  ["run = { exec = 'x', user = 'a:b' }", '3:28: "run.user" must be the name or the number of a user, not "a:b"'],
  ["run = { exec = 'x', rlimits = { nofiles = 1 } }", '3:33: unknown key "nofiles" (did you mean "nofile"?)'],
  ["run = { exec = 'x', rlimits = { nofile = [2, 1] } }", "3:42: the soft limit of nofile is above the hard one (write [soft, hard])"],
  ["run = { exec = 'x', tty = '/dev/tty1', stdin = 'y' }", '3:48: "run.tty" is its standard input already (give one of them)'],
  [
    "ready.log = 'up'\nrun = { exec = 'x', tty = '/dev/tty1' }",
    "3:13: no line of its output will ever be seen (with run.tty its output goes to the terminal alone)",
  ],
])("%s is an error", async (lines, message) => {
  expect(await told(service(lines))).toEqual([`g.toml:${message}`]);
});

test("a log file of a service on a terminal stays empty, which is a warning", async () => {
  expect(await told(service("run = { exec = 'x', tty = '/dev/tty1' }\nlog.file = 'l'"))).toEqual([
    "warning g.toml:4:12: nothing will be written to this file (with run.tty its output goes to the terminal alone)",
  ]);
});

test("without run.cwd a service with a user has its home, whoever names the user", async () => {
  const cwdOf = async (lines: string) => (await runOf(lines)).cwd;
  expect(await cwdOf("run = { exec = 'x', user = 'alice' }")).toBeUndefined();
  expect(await cwdOf("space = 'user'")).toBeUndefined();
  expect(await cwdOf("space = { user = 'alice' }")).toBeUndefined();
  expect(await cwdOf("space = 'user'\nrun = { exec = 'x', cwd = 'sub' }")).toBe("/proj/sub");
  expect(await cwdOf("run = { exec = 'x', group = 'wheel' }")).toBe("/proj");
});

test("space names whose service it is, in both forms", async () => {
  const spaceOf = async (lines: string) => (await serviceOf(lines)).space;
  expect(await spaceOf("space = 'system'")).toEqual({ kind: "system" });
  expect(await spaceOf("space = 'user'")).toEqual({ kind: "user" });
  expect(await spaceOf("space = { user = 'alice' }")).toEqual({ kind: "named", user: "alice" });
  expect(await spaceOf("space = 'user_selective'\nuser = 'alice'")).toEqual({ kind: "named", user: "alice" });
});

test("89, 91: user-source tells where the name of the user stands", async () => {
  const sourceOf = async (lines: string) => (await unitsOf(TTYS + service(`space = "user"\n${onTtys}\n${lines}`))).services[0]?.userSource;
  expect(await sourceOf('user-source = { state = "ttys" }')).toEqual({
    state: "g@ttys",
    usernameField: "username",
    matchBranchKey: false,
  });
  expect(await sourceOf('user_source = { state = "ttys", username_field = "who", match_branch_key = true }')).toEqual({
    state: "g@ttys",
    usernameField: "who",
    matchBranchKey: true,
  });
  expect(await sourceOf("user-source = { branch = true }")).toEqual({ state: undefined, usernameField: "username", matchBranchKey: false });
});

test.each([
  ["space = 'user_selective'", '4:9: space = "user_selective" needs "user" (write space = { user = "alice" })'],
  ["user = 'alice'", '4:8: "user" means nothing with space = "system" (write run.user, or space = { user = "alice" })'],
  ["space = { user = 'alice' }\nuser = 'bob'", '5:8: "user" and "space" both name its user (give one of them)'],
  ["space = { user = 'alice' }\nrun = { exec = 'x', user = 'bob' }", '4:28: "run.user" and "space" both name its user (give one of them)'],
  ["user-source = { state = 'rind@user-login' }", '4:15: "user-source" needs space = "user" (else nobody asks for its user)'],
  [
    "space = 'user'\nuser-source = { state = 'rind@user-login', match-branch-key = true }",
    '5:63: there is no branch key: it does not branch (leave this out, or give "branching")',
  ],
  [
    "space = 'user'\nuser-source = { branch = true }",
    '5:26: it has no branch of its own: it does not branch (give "state", or "branching")',
  ],
  ["space = 'user'\nuser-source = { state = 'rind@up' }", '5:25: the payload of "rind@up" is none, and only json has fields'],
  ["space = 'user'\nuser-source = { username-field = 'x' }", '5:15: one of "state", "branch" is missing'],
])("%s is an error", async (lines, message) => {
  expect(await told(service(lines))).toEqual([`g.toml:${message}`]);
});

test("run.user goes before the user of a session, which is a warning", async () => {
  expect(await told(service("space = 'user'\nrun = { exec = 'x', user = 'alice' }"))).toEqual([
    'warning g.toml:4:28: "run.user" goes before the user of space = "user": it always runs as alice (leave out one of them)',
  ]);
});

test("permissions and managed-by take permissions by name, bare or in full, and groups by number", async () => {
  const { states, signals, services } = await unitsOf({
    "p.toml": '[[permission]]\nname = "admins"\ngroup = "wheel"\n',
    "g.toml": `[[state]]\nname = "a"\npermissions = ["admins", 7]\nsubscribers = [{ id = "uds", options = ["/s"], permissions = ["login"] }]\n[[signal]]\nname = "b"\npermissions = ["p@admins"]\n${service('managed-by = ["admins"]')}`,
  });
  const admins = { kind: "permission", name: "p@admins" };
  expect(states[0]?.permissions).toEqual([admins, { kind: "gid", gid: 7 }]);
  expect(states[0]?.subscribers).toEqual([{ path: "/s", permissions: [{ kind: "permission", name: "rind@login" }] }]);
  expect(signals[0]?.permissions).toEqual([admins]);
  expect(services[0]?.managedBy).toEqual([admins]);
  expect(await told(service('managed-by = ["admin"]'))).toEqual(['g.toml:4:15: no permission "admin" is declared']);
});

test("whoever is given a permission called login has the built-in one", async () => {
  const loginOf = async (text: Parameters<typeof unitsOf>[0]) =>
    (await unitsOf(text)).permissions.find(({ name }) => name === "rind@login");
  expect(await loginOf("")).toEqual({ name: "rind@login", group: undefined, users: [], includes: [], origin: undefined });
  const greeter = '[[permission]]\nname = "login"\nusers = ["greeter", 7]\n';
  expect(await loginOf(greeter)).toMatchObject({ users: [], includes: ["g@login"] });
  expect(await loginOf({ "rind.toml": greeter })).toMatchObject({ users: ["greeter", "7"], includes: [] });
});

test("permissions that include each other in a circle are an error, and one that nobody has is a warning", async () => {
  const one = (name: string, lines: string) => `[[permission]]\nname = "${name}"\n${lines}\n`;
  expect(await told(one("a", 'includes = ["b"]') + one("b", 'includes = ["c"]') + one("c", 'includes = ["b"]'))).toEqual([
    "g.toml:6:12: permissions include each other in a circle: g@b -> g@c -> g@b (leave out one of these)",
  ]);
  expect(await told(one("a", 'includes = ["a"]'))).toEqual([
    "g.toml:3:12: permissions include each other in a circle: g@a -> g@a (leave out one of these)",
  ]);
  expect(await told(one("a", ""))).toEqual(['warning g.toml:1:3: nobody has the permission g@a (give "group", "users" or "includes")']);
});
