import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../../support/temp-folder.ts";
import { serviceRow } from "../control/fake-api.ts";
import { cli, noDaemon, rig } from "./rig.ts";

const complete = async (words: string[]) => {
  const { rind } = await rig();
  return (await rind(["complete", "--", ...words])).out.trimEnd().split("\n");
};

test.each([
  [["st"], ["start", "stats", "status", "stop"]],
  [["get", "net@c"], ["net@configured"]],
  [["emit", ""], ["backup@complete"]],
  [
    ["start", "web@"],
    ["web@logger", "web@server"],
  ],
  [["start", "web@server", "web@"], ["web@logger"]],
  [["get", "net@configured", ""], [""]],
  [["set", "--r"], ["--replace"]],
  [["why", "b"], ["backup@complete"]],
  [["var", ""], ["app@level"]],
  [
    ["completion", ""],
    ["bash", "fish", "zsh"],
  ],
  [["--so"], ["--socket"]],
])("%j is completed", async (words, candidates) => {
  expect(await complete(words)).toEqual(candidates);
});

test("the hidden verb is not offered", async () => {
  expect(await complete(["comp"])).toEqual(["completion"]);
});

test("of instances the service is offered too", async () => {
  const session = serviceRow({ name: "login@session/bob" });
  const { rind } = await rig({ list: () => ({ services: [session], states: [], signals: [] }) });
  expect((await rind(["complete", "--", "why", "lo"])).out).toBe("login@session\nlogin@session/bob\n");
});

test("without a daemon names are completed to nothing, silently", async () => {
  expect(await cli(["complete", "--", "get", ""], noDaemon())).toEqual({ code: 0, out: "", err: "" });
  expect((await cli(["complete", "--", "sto"], noDaemon())).out).toBe("stop\n");
});

test.each(["bash", "zsh", "fish"])("completion %s prints a script that calls the hidden verb", async (shell) => {
  const { code, out } = await cli(["completion", shell]);
  expect(code).toBe(0);
  expect(out).toContain("complete --");
});

test("in bash a name is completed although readline splits it at the @", async () => {
  const folder = tempFolder();
  const fake = join(folder, "rind");
  writeFileSync(fake, `#!/bin/sh\nshift 2\nprintf '%s\\n' "$*" >> "${folder}/asked"\nprintf 'net@configured\\nnet@conf2\\n'\n`, {
    mode: 0o755,
  });
  const { out } = await cli(["completion", "bash"]);
  const shell = `${out}\nCOMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:@'\nCOMP_LINE="${fake} get net@co" COMP_POINT=$((\${#COMP_LINE}))\nCOMP_LINE="${fake} get net@co"; COMP_POINT=\${#COMP_LINE}; _rind; printf '%s\\n' "\${COMPREPLY[@]}"`;
  expect(execFileSync("bash", ["--norc", "-c", shell], { encoding: "utf8" })).toBe("configured\nconf2\n");
  expect(execFileSync("cat", [join(folder, "asked")], { encoding: "utf8" })).toBe("get net@co\n");
});
