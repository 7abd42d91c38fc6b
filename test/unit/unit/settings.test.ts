import { expect, test } from "vitest";
import { told, unitsOf } from "../../support/units/load.ts";

const settingsOf = async (lines: string, options = {}) => (await unitsOf(`[settings]\n${lines}\n`, options)).settings;

test("without settings there is no startup program, no log folder, and the PATH of the daemon", async () => {
  expect(await settingsOf("")).toEqual({
    env: {},
    path: undefined,
    startup: undefined,
    logFolder: undefined,
    onEmpty: undefined,
    shutdownTimeoutMs: 30_000,
  });
});

test("000-5: a startup program is a command in any of its forms", async () => {
  expect(await settingsOf("startup = { exec = 'bin/init', args = ['-v'] }", { cwd: "/p" })).toMatchObject({
    startup: { program: "/p/bin/init", args: ["-v"] },
  });
  expect(await settingsOf("startup = 'init \"a b\"'")).toMatchObject({ startup: { program: "init", args: ["a b"] } });
  expect(await settingsOf("startup.shell = 'a && b'")).toMatchObject({ startup: { program: "sh", args: ["-c", "a && b", "sh"] } });
});

test("000-13, 000-14, 000-17: log files are made where logging says so, under nimi_logs unless it names a folder", async () => {
  expect(await settingsOf("logging.enable = true", { cwd: "/p" })).toMatchObject({ logFolder: "/p/nimi_logs" });
  expect(await settingsOf("logging = { enable = true, dir = 'my_logs' }", { cwd: "/p" })).toMatchObject({ logFolder: "/p/my_logs" });
  expect(await settingsOf("logging = { enable = false, dir = 'my_logs' }")).toMatchObject({ logFolder: undefined });
});

test("path and on-empty", async () => {
  expect(await settingsOf("path = '${env:HOME}/bin:/bin'\non-empty = 'wait'", { env: { HOME: "/h" } })).toMatchObject({
    path: "/h/bin:/bin",
    onEmpty: "wait",
  });
});

test("mistakes in settings are told where they are", async () => {
  expect(await told("[settings]\nstartup = { args = ['x'] }\nlogging = { dir = '' }\non-empty = 'sh'\npath = 5\n")).toEqual([
    'g.toml:2:11: one of "exec", "shell" is missing',
    'g.toml:3:19: "logging.dir" must be text that is not empty, not ""',
    'g.toml:4:12: "on-empty" must be "shell", "wait" or "exit", not "sh"',
    'g.toml:5:8: "path" must be text, not 5',
  ]);
  expect(await told("[settings]\npath = '${env:NOPE}'\nstartup = '\"'\n")).toEqual([
    'g.toml:2:8: the environment variable "NOPE" is not set',
    "g.toml:3:11: a quote or a backslash is left open (close it, or write a list of words)",
  ]);
});
