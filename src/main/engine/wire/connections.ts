/**
 * The open connections of a listener and who has to go when there are too many. A flood is made to displace itself: what goes
 * first is the oldest connection without a request in hand, of the address that holds the most.
 */
import type { Socket } from 'node:net';
import { addressKey } from './limits.ts';

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Requests that were read and not yet answered. */
  inHand: number;
}

export interface Connections {
  readonly size: number;
  /** False when the connection was dropped at once: its address has as many as it may, or nobody else can go. */
  admit(socket: Socket, limits: { readonly total: number; readonly perAddress: number | undefined }): boolean;
  /** A request came on this connection; false when the connection has `most` in hand already. Call `answered` for each that was taken. */
  asked(of: Peer, most: number): boolean;
  answered(of: Peer): void;
  /** Ends the connections that wait for nothing of ours. */
  dropIdle(): void;
  dropAll(): void;
}

/** The TLS socket of a request and the plain one under it have these in common. */
export interface Peer { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined }

const nameOf = (peer: Peer): string => `${peer.remoteAddress ?? ''} ${peer.remotePort ?? 0}`;

export function trackConnections(): Connections {
  const open = new Map<string, Connection>();
  // Names in the order in which they came, for each address.
  const byAddress = new Map<string, Map<string, Connection>>();

  const forget = (name: string, connection: Connection): void => {
    if (open.get(name) !== connection) return;
    open.delete(name);
    const siblings = byAddress.get(connection.address);
    siblings?.delete(name);
    if (siblings?.size === 0) byAddress.delete(connection.address);
  };
  const drop = (name: string, connection: Connection): void => {
    forget(name, connection);
    connection.socket.destroy();
  };

  /** The oldest idle one of the heaviest address; of the next heavier one when that has none. */
  function dropOne(): boolean {
    for (const siblings of [...byAddress.values()].sort((a, b) => b.size - a.size)) {
      for (const [name, connection] of siblings) {
        if (connection.inHand > 0) continue;
        drop(name, connection);
        return true;
      }
    }
    return false;
  }

  return {
    get size() {
      return open.size;
    },
    admit(socket, { total, perAddress }) {
      const name = nameOf(socket);
      const address = addressKey(socket.remoteAddress ?? 'unknown');
      if (socket.remoteAddress === undefined || (perAddress !== undefined && (byAddress.get(address)?.size ?? 0) >= perAddress) || (open.size >= total && !dropOne())) {
        socket.destroy();
        return false;
      }
      const connection: Connection = { socket, address, inHand: 0 };
      open.set(name, connection);
      let siblings = byAddress.get(address);
      if (!siblings) byAddress.set(address, siblings = new Map());
      siblings.set(name, connection);
      socket.once('close', () => forget(name, connection));
      return true;
    },
    asked(of, most) {
      const connection = open.get(nameOf(of));
      if (!connection) return true;
      if (connection.inHand >= most) return false;
      connection.inHand += 1;
      return true;
    },
    answered(of) {
      const connection = open.get(nameOf(of));
      if (connection && connection.inHand > 0) connection.inHand -= 1;
    },
    dropIdle() {
      for (const [name, connection] of open) if (connection.inHand === 0) drop(name, connection);
    },
    dropAll() {
      for (const [name, connection] of open) drop(name, connection);
    },
  };
}
