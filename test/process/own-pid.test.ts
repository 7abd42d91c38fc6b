import { describe, expect, test } from "vitest";
import { LAUNCHERS, launching } from "../support/launch.ts";

const PRINT = `process.stdout.write(JSON.stringify([process.pid, process.env, process.argv.slice(2), process.cwd()]) + "\\n")`;

describe.each(Object.entries(LAUNCHERS))("by the %s launcher", (_, launcher) => {
  const { launch, refusal } = launching(launcher);

  /** What a program sees of its pid, environment, arguments and folder. */
  async function seen(env: Readonly<Record<string, string>>, pidVariables: readonly string[], args: readonly string[] = []) {
    const { handle, ended, out } = launch({ program: process.execPath, args: ["-e", PRINT, "x", ...args], env, cwd: "/tmp", pidVariables });
    await ended;
    const [pid, got, argv, cwd] = JSON.parse(out()[0] ?? "") as [number, Record<string, string>, string[], string];
    const { RIND_RUN: _, ...rest } = got;
    return { pid, isHandle: pid === handle.pid, env: rest, args: argv, cwd };
  }

  test("a process finds its own pid in the variables that are to hold it", async () => {
    const { pid, isHandle, env } = await seen({ A: "1" }, ["WATCHDOG_PID", "LISTEN_PID"]);
    expect({ isHandle, env }).toEqual({ isHandle: true, env: { A: "1", WATCHDOG_PID: String(pid), LISTEN_PID: String(pid) } });
  });

  test("nothing else in its environment and arguments is touched, whatever a shell thinks of it", async () => {
    const env = { "x.y": "a b", "a-b": "2", PWD: "/it's elsewhere", A: "$(exit 1) '\"\n", EMPTY: "" };
    const args = ["", "-c", "$$", "a b", "*", "'"];
    const got = await seen(env, ["P"], args);
    expect(got).toMatchObject({ isHandle: true, env: { ...env, P: String(got.pid) }, args, cwd: "/tmp" });
  });

  test("who asks for no such variable is started without a shell between", async () => {
    expect((await seen({ A: "1" }, [])).env).toEqual({ A: "1" });
  });

  test("a program that does not exist is refused all the same", async () => {
    expect(await refusal({ program: "/no/such/program", pidVariables: ["P"] })).toBe("not-found: there is no program /no/such/program");
  });
});
