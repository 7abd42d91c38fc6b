const OWN = /^(?:RIND|NOTIFY|LISTEN)_/;

/** What every service inherits: the environment of the daemon, less what was meant for the daemon alone. */
export function baseEnvironment(own: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && !OWN.test(name)) kept[name] = value;
  }
  return kept;
}
