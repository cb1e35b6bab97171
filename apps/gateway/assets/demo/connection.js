const EVERY_MS = 500;
const EVENTS_MAX = 5;

const $ = (id) => document.getElementById(id);

function pill(id, is, words) {
  const element = $(id);
  element.dataset.is = is;
  // Screen readers say what is written, even if it is the same.
  if (element.textContent !== words) element.textContent = words;
}

/** Say what happened, to eyes and to screen readers. */
export function tell(words) {
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString('en-GB');
  line.append(time, words);
  $('events').append(line);
  while ($('events').childElementCount > EVENTS_MAX) $('events').firstElementChild.remove();
}

/** Show how a session is: connecting, connected, resuming, resumed. */
export function watchSession(session) {
  let lostAtMs;
  session.on('state', ({ state }) => {
    if (state === 'open' || state === 'closed') return;
    lostAtMs ??= performance.now();
    pill('signaling', 'busy', session.memberId === undefined ? 'connecting' : 'resuming');
  });
  session.on('welcome', ({ isReturn, recovered }) => {
    pill('signaling', 'good', isReturn ? (recovered ? 'resumed' : 'back, with a gap') : 'connected');
    if (isReturn) {
      const seconds = ((performance.now() - lostAtMs) / 1000).toFixed(1);
      const missed = recovered ? 'nothing was missed' : 'something may be missing';
      tell(`Signaling is back after ${seconds} s: ${missed}.`);
    }
    lostAtMs = undefined;
  });
  session.on('plain', () => pill('signaling', 'good', 'connected (plain)'));
  session.on('closed', ({ reason }) => pill('signaling', 'bad', `over: ${reason}`));
  pill('signaling', 'busy', 'connecting');
}

const WEBRTC = {
  new: ['busy', 'waiting'],
  connecting: ['busy', 'connecting'],
  connected: ['good', 'connected'],
  disconnected: ['busy', 'interrupted'],
  failed: ['bad', 'failed'],
  closed: ['busy', 'waiting'],
};

/**
 * Show how a connection is, its round trip and its frames per second.
 * @param {() => RTCPeerConnection | undefined} current the connection, if there is one right now
 * @param {AbortSignal} signal
 */
export function watchConnection(current, signal) {
  let before;
  const look = async () => {
    const connection = current();
    pill('webrtc', ...WEBRTC[connection?.connectionState ?? 'new']);
    const now =
      connection?.connectionState === 'connected' ? numbersOf(await connection.getStats()) : undefined;
    $('rtt').textContent = rttText(now?.rttMs);
    $('fps').textContent = framesText(before, now);
    before = now;
  };
  const timer = setInterval(() => void look(), EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  void look();
}

/** @param {RTCStatsReport} stats */
function numbersOf(stats) {
  const numbers = { atMs: performance.now(), frames: 0 };
  for (const each of stats.values()) {
    if (each.type === 'candidate-pair' && each.nominated && each.currentRoundTripTime !== undefined) {
      numbers.rttMs = each.currentRoundTripTime * 1000;
    }
    if (each.kind === 'video' && (each.type === 'inbound-rtp' || each.type === 'outbound-rtp')) {
      numbers.frames = each.framesDecoded ?? each.framesSent ?? 0;
    }
  }
  return numbers;
}

function rttText(ms) {
  if (ms === undefined) return '–';
  return ms < 1 ? 'below 1 ms' : `${ms.toFixed(0)} ms`;
}

function framesText(before, now) {
  if (!before || !now) return '–';
  const perSecond = ((now.frames - before.frames) * 1000) / (now.atMs - before.atMs);
  return `${Math.max(0, perSecond).toFixed(0)} per second`;
}
