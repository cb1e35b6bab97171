import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * A client that asks for a WebSocket and never says anything more, not even goodbye. Resolves with the server's first
 * answer.
 */
export async function rawUpgrade(
  port: number,
  target: string,
): Promise<{ socket: Socket; answer: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (data) => (received += data.toString('latin1')));
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await once(socket, 'data');
  return { socket, answer: () => received };
}
