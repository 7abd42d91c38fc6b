import { UsageError } from "../errors/rind-error.ts";

/** The params of a call do not fit; the message says each mistake and what would be right. */
export class ParamsError extends UsageError {}
