/** What would be right where a log file cannot be written, by the code of the error. */
export function rightFor(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "make room on its file system";
    case "EACCES":
    case "EPERM":
      return "the daemon's user must be allowed to write there";
    case "EROFS":
      return "its file system is mounted for reading only: write elsewhere";
    case "EISDIR":
      return "a folder has this name: name a file in it";
    case "ENOTDIR":
    case "EEXIST":
      return "a part of its path is no folder";
    case "ENXIO":
    case "EAGAIN":
      return "it is a pipe that nobody reads";
    default:
      return "it must be a file that the daemon can write";
  }
}
