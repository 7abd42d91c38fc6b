import { SocketError } from "./errors.ts";

/** Bytes of `sun_path` on Linux (unix(7)) less the final NUL. */
export const SOCKET_PATH_LIMIT = 107;

/** Throws a `SocketError` for a path that no unix socket can have: the kernel's own message would be "invalid argument". */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes > SOCKET_PATH_LIMIT) {
    throw new SocketError(`the socket path ${path} has ${bytes} bytes, and a unix socket may have ${SOCKET_PATH_LIMIT}`, {
      hint: "give a shorter one with --socket, or set XDG_RUNTIME_DIR to a shorter folder",
    });
  }
}
