import type { Socket } from "node:net";
import { type Credentials, native } from "./sys.ts";

/** Who opened a connection. */
export interface Peer extends Credentials {
  /** Its supplementary groups; none where the kernel does not say. */
  readonly groups: readonly number[];
}

/**
 * Who opened the other end of a unix socket, by the kernel's word: as it was when it connected, whatever has become of it since. undefined: the
 * connection is closed, or there is no native part.
 */
export function peerCredentials(socket: Socket): Peer | undefined {
  // Node keeps the descriptor to itself: this field is in no type, and has been the same from Node 8 to 26.
  const fd = (socket as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd;
  const sys = fd === undefined || fd < 0 ? undefined : native();
  const peer = fd === undefined ? undefined : sys?.peer(fd);
  return fd === undefined || peer === undefined ? undefined : { ...peer, groups: sys?.peerGroups(fd) ?? [] };
}
