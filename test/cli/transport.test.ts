import { expect, test } from "vitest";
import { printed, project } from "./daemon-rig.ts";

const STATES = `[[state]]
name = "A"
[[state]]
name = "T"
payload = "string"
[[variable]]
name = "log_level"
default = "info"
`;
/** Prints the variables whose names are in capitals and begin with T_, and all arguments, as one json text. */
const SHOW =
  "console.log(JSON.stringify([Object.fromEntries(Object.entries(process.env).filter(([k]) => k.startsWith('T_')).sort()), process.argv.slice(1)]))";

/** What reached a process that the signal `go` started: variables and arguments. */
async function shown(sets: readonly (readonly string[])[], service: string): Promise<readonly [Record<string, string>, readonly string[]]> {
  const p = project({
    "flows/g.toml": `${STATES}
[[service]]
name = "s"
type = "oneshot"
run.exec = ${JSON.stringify(process.execPath)}
run.args = ["-e", ${JSON.stringify(SHOW)}, "first"]
start-on = [{ signal = "go" }]
${service}`,
  });
  const daemon = await p.up();
  for (const words of sets) await p.json("set", ...words);
  await p.json("emit", "g@go", "who=me");
  const [, line] = await printed(daemon, "out", /^g@s \| (\[\{.*)$/m);
  return JSON.parse(line ?? "") as [Record<string, string>, string[]];
}

const JSON_A = ["g@A", '{"id":1,"a":{"b":"de ep"},"n":8080,"list":[true,null],"ü":"$HOME"}'];

test("78, 79: a text state reaches the environment bare, a json one as json, a path as the value that it leads to", async () => {
  const [env] = await shown(
    [JSON_A, ["g@T", "two  words"]],
    'transport = { id = "env", options = ["T_TEXT=state:T", "T_JSON=state:A", "T_DEEP=state:A/a.b", "T_NUMBER=state:A/n", "T_HOME=state:A/ü"] }\n',
  );
  expect(env).toEqual({ T_DEEP: "de ep", T_HOME: "$HOME", T_JSON: JSON_A[1], T_NUMBER: "8080", T_TEXT: "two  words" });
});

test("81: outside of a branch the own branch is a variable that is not set, and what a path does not find is one too", async () => {
  const [env] = await shown(
    [JSON_A],
    'transport = { id = "env", options = ["T_TTY=state:$/tty", "T_NONE=state:A/x", "T_ELSE=state:A/x|other", "T_WHO=signal:$/who"] }\n',
  );
  expect(env).toEqual({ T_ELSE: "other", T_WHO: "me" });
});

test("82: arguments of a transport come after run.args, in order, each one argument", async () => {
  const [, args] = await shown(
    [JSON_A, ["g@T", "two  words; *"]],
    'transport = { id = "args", options = ["state:T", "--up=state:A/a.b", "state:A/x", "last word"] }\n',
  );
  expect(args).toEqual(["first", "two  words; *", "--up=de ep", "last word"]);
});

test("83: a variable arrives without quotes, in the environment and in an argument", async () => {
  const service =
    'transport = [{ id = "env", options = ["T_LEVEL=var:log_level"] }, { id = "args", options = ["--level=var:log_level"] }]\n';
  expect(await shown([], service)).toEqual([{ T_LEVEL: "info" }, ["first", "--level=info"]]);
});

test("93: the payload of a hook with @, colons and a URL reaches a process unchanged", async () => {
  const payload = "a@b:c https://h:1/x?y=1&z=@2 state:A|d";
  const p = project({
    "flows/g.toml": `[[service]]
name = "job"
type = "oneshot"
run = "true"
on-stop = [{ signal = "done", payload = ${JSON.stringify(payload)} }]
[[service]]
name = "s"
type = "oneshot"
run.exec = ${JSON.stringify(process.execPath)}
run.args = ["-e", "console.log(JSON.stringify(process.argv[1]))"]
start-on = [{ signal = "done" }]
transport = { id = "args", options = ["signal:$"] }
`,
  });
  const [, line] = await printed(await p.up(), "out", /^g@s \| (.*)$/m);
  expect(JSON.parse(line ?? "")).toBe(payload);
});
