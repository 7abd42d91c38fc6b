import type { TransportDecl, TransportOption } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { RawTransport } from "../schema/transport.ts";
import type { Scope } from "../scope.ts";
import { looksLikeReference, resolveReference } from "./references.ts";

export function resolveTransport(raw: RawTransport | readonly RawTransport[] | undefined, scope: Scope): readonly TransportDecl[] {
  if (raw === undefined) return NONE;
  if (Array.isArray(raw)) return raw.map((each: RawTransport, index) => resolveOne(each, ["transport", index], scope));
  return "id" in raw ? [resolveOne(raw, ["transport"], scope)] : [];
}

/** Shared by all that have none. */
const NONE: readonly TransportDecl[] = [];

function resolveOne(raw: RawTransport, path: Path, scope: Scope): TransportDecl {
  const option = raw.id === "env" ? envOption : argsOption;
  const options = (raw.options ?? []).flatMap((text, index) => option(text, [...path, "options", index], scope) ?? []);
  return { id: raw.id, options, required: raw.required };
}

function envOption(text: string, path: Path, scope: Scope): TransportOption | undefined {
  const equals = text.indexOf("=");
  if (equals < 1) {
    scope.report.error(path, `"${text}" sets no environment variable`, "write KEY=reference");
    return undefined;
  }
  return optionOf(text.slice(0, equals), text.slice(equals + 1), path, scope);
}

/** In an argument a reference may follow a literal text that ends with `=`. */
function argsOption(text: string, path: Path, scope: Scope): TransportOption | undefined {
  const equals = text.indexOf("=");
  if (equals >= 0 && looksLikeReference(text.slice(equals + 1)) && !looksLikeReference(text)) {
    return optionOf(text.slice(0, equals + 1), text.slice(equals + 1), path, scope);
  }
  return optionOf("", text, path, scope);
}

function optionOf(prefix: string, reference: string, path: Path, scope: Scope): TransportOption | undefined {
  const value = resolveReference(reference, path, scope);
  return value === undefined ? undefined : { prefix, value };
}
