/** Where the states of a project are kept unless somebody says otherwise (SPEC 11). */
export function defaultStatePath(project: string): string {
  return project === "/" || project.startsWith("/etc/") ? "/var/lib/rind/state" : `${project}/.rind/state`;
}
