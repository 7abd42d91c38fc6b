/**
 * Holds `src` against `.dependency-cruiser.mjs`. Under a TypeScript that it does not know dependency-cruiser looks at no module and
 * finds no fault, so what it saw is counted.
 */
import { readdirSync } from "node:fs";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import rules from "../.dependency-cruiser.mjs";

const { output } = await cruise(["src"], { ruleSet: rules, validate: true, ...rules.options }, undefined, {
  tsConfig: extractTSConfig("tsconfig.json"),
});

const { violations } = output.summary;
for (const { rule, from, to, cycle } of violations) {
  const way = cycle === undefined ? `${from} -> ${to}` : [from, ...cycle.map(({ name }) => name)].join(" -> ");
  console.error(`${rule.name}: ${way}`);
}

const there = readdirSync("src", { recursive: true }).filter((path) => path.endsWith(".ts")).length;
const seen = output.modules.filter(({ source }) => source.startsWith("src/") && source.endsWith(".ts")).length;
console.log(`${seen} of ${there} modules seen, ${violations.length} against the rules`);
process.exitCode = violations.length > 0 || seen !== there || there === 0 ? 1 : 0;
