import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv, type AnySchema } from "ajv";
import { expect, test } from "vitest";
import type { MethodName, Methods } from "../../src/control/protocol.ts";
import { project } from "./daemon-rig.ts";

const FILE = fileURLToPath(new URL("../../schemas/openrpc.json", import.meta.url));

/** What is read here of an OpenRPC document. */
interface Document {
  readonly methods: readonly {
    readonly name: MethodName;
    readonly params: readonly Param[];
    readonly result: { readonly schema: object };
  }[];
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface Param {
  readonly name: string;
  readonly required: boolean;
  readonly schema: AnySchema;
}

const UNITS = `
[[state]]
name = "ready"
[[signal]]
name = "go"
[[variable]]
name = "level"
default = "info"
[[service]]
name = "api"
run.shell = 'trap "echo again" HUP; echo up; while :; do sleep 0.1; done'
`;

/** Params for every method, in an order in which all of them have something to answer. */
const CALLS: { readonly [M in MethodName]: Methods[M]["params"] } = {
  "rpc.discover": {},
  "system.info": {},
  "system.reload": { restart: true },
  "system.list": {},
  "flow.emit": { name: "app@go" },
  "flow.set": { name: "app@ready", payload: { id: "a" } },
  "flow.get": { name: "app@ready" },
  "flow.states": {},
  "flow.unset": { name: "app@ready" },
  "flow.variables": {},
  "flow.set_variable": { name: "app@level", value: "debug" },
  "session.open": { username: "root", tty: "tty1", service: "login", leader: process.pid },
  "session.close": { leader: process.pid },
  "service.list": {},
  "service.status": { name: "app@api" },
  "service.restart": { names: ["app@api"] },
  "service.reload": { names: ["app@api"] },
  "service.stop": { names: ["app@api"] },
  "service.start": { names: ["app@api"] },
  "service.stop_all": {},
  "service.start_all": {},
  "service.stats": { name: "app@api" },
  "service.kill": { names: ["app@api"], signal: "CONT" },
  "service.set": { service: { name: "job@clean", run: ["sleep", "1000"] } },
  "service.get": { name: "job@clean" },
  "service.delete": { name: "job@clean" },
  "service.delete_all": {},
  "service.logs": {},
  "service.why": { name: "app@api" },
  "service.graph": {},
  "log.read": { names: ["app@api"], lines: 10 },
  "log.subscribe": {},
  "event.trace": { last: 1_000 },
  "event.subscribe": {},
  "flow.subscribe": {},
  "system.power": { action: "poweroff" },
  "system.down": {},
};

function schemaOf(document: Document, schema: object): object {
  return { ...schema, components: document.components };
}

test("N124: rpc.discover answers an OpenRPC document in which every method answers what it says", async () => {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  const client = await p.client();
  const document = (await client.call("rpc.discover", {})) as unknown as Document;
  expect(document.methods.map(({ name }) => name).sort()).toEqual(Object.keys(CALLS).sort());
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of Object.keys(CALLS) as MethodName[]) {
    if (name === "system.power") {
      await expect(client.call(name, CALLS[name])).rejects.toThrow(/not the init/);
      continue;
    }
    // a connection of its own: what follows a subscription has to be read
    const answer = await (await p.client()).call(name, CALLS[name]);
    const told = document.methods.find((method) => method.name === name);
    const check = ajv.compile(schemaOf(document, told?.result.schema ?? {}));
    check(answer);
    expect({ name, errors: check.errors }).toEqual({ name, errors: null });
  }
});

test("N124: the params that the document tells are those that the daemon takes", async () => {
  const document: Document = JSON.parse(readFileSync(FILE, "utf8"));
  const ajv = new Ajv({ strict: false });
  for (const { name, params } of document.methods) {
    const properties = Object.fromEntries(params.map((param) => [param.name, param.schema]));
    const required = params.filter((param) => param.required).map((param) => param.name);
    const check = ajv.compile({ type: "object", properties, required, additionalProperties: false });
    check(CALLS[name]);
    expect({ name, errors: check.errors }).toEqual({ name, errors: null });
  }
});

test("N124: a method that gets what the document does not tell refuses it", async () => {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  const client = await p.client();
  const document = (await client.call("rpc.discover", {})) as unknown as Document;
  for (const { name } of document.methods) {
    const params = { surely: "not", ...CALLS[name] };
    const error = await client.call(name, params as never).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "RIND_PROTOCOL", message: expect.stringContaining(name) });
  }
});
