import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A WebSocket's client that only its test speaks for. */
export interface RawClient {
  readonly socket: Socket;
  /** All that the server said so far, one character a byte. */
  readonly answer: () => string;
  /** What the close frame right after the 101 says; undefined until it is there. */
  readonly refusal: () => { code: number; reason: string } | undefined;
}

/**
 * A client that asks for a WebSocket and never says anything more, not even goodbye. Resolves with the server's first
 * answer.
 */
export async function rawUpgrade(
  port: number,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (data) => (received += data.toString('latin1')));
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${more.join('')}` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await once(socket, 'data');
  return {
    socket,
    answer: () => received,
    refusal: () => closeFrame(received.split('\r\n\r\n', 2)[1] ?? ''),
  };
}

/** A close frame of a server (RFC 6455 §5.5.1), which is not masked: 0x88, its length, code, reason. */
function closeFrame(bytes: string): { code: number; reason: string } | undefined {
  const data = Buffer.from(bytes, 'latin1');
  const end = 2 + (data[1] ?? 0);
  if (data[0] !== 0x88 || data.length < end) return undefined;
  return { code: data.readUInt16BE(2), reason: data.toString('utf8', 4, end) };
}
