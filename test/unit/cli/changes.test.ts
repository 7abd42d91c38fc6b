import { expect, test } from "vitest";
import { RindError } from "../../../src/errors/rind-error.ts";
import { noDaemon, cli, rig } from "./rig.ts";

test("set prints what it caused, one line per effect, and the notes", async () => {
  const { rind, asked } = await rig();
  expect(await rind(["set", "net@configured", "id=eth0", "up=yes"])).toEqual({
    code: 0,
    out: "state.set      net@configured\nservice.start  web@server\nnote: masked by sys@off\n",
    err: "",
  });
  expect(asked).toEqual([["set", "net@configured", { kind: "words", words: ["id=eth0", "up=yes"] }, { replace: false }]]);
});

test("set --replace says so to the daemon", async () => {
  const { rind, asked } = await rig();
  await rind(["set", "net@configured", "--replace", '{"id":1}']);
  expect(asked).toEqual([["set", "net@configured", { kind: "words", words: ['{"id":1}'] }, { replace: true }]]);
});

test("a change that changes nothing says so", async () => {
  const { rind } = await rig({
    unset: async () => ({ changed: false, effects: [], notes: ["net@online is derived from net@configured"] }),
  });
  expect((await rind(["unset", "net@online"])).out).toBe("nothing changed\nnote: net@online is derived from net@configured\n");
});

test("--json prints the answer whole", async () => {
  const { rind } = await rig();
  const { out } = await rind(["emit", "backup@complete", "--json"]);
  expect(JSON.parse(out)).toEqual({
    changed: true,
    effects: [
      { kind: "state.set", name: "backup@complete" },
      { kind: "service.start", name: "web@server" },
    ],
    notes: ["masked by sys@off"],
  });
});

test("- reads the payload from stdin, less its final line end", async () => {
  const { rind, asked } = await rig();
  await rind(["emit", "backup@complete", "-"], { input: "two\nlines\n" });
  expect(asked).toEqual([["emit", "backup@complete", { kind: "words", words: ["two\nlines"] }]]);
});

test("a payload of 1 MiB passes, a larger one is refused", async () => {
  const { rind, asked } = await rig();
  expect((await rind(["emit", "a@b", "-"], { input: "x".repeat(1024 * 1024) })).code).toBe(0);
  expect(asked).toHaveLength(1);
  const { code, err } = await rind(["emit", "a@b", "-"], { input: "x".repeat(1024 * 1024 + 1) });
  expect([code, err]).toEqual([
    1,
    "rind: the payload has 1048577 bytes (a payload may have up to 1 MiB: store a path to the data instead)\n",
  ]);
});

test.each([
  [[], undefined],
  [["id=1"], { id: "1" }],
  [['{"id":1}'], { id: 1 }],
  [["plain", "text"], "plain text"],
])("unset with %j sends the filter", async (words, filter) => {
  const { rind, asked } = await rig();
  await rind(["unset", "net@configured", ...words]);
  expect(asked).toEqual([["unset", "net@configured", filter]]);
});

test("a name that is declared nowhere ends with 66 and the name that was probably meant", async () => {
  const { rind } = await rig();
  expect(await rind(["set", "no@such"])).toEqual({
    code: 66,
    out: "",
    err: "rind: no@such is declared nowhere (did you mean net@such?)\n",
  });
});

test("what the daemon refuses ends with 1", async () => {
  const { rind } = await rig();
  expect(await rind(["set", "rind@up"])).toMatchObject({ code: 1, err: "rind: rind@up is built in and cannot be set\n" });
});

test("what could not be stored ends with 1 and the cause", async () => {
  const { rind } = await rig({
    set: async () => {
      throw new RindError("not stored", { cause: new Error("no space left on device") });
    },
  });
  expect(await rind(["set", "a@b"])).toMatchObject({ code: 1, err: "rind: not stored: no space left on device\n" });
});

test("without a daemon every verb ends with 69 and says how to start one", async () => {
  const { env } = noDaemon();
  for (const words of [["set", "a@b"], ["list"], ["down"], ["logs", "-f"], ["events"], ["why", "a@b"]]) {
    const { code, out, err } = await cli(words, { env });
    expect([words, code, out, err]).toEqual([words, 69, "", `rind: no daemon runs at ${env["RIND_SOCKET"]} (start one with: rind up)\n`]);
  }
});

test("--socket may stand before and behind the verb", async () => {
  const { path, rind } = await rig();
  const env = { RIND_SOCKET: "/nowhere/rind.sock" };
  expect((await rind(["--socket", path, "get", "net@name"], { env })).out).toBe("plain text\n");
  expect((await rind(["get", "net@name", "--socket", path], { env })).out).toBe("plain text\n");
});

test("two command lines at once are both answered", async () => {
  const { rind, asked } = await rig();
  const both = await Promise.all([rind(["emit", "a@b", "1"]), rind(["emit", "a@b", "2"])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(asked).toHaveLength(2);
});

test("reload without names reloads the units and shows what came of it", async () => {
  const { rind, asked } = await rig();
  expect((await rind(["reload", "--restart"])).out).toBe("added    web@new\nremoved  web@old\nstale    web@server\n");
  expect(asked).toEqual([["reload", { restart: true }]]);
});

test("reload with names sends services their reload", async () => {
  const { rind, asked } = await rig();
  await rind(["reload", "web@server"]);
  await rind(["reload", "--all"]);
  expect(asked).toEqual([
    ["reload-services", ["web@server"]],
    ["reload-services", []],
  ]);
});

test("a variable is shown bare, overridden as text, and given back", async () => {
  const { rind, asked } = await rig();
  expect((await rind(["var", "app@level"])).out).toBe("info\n");
  expect((await rind(["var"])).out).toBe('VARIABLE   FROM     VALUE\napp@level  default  "info"\n');
  expect((await rind(["var", "app@level", "1.10"])).out).toBe("app@level is 1.10 (override)\n");
  await rind(["var", "app@level", '{"a":1}']);
  await rind(["var", "app@level", "--unset"]);
  expect(asked).toEqual([
    ["variable", "app@level", "1.10"],
    ["variable", "app@level", { a: 1 }],
    ["variable", "app@level", undefined],
  ]);
  expect((await rind(["var", "nothing"])).code).toBe(66);
});
