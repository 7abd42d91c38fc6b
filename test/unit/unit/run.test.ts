import { expect, test } from "vitest";
import { serviceOf, service, told, unitsOf } from "../../support/units/load.ts";
import { splitWords } from "../../../src/unit/split-words.ts";

const runOf = async (line: string, env: NodeJS.ProcessEnv = {}) => (await serviceOf(line, { env, cwd: "/proj" })).run;

test("24: args and env arrive unchanged", async () => {
  expect(await runOf('run = { exec = "/bin/x", args = ["a b", "$HOME", ""], env = { A = "1 2", PORT = 8080, ON = true } }')).toMatchObject({
    program: "/bin/x",
    args: ["a b", "$HOME", ""],
    env: { A: "1 2", PORT: "8080", ON: "true" },
  });
});

test("a command in one text is split as a shell does, without a shell", async () => {
  expect(await runOf(`run = "./bin/x --a 'b c' \\"d e\\" f\\\\ g $HOME"`)).toMatchObject({
    program: "/proj/bin/x",
    args: ["--a", "b c", "d e", "f g", "$HOME"],
  });
  expect(await runOf('run = ["x", "a b"]')).toMatchObject({ program: "x", args: ["a b"] });
});

test.each([
  ["a  b\tc\n", ["a", "b", "c"]],
  ["", []],
  ["''", [""]],
  ["a''b", ["ab"]],
  [`'a "b" \\'`, ['a "b" \\']],
  ['"a \\" \\\\ \\n"', ['a " \\ \\n']],
  ["\\'", ["'"]],
  ["a'", undefined],
  ['"', undefined],
  ["a\\", undefined],
])("the words of %j", (command, words) => {
  expect(splitWords(command)).toEqual(words);
});

test("a shell gets its code as one word, and arguments behind it", async () => {
  expect(await runOf(`run = { shell = 'echo "$1"', args = ["x"] }`)).toMatchObject({ program: "sh", args: ["-c", 'echo "$1"', "sh", "x"] });
});

test("relative paths are relative to the project folder, bare programs are not paths", async () => {
  expect(await runOf('run = { exec = "x", cwd = "sub", env-file = ".env", stdin = "../in" }')).toMatchObject({
    program: "x",
    cwd: "/proj/sub",
    envFiles: ["/proj/.env"],
    stdin: "/in",
  });
  expect(await runOf('run = { exec = "bin/x", env-file = ["/a", "b"] }')).toMatchObject({
    program: "/proj/bin/x",
    cwd: "/proj",
    envFiles: ["/a", "/proj/b"],
  });
});

test("${env:NAME} is replaced in commands, environment and paths, and every other $ is left alone", async () => {
  const lines = 'run = { exec = "${env:BIN}/x", args = ["${env:A}-$A-${A}"], env = { Q = "${env:A}" }, cwd = "${env:A}" }';
  expect(await runOf(lines, { BIN: "/opt", A: "a b" })).toMatchObject({
    program: "/opt/x",
    args: ["a b-$A-${A}"],
    env: { Q: "a b" },
    cwd: "/proj/a b",
  });
});

test("a replacement adds no words to a command", async () => {
  expect(await runOf("run = 'x ${env:A}'", { A: "a b" })).toMatchObject({ args: ["a b"] });
});

test("an environment variable that is not set is an error", async () => {
  expect(await told(service("run = { exec = 'x', args = ['${env:NOPE}'] }"))).toEqual([
    'g.toml:3:29: the environment variable "NOPE" is not set',
  ]);
  expect(await told(service("run = 'x ${git:branch}'"))).toEqual(['g.toml:3:7: "${git:branch}" means nothing (there is ${git:root})']);
});

test("reload is a signal or a command", async () => {
  expect(await runOf("run = { exec = 'x', reload = 'HUP' }")).toMatchObject({ reload: { kind: "signal", signal: "SIGHUP" } });
  expect(await runOf("run = { exec = 'x', reload = 1 }")).toMatchObject({ reload: { kind: "signal", signal: "SIGHUP" } });
  expect(await runOf("run = { exec = 'x', reload = 'bin/reload now' }")).toMatchObject({
    reload: { kind: "command", program: "/proj/bin/reload", args: ["now"] },
  });
  expect(await runOf("run = { exec = 'x', reload = ['r', 'a b'] }")).toMatchObject({
    reload: { kind: "command", program: "r", args: ["a b"] },
  });
});

test("run.variable takes the command from a variable, what the service says itself on top", async () => {
  const variable =
    '[[variable]]\nname = "cmd"\nenv = "CMD"\ndefault = { exec = "/bin/a", args = ["1"], env_file = "e", env = { A = "a", B = "b" } }\n';
  const text = `${variable}${service("run = { variable = 'cmd', env = { B = 'own' } }")}`;
  expect((await unitsOf(text)).services[0]?.run).toMatchObject({
    program: "/bin/a",
    args: ["1"],
    envFiles: ["/e"],
    env: { A: "a", B: "own" },
  });
  expect((await unitsOf(text, { env: { CMD: "/bin/b x" } })).services[0]?.run).toMatchObject({
    program: "/bin/b",
    args: ["x"],
    env: { B: "own" },
  });
});

test("a variable that holds no command is an error where it is used", async () => {
  expect(await told(`[[variable]]\nname = "cmd"\ndefault = 5\n${service("run = { variable = 'cmd' }")}`)).toEqual([
    'g.toml:6:20: variable "g@cmd" is no command: it must be a command, a list of words or a table such as { exec = "/usr/bin/api" }, not 5',
  ]);
  expect(await told(service("run = { variable = 'nope' }"))).toEqual(['g.toml:3:20: no variable "nope" is declared']);
});
