// Opens the store at the path it is given and does what each line on stdin says; tells one line for each thing that happened.
import { createInterface } from "node:readline";
import { openStore } from "../../../src/persist/open-store.ts";
import { quietLog } from "../quiet-log.ts";

const [path = "", start = "0"] = process.argv.slice(2);
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const opened = await openStore(path, { log: quietLog(), now: Date.now }).catch((error: Error) => error);
if (opened instanceof Error) {
  say(opened.message);
  process.exit(1);
}
const { store } = opened;
say("open");

/** Transactions without end, up to eight on their way at a time: each changes three entries and takes one away. */
async function hammer(): Promise<void> {
  for (let n = Number(start); ; ) {
    const batch = Array.from({ length: 8 }, async () => {
      const number = n++;
      store.append([
        { key: "first", value: number },
        { key: `entry ${number}`, value: { number, padding: "x".repeat(2_000) } },
        { key: `entry ${number - 50}`, value: undefined },
        { key: "last", value: number },
      ]);
      await store.flush();
      say(`stored ${number}`);
    });
    await Promise.all(batch);
  }
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const [word, key = "", size = "0"] = line.split(" ");
  if (word === "hammer") void hammer();
  else if (word === "unset") store.append([{ key, value: undefined }]);
  else if (word === "set") {
    store.append([{ key, value: "x".repeat(Number(size)) }]);
    store.flush().then(
      () => say(`stored ${key}`),
      (error: Error) => say(`${error.name} ${key}`),
    );
  } else if (word === "close") {
    void store.close().then(() => process.exit(0));
  }
});
