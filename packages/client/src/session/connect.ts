import type { ConnectOptions, Where } from './options.js';
import { Session } from './session.js';

/**
 * Join a room and stay in it. Answers at once; what comes of it is told to listeners: `welcome`, `message`, … and in the
 * end `closed`.
 * @param where what `findMatch`, `createRoom` and `joinRoom` answer; or a room and a signaling URL
 * @throws TypeError when there is no WebSocket, or no signaling URL (a game server's room has none)
 */
export function connect(where: Where, options: ConnectOptions = {}): Session {
  return new Session(where, options);
}
