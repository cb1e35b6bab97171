import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** A first line that is longer than this names no room: room ids have at most 64 characters. */
const firstLineMaxBytes = 80;
const joinLine = /^join ([\w:.-]{1,64})\r?$/;

export interface PlayerListener {
  /** Where players connect: `host:port`. */
  readonly address: string;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

export interface PlayerEvents {
  /** A player named its room; false turns it away. */
  entered(roomId: string): Promise<boolean>;
  /** The connection of a player who had entered is gone. */
  left(roomId: string): void;
}

/**
 * Listens for players over TCP and echoes every byte. A player whose first line is `join ROOM_ID` is in that room
 * until its connection ends; one that says something else is in none.
 * @throws if the address cannot be listened on
 */
export async function listenForPlayers(
  host: string,
  port: number,
  events: PlayerEvents,
): Promise<PlayerListener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A player that resets its connection is gone like any other; `close` follows.
    socket.on('error', () => {});
    socket.pipe(socket);
    onFirstLine(socket, async (line) => {
      const roomId = joinLine.exec(line)?.[1];
      if (!roomId) return;
      const isIn = await events.entered(roomId);
      if (!isIn) socket.unpipe(socket).end(`no slot for ${roomId} here\n`);
      else if (socket.closed) events.left(roomId);
      else socket.on('close', () => events.left(roomId));
    });
  });
  server.listen(port, host);
  await once(server, 'listening');

  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function onFirstLine(socket: Socket, take: (line: string) => Promise<void>): void {
  let line = '';
  const collect = (chunk: Buffer): void => {
    line += chunk.toString('latin1');
    const end = line.indexOf('\n');
    if (end < 0 && line.length < firstLineMaxBytes) return;
    socket.off('data', collect);
    void take(end < 0 ? line : line.slice(0, end));
  };
  socket.on('data', collect);
}
