import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { formatDiagnostic } from "../../../src/errors/unit-error.ts";
import { loadUnits } from "../../../src/unit/load.ts";
import { tempFolder } from "../../support/temp-folder.ts";

type Candidates = readonly { readonly fileName: string; readonly text: string | undefined }[];

const unit = (name: string, more = "") => `[[service]]\nname = "${name}"\nrun = "/bin/true"\n${more}`;
const zinit = (name: string, more = "") => `[service]\nname = "${name}"\nexec = "/bin/true"\n${more}`;

async function load(files: Readonly<Record<string, string>>, candidates: Candidates = []) {
  const folder = tempFolder();
  mkdirSync(join(folder, "units"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const options = {
    path: [join(folder, "units")],
    strict: false,
    env: {},
    cwd: folder,
    servicesFolder: join(folder, "services"),
    candidates,
  };
  const { units, diagnostics } = await loadUnits(options);
  const services = units?.services.map(({ name, origin }) => `${name} of ${origin?.file.slice(folder.length + 1)}`);
  return { units, services, told: diagnostics.map((each) => formatDiagnostic(each).replace(`${folder}/`, "")) };
}

test("a services folder that is not there holds nothing", async () => {
  expect(await load({ "units/a.toml": unit("x") })).toMatchObject({ services: ["a@x of units/a.toml"], told: [] });
});

test("each file of the services folder is a service beside those of the unit files", async () => {
  const files = { "units/a.toml": unit("x"), "services/g@y.toml": unit("y"), "services/z.toml": unit("z"), "services/w.toml": zinit("w") };
  expect((await load(files)).services).toEqual([
    "a@x of units/a.toml",
    "g@y of services/g@y.toml",
    "w@w of services/w.toml",
    "z@z of services/z.toml",
  ]);
});

test("004-C6: a service that was set replaces the one of the same name of the unit files, with its drop-ins", async () => {
  const files = {
    "units/a.toml": unit("x", "stop-timeout = 1\nlog.lines = 5\n"),
    "units/a.d/1.toml": '[[service]]\nname = "x"\nstop-timeout = 2\n',
    "services/a@x.toml": unit("x", "stop-timeout = 3\n"),
  };
  const { units, services } = await load(files);
  expect(services).toEqual(["a@x of services/a@x.toml"]);
  expect(units?.services[0]).toMatchObject({ stopTimeoutMs: 3_000, log: { lines: 1_000 } });
});

test("a service of zinit's that was set replaces the one of that name in whatever file of zinit's", async () => {
  const files = {
    "units/site.toml": zinit("web"),
    "units/b.toml": zinit("b", '[dependencies]\nafter = ["web"]\n'),
    "services/web.toml": zinit("web"),
  };
  const { units, services } = await load(files);
  expect(services).toEqual(["b@b of units/b.toml", "web@web of services/web.toml"]);
  expect(units?.services[0]?.after).toEqual([{ service: "web@web", is: "ready" }]);
});

test("what a change would bring is loaded without touching the disk", async () => {
  const files = { "units/a.toml": unit("x", "after = ['y']\n"), "services/y.toml": unit("y") };
  expect((await load(files, [{ fileName: "z.toml", text: unit("z") }])).services).toContain("z@z of services/z.toml");
  expect((await load(files, [{ fileName: "y.toml", text: unit("y", "bound = 5\n") }])).told).toEqual([
    'services/y.toml:4:9: "bound" must be true or false, not 5',
  ]);
  expect((await load(files, [{ fileName: "y.toml", text: undefined }])).told).toEqual(['units/a.toml:4:10: no service "y" is declared']);
});

test("a file of the services folder holds the service that it is called for, and nothing else", async () => {
  const files = {
    "services/a@x.toml": unit("y"),
    "services/b.toml": unit("b") + unit("c"),
    "services/d.toml": zinit("e"),
    "services/f.toml": `${unit("f")}[[state]]\nname = "s"\n`,
  };
  expect((await load(files)).told).toEqual([
    "services/a@x.toml:2:8: this file holds the service a@x, and nothing else (rename the file, or undo the change)",
    "services/b.toml:1:1: this file holds the service b@b, and nothing else (rename the file, or undo the change)",
    "services/d.toml:2:8: this file holds the service d@d, and nothing else (rename the file, or undo the change)",
    "services/f.toml:1:1: this file holds the service f@f, and nothing else (rename the file, or undo the change)",
  ]);
});
