/** The sections whose items are read; each is a list of tables (`[[state]]`). */
export const SECTIONS = ["state", "signal", "service", "variable", "permission", "mount", "network"] as const;
export type Section = (typeof SECTIONS)[number];

/** Sections of the language that are not built. */
export const LATER_SECTIONS = ["timer", "socket"] as const;
