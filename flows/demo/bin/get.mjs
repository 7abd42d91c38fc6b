/** `node get.mjs URL` prints what is there, for machines without curl. A server that is just starting has five seconds to answer. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

const [url] = process.argv.slice(2);
const patience = AbortSignal.timeout(PATIENCE_MS);

let refusal;
for (;;) {
  try {
    const answer = await fetch(url, { signal: patience });
    process.stdout.write(await answer.text());
    break;
  } catch (error) {
    if (error.cause?.code === "ECONNREFUSED") refusal = error.cause;
    if (patience.aborted || error.cause !== refusal) {
      console.error(`${url} does not answer: ${(refusal ?? error.cause ?? error).message}`);
      process.exitCode = 1;
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
