import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FrameReader } from "../../src/control/frame-reader.ts";
import { Flow } from "../../src/flow/flow.ts";
import { compile } from "../../src/flow/program.ts";
import type { StateDecl } from "../../src/model/unit-set.ts";
import { openStore } from "../../src/persist/open-store.ts";
import { loadUnits } from "../../src/unit/load.ts";
import { G, S, service, signal, state, unitSet } from "../../test/support/decls.ts";
import { fields } from "../../test/support/flow-rig.ts";
import { quietLog } from "../../test/support/quiet-log.ts";
import { engine } from "../support/engine.ts";
import { precisely } from "../support/precise.ts";
import { request } from "../support/wire.ts";

/** The parts that an event goes through, each for itself. */
const BRANCHES = 10_000;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const folder = mkdtempSync(join(tmpdir(), "rind-bench-"));
try {
  await frames();
  await transactions();
  await events();
  await journal();
  await unitFiles();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function frames(): Promise<void> {
  const bytes = Buffer.from(request("flow.set", { name: "g@state", payload: { id: "one", value: 1 } }).repeat(1_000));
  const reader = new FrameReader();
  await precisely(
    "a thousand requests, cut into lines",
    () => {
      reader.push(bytes);
      while (reader.next() !== undefined) continue;
    },
    bytes.length,
  );
}

async function transactions(): Promise<void> {
  const shapes: readonly (readonly [string, readonly StateDecl[]])[] = [
    ["nothing", []],
    ["a derived copy", [state("B", { after: [S("A")] })]],
    ["ten derived in a chain", numbers(10).map((i) => state(`C${i}`, { branch: fields("id"), after: [S(i === 0 ? "A" : `C${i - 1}`)] }))],
  ];
  for (const [hangs, states] of shapes) {
    const flow = new Flow(compile(unitSet({ states: [state("A"), ...states] })).program);
    flow.boot([]);
    const set = (id: number, v: number) => flow.step([{ op: "set", state: "A", payload: { id, v }, replace: false }], new Set());
    numbers(BRANCHES).forEach((id) => set(id, 0));
    let v = 0;
    await precisely(`a change of one branch of ${BRANCHES}, on which hangs ${hangs}`, () => set(v++ % BRANCHES, v));
  }
}

async function events(): Promise<void> {
  for (const declared of [10, 10_000]) {
    const services = numbers(declared).map((i) => service(`g@s${i}`, { startOn: [G(`g@x${i}`), S("g@never")] }));
    const signals = [signal("g@unheard"), ...numbers(declared).map((i) => signal(`g@x${i}`))];
    const { make } = engine({ states: [state("g@never")], signals, services });
    const emit = (name: string) => () => make({ op: "emit", signal: name, payload: null });
    await precisely(`an emit that nobody hears, ${declared} services declared`, emit("g@unheard"));
    await precisely(`an emit that one of ${declared} services hears`, emit("g@x3"));
  }
}

async function journal(): Promise<void> {
  const { store } = await openStore(join(folder, "state"), { log: quietLog(), now: () => 0 });
  const value = { manual: [{ id: "one", text: "as long as the payload of a state is" }] };
  let n = 0;
  await precisely("a transaction taken by the journal, not waited for", () => store.append([{ key: `state g@s ${n++ % 1_000}`, value }]));
  await store.flush();
  await precisely("a hundred transactions in one group, on the disk", async () => {
    numbers(100).forEach((i) => store.append([{ key: `state g@s ${i}`, value }]));
    await store.flush();
  });
  await store.close();
}

async function unitFiles(): Promise<void> {
  const units = join(folder, "units");
  mkdirSync(units);
  const text = numbers(1_000)
    .map(
      (i) =>
        `[[service]]\nname = "s${i}"\nrun.exec = "/bin/service"\nrun.args = ["--number", "${i}"]\nafter = ["s${(i + 1) % 1_000}"]\nenabled = true\n\n`,
    )
    .join("")
    .replace('after = ["s0"]\n', "");
  writeFileSync(join(units, "g.toml"), text);
  const load = async () => {
    const { units: loaded, diagnostics } = await loadUnits({ path: [units], strict: true, env: {}, cwd: folder });
    if (loaded === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  };
  await precisely("a thousand services from their unit file", load, Buffer.byteLength(text));
}
