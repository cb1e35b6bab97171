import { attach, connect, findMatch, refreshIceServers } from './parley-client.js';
import { CuttableWebSocket } from './network.js';

/** A host may be about to register when its code is shared, or free its slot when its player left. */
const TRY_FOR_MS = 4_000;
const TRY_EVERY_MS = 400;

/**
 * Find a host, go to its room and call it.
 * @param {{ matchmakerUrl: string, region: string }} where
 * @param {string} code of the room; empty for any host
 * @returns the session, and the connection: its first track is the game
 * @throws ParleyError `no_host` when nobody waits, or not in that room
 */
export async function startPlaying({ matchmakerUrl, region }, code) {
  const wishes = code ? { hostId: `${region}-${code}` } : { region };
  const match = await findPatiently(matchmakerUrl, wishes);
  const session = connect(match, {
    WebSocket: CuttableWebSocket,
    refreshIce: (signal) => refreshIceServers(matchmakerUrl, { signal }),
  });
  const connection = new RTCPeerConnection({ iceServers: match.iceServers });
  attach(connection, session, { initiator: true });
  connection.addTransceiver('video', { direction: 'recvonly' });
  const input = connection.createDataChannel('input');
  const steer = (keys) => input.readyState === 'open' && input.send(JSON.stringify(keys));
  return { session, connection, steer };
}

async function findPatiently(matchmakerUrl, wishes) {
  for (const untilMs = performance.now() + TRY_FOR_MS; ;) {
    try {
      return await findMatch(matchmakerUrl, wishes);
    } catch (error) {
      if (error.code !== 'no_host' || performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    }
  }
}
