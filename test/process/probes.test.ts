import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProgram } from "../../src/process/find-program.ts";
import type { Look, LookingProbe, ProbeResult } from "../../src/process/probes/look.ts";
import { probeOnce } from "../../src/process/probes/probe-once.ts";
import { PROGRAMS } from "../support/launch.ts";
import { lives } from "../support/lives.ts";
import { tempFolder } from "../support/temp-folder.ts";

const OPENSSL = findProgram("openssl", process.env["PATH"], "/").ok;

function look(probe: LookingProbe, change: Partial<Look> = {}): Promise<ProbeResult> {
  const env = { PATH: process.env["PATH"] ?? "" };
  return probeOnce(probe, {
    owner: "ready of web@api",
    env,
    cwd: PROGRAMS,
    timeoutMs: 10_000,
    abort: new AbortController().signal,
    ...change,
  });
}

const shell = (code: string): LookingProbe => ({ kind: "exec", program: "sh", args: ["-c", code] });

function http(port: number, change: Partial<Extract<LookingProbe, { kind: "http" }>> = {}): LookingProbe {
  return { kind: "http", scheme: "http", host: "127.0.0.1", port, path: "/health", headers: {}, status: undefined, ...change };
}

/** Listens until the test is over; the port, where it has one. */
async function listening(server: Server, at: number | string = 0): Promise<number> {
  await new Promise<void>((done) => (typeof at === "string" ? server.listen(at, done) : server.listen(at, "127.0.0.1", done)));
  onTestFinished(() => void server.close());
  return typeof at === "string" ? 0 : (server.address() as AddressInfo).port;
}

const answers = (listener: RequestListener): Promise<number> => listening(createHttp(listener));

