import { attach, connect } from './parley-client.js';
import { Game } from './game.js';
import { STEERING } from './keys.js';
import { CuttableWebSocket } from './network.js';

const FRAMES_PER_SECOND = 30;
/** Beats after the first in a third of the time after which a host counts as gone. */
const BEATS_PER_TTL = 3;

async function ask(path, body, key) {
  const response = await fetch(`demo/api/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(key && { Authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

/** What a player's page says is down; anything else counts for nothing. */
function keysIn(text) {
  try {
    const keys = JSON.parse(text);
    return Array.isArray(keys) ? STEERING.filter((each) => keys.includes(each)) : [];
  } catch {
    return [];
  }
}

/** The certificate of whoever wrote a description: the same for the life of a connection (RFC 8122). */
const fingerprintOf = (sdp = '') => /^a=fingerprint:(.+)$/m.exec(sdp)?.[1];

/**
 * Be a host with a game on a canvas, for one player at a time.
 * @param {HTMLCanvasElement} canvas
 * @param {{ player(isHere: boolean): void, keys(down: readonly string[]): void }} told who plays, and what they press
 */
export async function startHosting(canvas, told) {
  const { key, hostId, roomId, region, signalingUrl } = await ask('hosts', {});
  let players = 0;
  const beat = () => {
    const slots = { capacity: 1, availableSlots: 1 - players, rooms: [{ roomId, players }] };
    return ask('host/heartbeat', { hostId, roomId, region, ...slots }, key);
  };
  const [{ token, ttl }, { iceServers }] = await Promise.all([beat(), ask('ice-servers', {})]);
  const beats = setInterval(() => void beat().catch(() => {}), (ttl * 1000) / BEATS_PER_TTL);
  const where = { roomId, signalingUrl, iceServers };
  // Tokens end; each beat brings a fresh one.
  if (token) where.token = async () => (await beat()).token;
  const session = connect(where, {
    WebSocket: CuttableWebSocket,
    refreshIce: () => ask('ice-servers', {}),
  });
  const game = new Game(canvas);
  game.enter('host');
  const stage = new Stage(session, canvas.captureStream(FRAMES_PER_SECOND), game, {
    keys: (down) => told.keys(down),
    player(isHere) {
      players = isHere ? 1 : 0;
      void beat().catch(() => {});
      told.player(isHere);
    },
  });
  return {
    session,
    roomId,
    connection: () => stage.connection,
    steer: (keys) => game.steer('host', keys),
    stop() {
      clearInterval(beats);
      session.close();
      stage.close();
      game.end();
      const goodbye = { method: 'DELETE', headers: { Authorization: `Bearer ${key}` }, keepalive: true };
      void fetch(`demo/api/host/${hostId}`, goodbye).catch(() => {});
    },
  };
}

/** Answers whoever calls. A player whose signaling is lost for good still plays, as long as the connection holds. */
class Stage {
  /** @type {RTCPeerConnection | undefined} */
  connection;
  #attachment;
  #input;

  constructor(session, stream, game, told) {
    this.session = session;
    this.stream = stream;
    this.game = game;
    this.told = told;
    session.on('message', (message) => message.type === 'offer' && this.#called(message));
    session.on('peer-disconnected', () => this.#changed());
  }

  close() {
    this.#attachment?.detach();
    this.connection?.close();
    this.connection = undefined;
  }

  #end() {
    if (!this.connection) return;
    this.close();
    this.game.leave('player');
    this.told.player(false);
  }

  #called(offer) {
    const known = fingerprintOf(this.connection?.remoteDescription?.sdp);
    // The same page again: its attachment hears it, too.
    if (known === fingerprintOf(offer.sdp)) return;
    this.#end();
    const connection = new RTCPeerConnection({ iceServers: this.session.iceServers });
    this.connection = connection;
    for (const track of this.stream.getTracks()) connection.addTrack(track, this.stream);
    connection.addEventListener('datachannel', ({ channel }) => this.#listen(channel));
    connection.addEventListener('connectionstatechange', () => this.#changed());
    this.#attachment = attach(connection, this.session, { initiator: false });
    this.#attachment.receive(offer);
    this.game.enter('player');
    this.told.player(true);
  }

  #listen(channel) {
    this.#input = channel;
    channel.addEventListener('message', ({ data }) => {
      const keys = keysIn(data);
      this.game.steer('player', keys);
      this.told.keys(keys);
    });
    // A page that leaves closes it; the loss of its network is seen much later, and only by the connection.
    channel.addEventListener('close', () => channel === this.#input && this.#end());
  }

  /** Nobody is behind the connection any more: neither a member of the room nor a stream. */
  #changed() {
    const state = this.connection?.connectionState;
    const isGone = this.session.members.size === 0 && state !== 'connected';
    if (isGone || state === 'closed') this.#end();
  }
}
