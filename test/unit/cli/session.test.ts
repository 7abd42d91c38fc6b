import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { registerProject } from "../../../src/control/projects.ts";
import { IS_ROOT } from "../../support/is-root.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { cli } from "./rig.ts";

/** Some user who calls `su`: as long as PAM works, the process has this uid, and the rights of root. */
const USER = 4_711;

test.skipIf(!IS_ROOT)("under PAM a daemon that the user has made known for every folder is not believed", async () => {
  const before = process.env["TMPDIR"];
  const folder = tempFolder();
  process.env["TMPDIR"] = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
  const [own, evil] = [join(folder, `rind-${USER}`), join(folder, "evil.sock")];
  mkdirSync(own, { mode: 0o700 });
  chownSync(own, USER, USER);
  const seen = { env: { PAM_TYPE: "open_session", PAM_USER: "root" }, uid: USER };
  registerProject({ socket: evil, project: "/", cwd: "/", pid: process.pid }, {}, USER);
  expect((await cli(["list"], { ...seen, env: {} })).err).toContain(evil);
  expect((await cli(["session"], seen)).err).not.toContain(evil);
});