/** A port that nobody listens on: it was given out by the system and taken back. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

test("002-15: 004-H3: exit code 0 is a success, any other end is a failure that says what it was", async () => {
  expect(await look(shell("exit 0"))).toEqual({ ok: true });
  expect(await look(shell("exit 3"))).toEqual({ ok: false, why: "exec exit 3: exit code 3" });
  expect(await look(shell("echo starting; echo no database >&2; echo; exit 1"))).toEqual({
    ok: false,
    why: "exec echo starting; echo no database >&2; echo; exit 1: exit code 1 (no database)",
  });
  expect(await look(shell("kill -TERM $$"))).toEqual({ ok: false, why: "exec kill -TERM $$: killed by SIGTERM" });
});

test("N58: a command that does not exist is a failure that says so", async () => {
  expect(await look({ kind: "exec", program: "/no/such/program", args: ["-x"] })).toEqual({
    ok: false,
    why: "exec /no/such/program -x: there is no program /no/such/program",
  });
});

test("N56: 002-21: 004-H6: a command that is out of time is killed with all that it has started, wherever that went", async () => {
  const folder = tempFolder();
  const code = "sleep 300 & echo $! > a; setsid sh -c 'echo $$ > b; exec sleep 300' & while [ ! -s b ]; do sleep 0.01; done; wait";
  expect(await look(shell(code), { cwd: folder, timeoutMs: 3_000 })).toMatchObject({
    ok: false,
    why: expect.stringContaining("killed, as it took longer than 3s"),
  });
  for (const file of ["a", "b"]) {
    const pid = readFileSync(join(folder, file), "utf8");
    await expect.poll(() => lives(pid), { timeout: 10_000 }).toBe(false);
  }
});

test("an abort ends a command at once", async () => {
  const path = join(tempFolder(), "pid");
  const abort = new AbortController();
  const result = look(shell(`echo $$ > ${path}; exec sleep 300`), { abort: abort.signal });
  const pid = (): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
  await expect.poll(pid, { timeout: 10_000 }).toContain("\n");
  abort.abort();
  expect((await result).ok).toBe(false);
  await expect.poll(() => lives(pid()), { timeout: 10_000 }).toBe(false);
});

test("002-16: 004-H1: 200 to 299 is a success, whatever else is answered is none; redirections are not followed", async () => {
  let status = 200;
  const port = await answers((_, response) => response.writeHead(status, { location: "/health" }).end("body"));
  const seen = async (code: number): Promise<boolean> => {
    status = code;
    return (await look(http(port))).ok;
  };
  expect([await seen(200), await seen(204), await seen(299), await seen(302), await seen(404), await seen(503)]).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(await look(http(port))).toEqual({ ok: false, why: `http 127.0.0.1:${port}/health answered 503` });
});

test("N61: 004-H1: where a status is asked for, only that is a success", async () => {
  const port = await answers((_, response) => response.writeHead(200).end());
  expect(await look(http(port, { status: 204 }))).toEqual({ ok: false, why: `http 127.0.0.1:${port}/health answered 200` });
  expect(await look(http(port, { status: 200 }))).toEqual({ ok: true });
});

test("a request is a GET of the path, with the headers of the unit, on a connection of its own", async () => {
  const got: unknown[] = [];
  const port = await answers(({ method, url, headers }, response) => {
    got.push([method, url, headers["x-probe"], headers.host, headers.connection]);
    response.end();
  });
  await look(http(port, { path: "/deep?x=1", headers: { "X-Probe": "rind", Host: "api.example" } }));
  expect(got).toEqual([["GET", "/deep?x=1", "rind", "api.example", "close"]]);
});

test("the status decides, also where the answer never ends", async () => {
  const port = await answers((_, response) => {
    response.writeHead(200);
    response.write("and so on");
  });
  expect(await look(http(port))).toEqual({ ok: true });
});

test("004-H6: no answer in time is a failure", async () => {
  const port = await answers(() => {});
  expect(await look(http(port), { timeoutMs: 50 })).toEqual({ ok: false, why: `http 127.0.0.1:${port}/health: no answer within 50ms` });
});

test("a server that hangs up, one that speaks something else and one that is not there are failures", async () => {
  const hangsUp = await listening(createServer((socket) => socket.destroy()));
  expect(await look(http(hangsUp))).toMatchObject({ ok: false, why: expect.stringContaining(`http 127.0.0.1:${hangsUp}/health: `) });
  const garbles = await listening(createServer((socket) => socket.end("220 smtp\r\n\r\n")));
  expect(await look(http(garbles))).toMatchObject({ ok: false });
  const port = await freePort();
  expect(await look(http(port))).toEqual({ ok: false, why: `http 127.0.0.1:${port}/health: connection refused` });
});

test("a header that cannot be sent is a failure, and no fault", async () => {
  expect(await look(http(1, { headers: { "no such": "header" } }))).toMatchObject({ ok: false, why: expect.stringContaining("no such") });
});

test.skipIf(!OPENSSL)("a certificate that a server has signed itself is accepted", async () => {
  const folder = tempFolder();
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
  const args = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "1",
    "-subj",
    "/CN=other",
    "-keyout",
    String(key),
    "-out",
    String(cert),
  ];
  execFileSync("openssl", args, { stdio: "ignore" });
  const options = { key: readFileSync(String(key)), cert: readFileSync(String(cert)) };
  const port = await listening(createHttps(options, (_, response) => response.end()));
  expect(await look(http(port, { scheme: "https" }))).toEqual({ ok: true });
});

test("004-H2: a port that takes connections is a success, one that nobody listens on is none", async () => {
  const port = await listening(createServer());
  expect(await look({ kind: "tcp", host: "127.0.0.1", port })).toEqual({ ok: true });
  const free = await freePort();
  expect(await look({ kind: "tcp", host: "localhost", port: free })).toEqual({
    ok: false,
    why: `tcp localhost:${free}: connection refused`,
  });
});

test("a host that does not exist is a failure", async () => {
  expect(await look({ kind: "tcp", host: "no such host", port: 1 })).toMatchObject({
    ok: false,
    why: expect.stringContaining("tcp no such host:1: "),
  });
});

test("a unix socket that takes connections is a success; without one it is a failure that says so", async () => {
  const path = join(tempFolder(), "s");
  expect(await look({ kind: "unix", path })).toEqual({ ok: false, why: `unix ${path}: there is no such socket` });
  await listening(createServer(), path);
  expect(await look({ kind: "unix", path })).toEqual({ ok: true });
  expect(await look({ kind: "unix", path: `/${"x".repeat(200)}` })).toMatchObject({ ok: false });
});

test("an abort ends every kind of look at once, also one that came before it", async () => {
  const hangs = await listening(createServer());
  const abort = new AbortController();
  const result = look(http(hangs), { abort: abort.signal });
  abort.abort();
  expect(await result).toMatchObject({ ok: false });
  expect(await look(http(hangs), { abort: abort.signal })).toMatchObject({ ok: false });
  expect(await look({ kind: "tcp", host: "127.0.0.1", port: hangs }, { abort: abort.signal })).toMatchObject({ ok: false });
  expect(await look(shell("exec sleep 300"), { abort: abort.signal })).toMatchObject({ ok: false });
});
