/**
 * Plays the tour of the README on the built program: each command, what it printed, what came of it, and why. It has a state path, a
 * socket and a port of its own, leaves nothing behind, and ends with exit code 0 when all that it tells has happened.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { styleText } from "node:util";
import { Watch } from "./watch.mjs";

const root = resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "rind-tour-"));
const socket = join(folder, "socket");
const env = {
  ...process.env,
  XDG_RUNTIME_DIR: folder,
  RIND_SOCKET: socket,
  RIND_STATE_PATH: join(folder, "state"),
  // Any free port: what the server prints says which.
  DEMO_PORT: "0",
};

const LISTENING = /^listening on (\S+)$/;

/** Prints a paragraph of the story. */
function tell(text) {
  console.log(`\n${style("bold", text)}`);
}

/** Runs a command as it would be typed, prints it and what it printed, and expects this exit code. */
async function type(line, code = 0) {
  console.log(`\n${style("cyan", `$ ${line}`)}`);
  const got = await run(line);
  if (got !== code) throw new Error(`"${line}" ended with exit code ${got}, not ${code}`);
  if (code !== 0) console.log(style("dim", `(exit code ${code})`));
}

/** As the README has it: `rind` stands for the built program. */
function run(line) {
  const child = spawn("sh", ["-c", `rind() { ./dist/rind.js "$@"; }; ${line}`], {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((done, failed) => child.once("error", failed).once("close", done));
}

function style(format, text) {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(format, text) : text;
}

async function play() {
  tell("1. A host boots. net@setup finds an interface and says so by setting a state; the web server waits for that state.");
  await type("rind up -d flows/demo");
  let watch = await Watch.open(socket);
  const [, url] = await watch.line("web@server", LISTENING);
  await watch.phase("welcome@guide", "exited");
  await type(`node flows/demo/bin/get.mjs ${url}`);
  await type("rind status");
  await type("rind why web@server");

  tell("2. Users log in. The state login@user has a branch for each, and each branch gets a session and a sync of its own.");
  await type("rind set login@user username=alice tty=tty1");
  await type("rind set login@user username=bob tty=tty2 shell=zsh");
  await watch.line("login@session/alice", /on tty1 with sh/);
  await watch.line("login@session/bob", /on tty2 with zsh/);
  await type("rind logs login@session");

  tell("3. There are places for two sessions. A third user waits, and Rind says for what; when one leaves, the next has the place.");
  await type("rind set login@user username=carol tty=tty3");
  await watch.phase("login@session/carol", "blocked");
  await type("rind why login@session/carol");
  await type("rind unset login@user username=alice");
  await watch.phase("login@session/carol", "running");
  await type("rind get login@user");

  tell("4. A signal starts a backup, and how that ends is the signal that starts the mailer. The trace shows the chain.");
  await type("rind emit backup@wanted");
  await watch.line("backup@mailer", /backup@job is done/);
  await watch.phase("backup@mailer", "exited");
  await type("rind trace backup@mailer");
  await type("rind emit backup@wanted level=everything");
  await watch.line("backup@mailer", /backup@job FAILED/);
  await watch.phase("backup@mailer", "exited");
  await type("rind logs backup@job backup@mailer");

  tell("5. Maintenance stops the web server and keeps it down; when it is over the server is back.");
  await type('rind set web@maintenance "a new disk"');
  await watch.phase("web@server", "exited");
  await type("rind why web@server");
  await type("rind unset web@maintenance");
  await watch.line("web@server", LISTENING);

  tell("6. Without a network no server and no sync, while the sessions go on. Then the network is found again.");
  await type("rind unset net@configured");
  await watch.phase("web@server", "exited");
  await type("rind status");
  await type("rind start net@setup");
  const [, again] = await watch.line("web@server", LISTENING);

  tell("7. A server that crashes is started again.");
  await type(`node flows/demo/bin/get.mjs ${again}crash`);
  await watch.line("web@server", LISTENING);
  await type("rind status web@server");

  tell("8. Mistakes get an answer that helps, and an exit code.");
  await type("rind set web@maintenence now", 66);
  await type("rind set login@user username=", 1);

  tell("9. Rind stops all in order. What was set by hand is there when it is back: the users are still logged in.");
  watch.close();
  await type("rind down");
  await type("rind up -d flows/demo");
  watch = await Watch.open(socket);
  await watch.phase("login@session/carol", "running");
  await type("rind get login@user");
  watch.close();
  await type("rind down");
}

/** A tour that breaks off leaves no daemon behind. */
async function cleanUp() {
  await run("rind down 2>/dev/null");
  rmSync(folder, { recursive: true, force: true });
}

process.once("SIGINT", () => cleanUp().finally(() => process.exit(130)));
try {
  await play();
  tell("That was the tour.");
} catch (error) {
  console.error(`\nThe tour broke off: ${error.message}`);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
