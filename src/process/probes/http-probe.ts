import type { IncomingMessage } from "node:http";
import { bounded, inWords } from "./bounded.ts";
import { describeProbe } from "./describe-probe.ts";
import type { Look, LookingProbe, ProbeResult } from "./look.ts";

type HttpProbe = Extract<LookingProbe, { readonly kind: "http" }>;

/** How long the rest of an answer is read: a server may call it an error when its client goes in the middle of a word. */
const REST_MS = 100;

/**
 * Success: a GET is answered with the status that is asked for, or with one from 200 to 299. Redirections are not followed. The certificate
 * of a server is not checked: this asks whether a service of one's own is well, and tells it nothing; those mostly sign their own.
 */
export async function httpProbe(probe: HttpProbe, look: Look): Promise<ProbeResult> {
  const subject = describeProbe(probe);
  const { scheme, host, port, path, headers } = probe;
  const { request } = await (scheme === "https" ? import("node:https") : import("node:http"));
  return bounded(subject, look, (answer) => {
    let answered = false;
    const call = request({ host, port, path, headers, agent: false, rejectUnauthorized: false }, (response) => {
      answered = true;
      readRest(response);
      const { statusCode } = response;
      answer(isWanted(probe.status, statusCode) ? { ok: true } : { ok: false, why: `${subject} answered ${statusCode}` });
    });
    call.on("error", (error) => answer({ ok: false, why: `${subject}: ${inWords(error)}` }));
    call.end();
    return () => {
      if (!answered) call.destroy();
    };
  });
}

function isWanted(wanted: number | undefined, got: number | undefined): boolean {
  return wanted === undefined ? got !== undefined && got >= 200 && got <= 299 : got === wanted;
}

function readRest(response: IncomingMessage): void {
  const timer = setTimeout(() => response.destroy(), REST_MS);
  response.once("close", () => clearTimeout(timer));
  response.on("error", () => {});
  response.resume();
}
