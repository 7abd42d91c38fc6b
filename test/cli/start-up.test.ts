import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyProgram, DIST } from "./program.ts";
import { project } from "./project.ts";

interface Output {
  readonly entryPoint?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The packages of which a bundle is made. */
function packagesOf(entry: string): readonly string[] {
  const meta: { outputs: Readonly<Record<string, Output>> } = JSON.parse(readFileSync(join(DIST, "meta.json"), "utf8"));
  const bundle = Object.values(meta.outputs).find(({ entryPoint }) => entryPoint === entry);
  expect(bundle).toBeDefined();
  const paths = Object.keys(bundle?.inputs ?? {});
  return [...new Set(paths.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))].toSorted();
}

/** What of node itself a run of the program loads beyond what every script has. */
async function loadedBy(
  words: readonly string[],
  p: ReturnType<typeof project>,
  program = join(DIST, "rind.js"),
): Promise<readonly string[]> {
  const said = join(p.folder, "loaded");
  const hook = join(p.folder, "hook.cjs");
  writeFileSync(
    hook,
    `process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(said)}, process.moduleLoadList.join("\\n")));`,
  );
  const { stderr, status } = spawnSync(process.execPath, ["--require", hook, program, ...words], {
    cwd: p.folder,
    env: p.env,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return readFileSync(said, "utf8")
    .split("\n")
    .map((line) => line.replace("NativeModule ", ""));
}

const UNITS = '[[service]]\nname = "s"\nrun = "sleep 1000"\n[[signal]]\nname = "heard"\n';

test("the bundle of the common commands is made of no package at all", () => {
  expect(packagesOf("src/cli/main.ts")).toEqual([]);
});

test("a common command loads neither what node needs for sockets and processes, nor the rest of the program", async () => {
  const p = project({ "g.toml": UNITS });
  await p.rind(["up", "-d"]);
  for (const words of [["status", "g@s"], ["emit", "g@heard"], ["list"], ["logs", "-n", "5", "g@s"], ["stop", "g@s"], ["start", "g@s"]]) {
    const loaded = await loadedBy(words, p);
    expect(loaded.filter((name) => /^(net|tty|child_process|crypto|fs\/promises|stream|worker_threads|zlib)$/.test(name))).toEqual([]);
  }
});

test("commands and daemons run by their bytecode", async () => {
  const p = project({ "g.toml": "" });
  const said = join(p.folder, "said");
  const hook = join(p.folder, "hook.cjs");
  writeFileSync(
    hook,
    `const vm = require("vm");
const seen = [];
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    seen.push(/\\w+(?=-)/.exec(options.filename.split("/").at(-1))[0] + ": " + (options.cachedData && !this.cachedDataRejected ? "bytecode" : "source"));
  }
};
process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(said)}, seen.join("\\n")));`,
  );
  for (const [words, bundles] of [
    [["status"], ["main: bytecode"]],
    [["up", "flows"], ["program: bytecode"]],
    [
      ["check", "flows"],
      ["main: bytecode", "program: bytecode"],
    ],
  ] as const) {
    spawnSync(process.execPath, ["--require", hook, join(DIST, "rind.js"), ...words], { cwd: p.folder, env: p.env });
    expect({ words, bundles: readFileSync(said, "utf8").split("\n") }).toEqual({ words, bundles });
  }
});

test("each bundle has its bytecode beside it", () => {
  const names = readFileSync(join(DIST, "rind.js"), "utf8").match(/\w+-[0-9a-f]{8}(?=")/g) ?? [];
  expect(names).toHaveLength(2);
  expect(readdirSync(join(DIST, "chunks"))).toEqual(expect.arrayContaining(names.flatMap((name) => [`${name}.bytecode`, `${name}.cjs`])));
});

test("the program runs the same without its bytecode, with what is none, and under other flags of V8", async () => {
  const p = project({ "g.toml": UNITS });
  const program = copyProgram(join(p.folder, "dist"));
  const chunks = join(p.folder, "dist/chunks");
  const bytecode = readdirSync(chunks).filter((file) => file.endsWith(".bytecode"));
  const check = (...flags: string[]): void => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, program, "check", "flows"], {
      cwd: p.folder,
      env: p.env,
      encoding: "utf8",
    });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toContain("no mistakes");
  };
  check("--no-opt");
  const middle = Buffer.alloc(64, 0xff);
  for (const file of bytecode) {
    const bytes = readFileSync(join(chunks, file));
    middle.copy(bytes, bytes.length >> 1);
    writeFileSync(join(chunks, file), bytes);
  }
  check();
  for (const file of bytecode) writeFileSync(join(chunks, file), readFileSync(join(chunks, file)).subarray(0, 1_000));
  check();
  for (const file of bytecode) writeFileSync(join(chunks, file), "");
  check();
  for (const file of bytecode) rmSync(join(chunks, file));
  check();
});
