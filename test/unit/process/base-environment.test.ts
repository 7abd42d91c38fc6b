import { expect, test } from "vitest";
import { baseEnvironment } from "../../../src/process/base-environment.ts";

test("services inherit the environment of the daemon, less what was meant for the daemon", () => {
  const own = { PATH: "/bin", LISTEN: "x", RINDER: "y", RIND_SOCKET: "/s", NOTIFY_SOCKET: "/n", LISTEN_FDS: "2", GONE: undefined };
  expect(baseEnvironment(own)).toEqual({ PATH: "/bin", LISTEN: "x", RINDER: "y" });
});
