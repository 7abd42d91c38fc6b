import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { formatDiagnostic } from "../../../src/errors/unit-error.ts";
import { builtInUnits } from "../../../src/unit/built-in-units.ts";
import { loadUnits } from "../../../src/unit/load.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** The units of the system with these files in its folder. */
async function load(files: Readonly<Record<string, string>>) {
  const cwd = tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const builtIn = builtInUnits(["/usr/bin/node", 'a "quoted" path.js']);
  const { units, diagnostics } = await loadUnits({ path: ["."], strict: true, env: {}, cwd, builtIn });
  return { services: units?.services ?? [], diagnostics: diagnostics.map(formatDiagnostic) };
}

const NAME = "rind@user-units";

test("the units that Rind brings have no mistakes, and name the program by its own command line", async () => {
  const { services, diagnostics } = await load({});
  expect(diagnostics).toEqual([]);
  expect(services).toMatchObject([
    { name: NAME, class: "system", space: { kind: "user" }, branching: { sourceState: "rind@user-login", key: "username" } },
  ]);
  expect(services[0]?.run.args.slice(2)).toEqual(["rind", "/usr/bin/node", 'a "quoted" path.js']);
});

test("a drop-in changes them or switches them off", async () => {
  const dropIn = (line: string) => ({ "rind.d/mine.toml": `[[service]]\nname = "user-units"\n${line}\n` });
  expect((await load(dropIn('stop-timeout = "5s"'))).services).toMatchObject([{ name: NAME, stopTimeoutMs: 5_000, class: "system" }]);
  expect(await load(dropIn("enabled = false"))).toEqual({ services: [], diagnostics: [] });
});

test("a group file of their name replaces them", async () => {
  expect((await load({ "rind.toml": '[[service]]\nname = "other"\nrun = "x"\n' })).services).toMatchObject([{ name: "rind@other" }]);
});
