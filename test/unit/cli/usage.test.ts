import { expect, test } from "vitest";
import { ReaderGoneError } from "../../../src/cli/terminal.ts";
import { cli, rig } from "./rig.ts";

test.each([
  [["lst"], "rind: unknown command 'lst' (Did you mean list?)\n"],
  [["set"], "rind: missing required argument 'name' (rind --help lists commands, rind help COMMAND its options)\n"],
  [["list", "--jsn"], "rind: unknown option '--jsn' (Did you mean --json?)\n"],
  [["get", "a@b", "c@d"], /^rind: too many arguments for 'get'/],
  [["completion", "tcsh"], /^rind: .*'tcsh' is invalid.*Allowed choices are bash, zsh, fish/],
  [["logs", "-n", "many"], /^rind: .*'many' is invalid. write a whole number/],
  [["logs", "--since", "yesterday"], /^rind: .*'yesterday' is invalid. write 10m \(ago\)/],
  [["start"], "rind: no service is named (give names, or --all)\n"],
  [["stop", "a@b", "--all"], "rind: both names and --all are given (leave one of them away)\n"],
  [["reload", "a@b", "--restart"], "rind: --restart is for unit files (to restart services: rind restart NAME)\n"],
  [["var", "--unset"], "rind: no variable is named (rind var NAME --unset)\n"],
])("%j is a mistake in the words: exit code 64", async (words, message) => {
  const { code, out, err } = await cli(words);
  expect([code, out]).toEqual([64, ""]);
  if (typeof message === "string") expect(err).toBe(message);
  else expect(err).toMatch(message);
});

test("--version prints the version", async () => {
  expect(await cli(["--version"])).toEqual({ code: 0, out: "0.1.0\n", err: "" });
});

test("--help groups the commands and ends with examples and exit codes", async () => {
  const { code, out } = await cli(["--help"]);
  expect(code).toBe(0);
  for (const group of ["Run:", "States and signals:", "Services:", "Look:", "Shell:", "Examples:"]) expect(out).toContain(`\n${group}\n`);
  expect(out).not.toContain("complete --");
  expect(out).toContain("69 no daemon");
});

test("without any word help is shown, and the exit code is 64", async () => {
  const { code, err } = await cli([]);
  expect(code).toBe(64);
  expect(err).toContain("Usage: rind");
});

test("a reader that has gone is no failure", async () => {
  const { rind } = await rig();
  const gone = async () => {
    throw new ReaderGoneError("gone");
  };
  expect(await rind(["list"], { out: gone })).toMatchObject({ code: 0, err: "" });
});

test("an output that cannot be written is a failure", async () => {
  const { rind } = await rig();
  const full = async () => {
    throw new Error("ENOSPC: no space left on device");
  };
  expect(await rind(["list"], { out: full })).toMatchObject({ code: 1, err: "rind: ENOSPC: no space left on device\n" });
});
