/** The files of a machine that is being put together, by path without a leading slash. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./run.mjs";

/** Folders that are links nowadays: everything lies below usr. */
const MERGED = [
  ["bin", "usr/bin"],
  ["sbin", "usr/bin"],
  ["lib", "usr/lib"],
  ["lib64", "usr/lib64"],
];

export class Tree {
  #entries = new Map();

  constructor() {
    for (const [path, to] of MERGED) this.link(path, to);
    this.link("usr/sbin", "bin");
  }

  /** Each folder before what is in it. */
  get entries() {
    return [...this.#entries.values()];
  }

  folder(path, { mode = 0o755, owner = 0 } = {}) {
    this.#add({ path, kind: "folder", mode, owner });
  }

  file(path, content, { mode = 0o644 } = {}) {
    this.#add({ path, kind: "file", mode, content: Buffer.from(content) });
  }

  link(path, to) {
    this.#add({ path, kind: "link", mode: 0o777, content: Buffer.from(to) });
  }

  device(path, major, minor) {
    this.#add({ path, kind: "device", mode: 0o600, device: [major, minor] });
  }

  /** All files below a folder of this host. */
  copyFolder(source, path) {
    for (const name of readdirSync(source, { recursive: true, encoding: "utf8" })) {
      const from = join(source, name);
      const { mode } = statSync(from);
      if (statSync(from).isFile()) this.file(join(path, name), readFileSync(from), { mode: mode & 0o111 ? 0o755 : 0o644 });
    }
  }

  /** A program or library of this host, and all libraries that it is linked with, each at its own place. */
  program(path, source = `/${path}`) {
    this.file(path, readFileSync(source), { mode: 0o755 });
    for (const library of librariesOf(source)) {
      const place = merged(library.slice(1));
      if (!this.#entries.has(place)) this.file(place, readFileSync(library), { mode: 0o755 });
    }
  }

  #add(entry) {
    const path = merged(entry.path);
    const parent = dirname(path);
    if (parent !== "." && !this.#entries.has(parent)) this.folder(parent);
    this.#entries.set(path, { ...entry, path });
  }
}

/** Paths of the libraries that a program or library is linked with, its loader among them; none where it is linked statically. */
export function librariesOf(path) {
  const listed = run("ldd", [path], { mayFail: true });
  return listed.split("\n").flatMap((line) => /^\t(?:\S+ => )?(\/\S+) \(0x/.exec(line)?.slice(1) ?? []);
}

function merged(path) {
  const [from, to] = MERGED.find(([folder]) => path.startsWith(`${folder}/`)) ?? ["", ""];
  return from === "" ? path : to + path.slice(from.length);
}
