/** What the scenarios know of a supervisor: how it is told what to run, is started, asked and stopped. They know none by its name. */
export interface Peer {
  readonly name: string;
  /** What it cannot do at all, by the word of the scenario, and why. */
  readonly unable?: Partial<Record<Ability, string>>;
  /** What of it is missing here and how that can be had; undefined: nothing. */
  lacking(): string | undefined;
  /** Writes what makes it run `services` into `folder`, which is empty and its own; `node`: what runs it, if it is a program of Node's. */
  prepare(folder: string, services: readonly BenchService[], node: string): Setup;
}

/** `chain`: oneshots, each after the one before; `log`: it writes what a service prints to a file itself. */
export type Ability = "chain" | "log";

export interface BenchService {
  readonly name: string;
  /** The program, by its full path, and its arguments. */
  readonly words: readonly string[];
  /** Ends by itself, with success; not to be started again. */
  readonly oneshot?: boolean;
  /** Will be killed, and is to run again at once. */
  readonly killed?: boolean;
  /** Starts when this one has succeeded. */
  readonly after?: string;
  /** Starts when this signal is emitted, not at boot: only for what has signals. */
  readonly on?: string;
  /** What it prints is written here, and rotated never. The peer says where in this folder. */
  readonly logged?: boolean;
}

export interface Setup {
  readonly start: Command;
  /** Run before `start` becomes the supervisor, in the same process: its last act is to exec the words behind it. */
  readonly ground?: readonly string[];
  /** Whether `start` only starts the supervisor, and ends. */
  readonly detaches?: boolean;
  readonly stop: Command | NodeJS.Signals;
  /** Asks for the status of one service. */
  status(service: string): Command;
  /** The first process of the supervisor, whose descendants are all its others and the services; `started`: that which `start` is. */
  root(started: number): number;
  /** Where the output of a service that is `logged` goes. */
  logFile?(service: string): string;
  /** Takes away what lies outside of the folder; false: not yet, try again. */
  clean?(): boolean;
}

export interface Command {
  readonly words: readonly string[];
  /** All of its environment: PATH is given beside it. */
  readonly env?: Readonly<Record<string, string>>;
}
