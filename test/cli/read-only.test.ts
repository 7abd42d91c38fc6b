import { describe, expect, test } from "vitest";
import { IS_ROOT } from "../support/is-root.ts";
import { inPrivateRoot, type Root } from "./machine-rig.ts";

const UNITS = `[[state]]
name = "n"
payload = "string"
[[service]]
name = "s"
type = "notify"
run.shell = "systemd-notify --ready; trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"
[[service]]
name = "plain"
run.shell = "trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"
`;

/** `rind up` as the entrypoint of a container. */
function container(writable: string): Root {
  return inPrivateRoot("up /app/flows", { files: { "app/flows/g.toml": UNITS }, writable });
}

describe.skipIf(!IS_ROOT)("rind up in a container whose file system can only be read (these tests need root)", () => {
  test.each(["/run", "/tmp"])(
    "with a tmpfs on %s it can be asked, tells that nothing is stored, and ends with 0 at SIGTERM",
    async (writable) => {
      const first = container(writable);
      await first.said(/all services ready/);
      await expect.poll(() => first.rind("get rind@degraded"), { timeout: 10_000 }).toMatch(/"item":"state-store".*not stored/);
      const set = await first.sh("cd /app && /usr/bin/node /rind/rind.js set g@n hello");
      expect(set.code).toBe(1);
      expect(set.err).toMatch(/^rind: not stored: .*EROFS/);
      expect(await first.rind("get g@n")).toBe("hello\n");
      process.kill(await first.first(), "SIGTERM");
      expect(await first.ended).toBe(0);
      expect(first.out().match(/bye/g)).toHaveLength(2);
    },
  );

  test("where nothing at all can be written to, what needs no socket runs, and SIGTERM ends it with 0", async () => {
    const first = container("");
    await first.said(/g@plain: ready/);
    await first.said(/g@s: failed: it cannot have a notify socket/);
    expect(first.out()).toMatch(/nobody can reach this daemon: cannot make the control socket .*EROFS/);
    process.kill(await first.first(), "SIGTERM");
    expect(await first.ended).toBe(0);
    expect(first.out()).toMatch(/g@plain \| bye/);
  });
});
