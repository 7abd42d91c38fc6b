import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "./program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test("the tour of the README plays to its end, and all that it tells has happened", { timeout: 120_000 }, async () => {
  const tour = run(process.execPath, ["flows/demo/tour/play.mjs"], { cwd: ROOT });
  const code = await tour.ended;

  expect(tour.err()).not.toContain("broke off");
  expect(code).toBe(0);
  expect(tour.out().trimEnd().split("\n").at(-1)).toBe("That was the tour.");
  expect(typed(tour.out())).toEqual(commandsOfReadme());
});

/** The commands that the tour shows, in order. */
function typed(out: string): string[] {
  return [...out.matchAll(/^\$ (.*)$/gm)].map(([, line = ""]) => withoutPort(line));
}

/** What a reader of the README's tour pastes, less the preparation. */
function commandsOfReadme(): string[] {
  const readme = readFileSync(`${ROOT}/README.md`, "utf8");
  const tour = readme.slice(readme.indexOf("## A tour"), readme.indexOf("## Examples"));
  const [, ...blocks] = [...tour.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) => block.trim());
  return blocks.flatMap((block) => block.split("\n")).map(withoutPort);
}

/** The tour takes whatever port is free. */
function withoutPort(line: string): string {
  return line.replace(/127\.0\.0\.1:\d+/, "127.0.0.1");
}
