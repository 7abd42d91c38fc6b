import { stringify } from "smol-toml";
import { isJsonObject, type Json } from "../model/json.ts";

/** A service that was given as json, as a file of the services folder. */
export type GivenService =
  | { readonly ok: true; readonly name: string; readonly fileName: string; readonly text: string }
  | { readonly ok: false; readonly check: "parse" | "fields"; readonly message: string; readonly hint: string };

export function readGivenService(service: Json): GivenService {
  if (!isJsonObject(service)) return { ok: false, check: "parse", message: "a service is a json object", hint: "" };
  const { name, ...rest } = service;
  if (typeof name !== "string") return { ok: false, check: "fields", message: "name is missing", hint: "" };
  const [group = "", item = ""] = name.split("@");
  return { ok: true, name, fileName: `${name}.toml`, text: stringify({ service: [{ name: item === "" ? group : item, ...rest }] }) };
}
