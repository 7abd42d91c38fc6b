import type { Json } from "../model/json.ts";
import type { AutoPayload } from "../model/unit-set.ts";
import { runCommand } from "../process/run-command.ts";
import type { World } from "./world.ts";

/** How long `eval` may take. */
const EVAL_TIMEOUT_MS = 5_000;
/** A payload may have up to 1 MiB (SPEC 10). */
const MAX_PAYLOAD_BYTES = 1_048_576;

/** Runs the command of a state that has become due, outside of the transaction; its answer is an event of its own. */
export function runAutoPayload(
  state: string,
  decl: AutoPayload,
  world: World,
  ground: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): void {
  const cause = world.history.nextId - 1;
  const answer = (payload: Json | undefined): void =>
    world.door.submit({
      what: `auto-payload of ${state}`,
      causes: () => [cause],
      act: (id) => world.apply([{ op: "auto", state, payload }], [id]),
    });
  evaluate(`auto-payload of ${state}`, decl, ground).then(answer, (error: unknown) => {
    world.log.error({ state, err: error }, "auto-payload failed; the payload is empty");
    answer(undefined);
  });
}

async function evaluate(
  owner: string,
  decl: AutoPayload,
  { env, cwd }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Promise<Json> {
  const result = await runCommand({
    owner,
    program: decl.eval,
    args: decl.args,
    env,
    cwd,
    timeoutMs: EVAL_TIMEOUT_MS,
    maxOutput: MAX_PAYLOAD_BYTES,
  });
  if (result.failure !== undefined) throw new Error(result.failure.message);
  if (result.truncated) throw new Error(`${decl.eval} printed more than ${MAX_PAYLOAD_BYTES} bytes`);
  if (result.timedOut) throw new Error(`${decl.eval} took longer than ${EVAL_TIMEOUT_MS / 1000}s`);
  if (result.exit?.kind !== "code" || result.exit.code !== 0) throw new Error(`${decl.eval} ended with ${JSON.stringify(result.exit)}`);
  return payloadOf(decl, result.stdout);
}

/** First line under the first key, line i under key i; `root`: the whole output is the json. */
function payloadOf({ insert }: AutoPayload, stdout: string): Json {
  if (insert.kind === "root") return JSON.parse(stdout) as Json; // JSON.parse gives nothing else
  const lines = stdout.split("\n");
  return Object.fromEntries(
    insert.keys.flatMap((key, i) => (lines[i] === undefined || (i > 0 && lines[i] === "") ? [] : [[key, lines[i]]])),
  );
}
