import { WebSocket } from 'ws';

/** What happens to a member of a signaling room. */
export interface RoomEvents {
  readonly onOpen?: () => void;
  /** @param type of a message that came */
  readonly onMessage?: (type: string) => void;
  /** Closed by the other side, refused, or never connected. */
  readonly onClose?: (reason: string) => void;
}

/** A member of a signaling room, as a plain client (contract §1). */
export interface RoomSocket {
  send(message: object): void;
  /** Leave as a page does. Resolves when the connection is gone. */
  leave(): Promise<void>;
  /** Go as a killed process does: the connection breaks off. */
  drop(): void;
}

const LEAVE_TIMEOUT_MS = 5_000;

/** Join a room. */
export function joinRoom(signalingUrl: string, roomId: string, events: RoomEvents): RoomSocket {
  const url = new URL(signalingUrl);
  url.searchParams.set('roomId', roomId);
  const socket = new WebSocket(url, { perMessageDeflate: false });
  let isOurs = false;
  const gone = new Promise<void>((resolve) => {
    socket.on('close', (code, reason) => {
      if (!isOurs) events.onClose?.(`${code} ${reason.toString('utf8')}`.trim());
      resolve();
    });
  });
  socket.on('error', () => {});
  socket.on('open', () => events.onOpen?.());
  socket.on('message', (data: Buffer) => {
    const { type } = JSON.parse(data.toString('utf8')) as { type: string };
    if (!isOurs) events.onMessage?.(type);
  });
  return {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    async leave() {
      isOurs = true;
      socket.close(1000);
      const timer = setTimeout(() => socket.terminate(), LEAVE_TIMEOUT_MS);
      await gone;
      clearTimeout(timer);
    },
    drop() {
      isOurs = true;
      socket.terminate();
    },
  };
}
