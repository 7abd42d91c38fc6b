import { expect, test } from "vitest";
import { told, unitsOf } from "../../support/units/load.ts";

/* The examples of the language's own introduction, with programs that exist. */

const one = async (text: string, others: Readonly<Record<string, string>> = {}) =>
  (await unitsOf({ "g.toml": text, ...others })).services.find(({ name }) => name.startsWith("g@"));

test("core execution", async () => {
  const text =
    '[[service]]\nname = "web-server"\nrun.exec = "/bin/true"\nrun.args = ["-g", "daemon off;"]\nrun.env = { "CONF_PATH" = "/etc/nginx/nginx.conf" }\n';
  expect(await one(text)).toMatchObject({
    name: "g@web-server",
    run: { program: "/bin/true", args: ["-g", "daemon off;"], env: { CONF_PATH: "/etc/nginx/nginx.conf" } },
  });
});

test("lifecycle triggers", async () => {
  const text =
    '[[service]]\nname = "app-worker"\nrun.exec = "/bin/true"\nstart-on = ["net@configured"]\nstop-on = ["net@maintenance-mode"]\n';
  const states = '[[state]]\nname = "configured"\n[[state]]\nname = "maintenance-mode"\n';
  expect(await told({ "g.toml": text, "net.toml": states })).toEqual([]);
  expect(await one(text, { "net.toml": states })).toMatchObject({
    startOn: [{ kind: "state", name: "net@configured" }],
    stopOn: [{ kind: "state", name: "net@maintenance-mode" }],
    bound: false,
  });
});

test("26: dependency ordering", async () => {
  const text = '[[service]]\nname = "api-gateway"\nrun.exec = "/bin/true"\nafter = ["servers@web-server", "databases@database"]\n';
  const other = (name: string) => `[[service]]\nname = "${name}"\nrun = "/bin/true"\n`;
  expect((await one(text, { "servers.toml": other("web-server"), "databases.toml": other("database") }))?.after).toEqual([
    { service: "servers@web-server", is: "ready" },
    { service: "databases@database", is: "ready" },
  ]);
});

test("31, 33: restart policy", async () => {
  expect(await one('[[service]]\nname = "persistent-daemon"\nrun.exec = "/bin/true"\nrestart = true\n \n')).toMatchObject({
    restart: { on: "always", maxRetries: Number.POSITIVE_INFINITY },
  });
  expect(await one('[[service]]\nname = "fragile-task"\nrun.exec = "/bin/true"\nrestart = { max_retries = 5 }\n')).toMatchObject({
    restart: { on: "on-failure", maxRetries: 5 },
  });
});

test("68: multi-instance branching", async () => {
  const text =
    '[[service]]\nname = "user-session"\nrun.exec = "/bin/true"\nstart-on = ["user-login"]\nbranching = { enabled = true, source-state = "rind@user-login", key = "username" }\n';
  expect(await told(text)).toEqual([]);
  expect(await one(text)).toMatchObject({
    startOn: [{ name: "rind@user-login" }],
    branching: { sourceState: "rind@user-login", key: "username" },
  });
});

test("69: without key instances are told apart by id", async () => {
  expect(await one('[[service]]\nname = "s"\nrun = "x"\nbranching.source-state = "a"\n')).toMatchObject({ branching: { key: "id" } });
});

test("84: transport and state injection", async () => {
  const text =
    '[[service]]\nname = "db-client"\nrun.exec = "/bin/true"\ntransport = { id = "env", options = ["DB_URL=state:db-config@connection-string"] }\n';
  expect((await one(text))?.transport[0]?.options).toEqual([
    { prefix: "DB_URL", value: { kind: "state", name: "g@db-config", path: ["connection-string"], fallback: undefined } },
  ]);
});

test("89: user space", async () => {
  const text =
    '[[service]]\nname = "user-file-sync"\nrun.exec = "/bin/true"\nspace = "user"\nuser-source = { state = "rind@active-session", username-field = "username" }\n';
  expect(await one(text)).toMatchObject({
    space: { kind: "user" },
    userSource: { state: "rind@active-session", usernameField: "username", matchBranchKey: false },
  });
});

test("92: lifecycle hooks", async () => {
  const text = '[[service]]\nname = "backup-job"\nrun.exec = "/bin/true"\non-stop = [{ signal = "backup@complete", payload = "success" }]';
  expect(await one(text)).toMatchObject({
    onStop: [{ kind: "emit", signal: "backup@complete", payload: { kind: "value", value: "success" } }],
  });
});
