import type { Socket } from "node:net";
import { type Credentials, native } from "./sys.ts";

/**
 * Who opened the other end of a unix socket, by the kernel's word. undefined: the connection is closed, or there is no native part.
 */
export function peerCredentials(socket: Socket): Credentials | undefined {
  // Node keeps the descriptor to itself: this field is in no type, and has been the same from Node 8 to 26.
  const fd = (socket as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : native()?.peer(fd);
}
