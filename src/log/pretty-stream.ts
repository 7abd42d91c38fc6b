import type { DestinationStream } from "pino";
// By name in the head of a file: of a package that is CommonJS, import() gives a bundle only the default export.
import { prettyFactory } from "pino-pretty";

/** Turns each json line that is written to it into one for people: what it is about goes before the message. */
export function prettyStream(destination: DestinationStream): DestinationStream {
  const prettify = prettyFactory({
    colorize: (process.env["NO_COLOR"] ?? "") === "",
    translateTime: "SYS:HH:MM:ss.l",
    singleLine: true,
    ignore: "pid,service,phase",
    messageFormat: ({ service, phase, ...fields }, messageKey) => {
      const subject = [service, phase].filter((word) => typeof word === "string").join(" ");
      const message = fields[messageKey];
      return [subject, message].filter((part) => typeof part === "string" && part !== "").join(": ");
    },
  });
  return { write: (line) => destination.write(prettify(line)) };
}
