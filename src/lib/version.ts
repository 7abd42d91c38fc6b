import manifest from "../../package.json" with { type: "json" };

/** The version of this program, from package.json; a bundle has it inlined. */
export const { version } = manifest;
