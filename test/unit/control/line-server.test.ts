import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serveLines } from "../../../src/control/line-server.ts";
import { tempFolder } from "../../support/temp-folder.ts";

test("a socket that is left there is replaced, and a file that is none is left alone", async () => {
  const folder = tempFolder();
  const options = { greeting: () => [], refusal: () => undefined, onFault: () => {} };
  writeFileSync(join(folder, "file"), "mine");
  await expect(serveLines({ ...options, path: join(folder, "file") })).rejects.toThrow(/EADDRINUSE/);
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
  const first = await serveLines({ ...options, path: join(folder, "socket") });
  const second = await serveLines({ ...options, path: join(folder, "socket") });
  second.close();
  first.close();
});
