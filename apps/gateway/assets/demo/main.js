import { startChat } from './chat.js';
import { tell, watchConnection, watchSession } from './connection.js';
import { startHosting } from './hosting.js';
import { ARROWS, watchKeys } from './keys.js';
import { cutNetwork } from './network.js';
import { startPlaying } from './playing.js';

const CUT_MS = 4_000;

const $ = (id) => document.getElementById(id);
const where = fetch('demo/api/where').then((response) => response.json());
// Told to whoever presses a button.
where.catch(() => {});

/** Ends whatever runs: a session leaves by its close, listeners by the signal. */
let leave = () => {};

/** What both sides show. */
function show({ session, connection, roomId, screen, theirName, signal }) {
  $('start').hidden = true;
  for (const id of ['session', 'leave']) $(id).hidden = false;
  screen.hidden = false;
  $('room').textContent = roomId;
  watchSession(session);
  watchConnection(connection, signal);
  const elements = { log: $('messages'), typing: $('typing'), form: $('chat-form'), input: $('say') };
  startChat(session, elements, theirName, signal);
  session.on('peer-away', () => tell(`${theirName} lost the connection to signaling.`));
  session.on('peer-joined', ({ resumed }) => tell(`${theirName} ${resumed ? 'is back' : 'is here'}.`));
  $('cut').addEventListener('click', () => void cut(session), { signal });
  screen.focus({ preventScroll: true });
}

async function cut(session) {
  $('cut').disabled = true;
  $('cut').textContent = 'Network is cut …';
  tell('Network cut. The game goes on.');
  await cutNetwork(CUT_MS);
  session.reconnect();
  $('cut').disabled = false;
  $('cut').textContent = 'Cut my network';
}

async function host() {
  const ending = new AbortController();
  const { signal } = ending;
  const hosting = await startHosting($('game'), {
    keys: (keys) => ($('their-keys').textContent = keys.map((key) => ARROWS[key]).join(' ') || 'none'),
    player: (isHere) => {
      $('overlay').textContent = isHere ? '' : 'Waiting for a player. Share the room code.';
      if (!isHere) tell('The player has left.');
    },
  });
  const { session, roomId } = hosting;
  leave = () => {
    ending.abort();
    hosting.stop();
  };
  $('keys-row').hidden = false;
  $('overlay').textContent = 'Waiting for a player. Share the room code.';
  watchKeys({ stage: $('stage'), pad: $('pad'), signal }, (keys) => hosting.steer(keys));
  show({ session, connection: hosting.connection, roomId, screen: $('game'), theirName: 'Player', signal });
}

async function play() {
  const ending = new AbortController();
  const { signal } = ending;
  const code = $('code').value.trim().toLowerCase().replaceAll(/\s+/g, '-');
  const { session, connection, steer } = await startPlaying(await where, code);
  leave = () => {
    ending.abort();
    session.close();
    connection.close();
  };
  const video = $('stream');
  $('overlay').textContent = 'Connecting to the host …';
  connection.addEventListener('track', ({ track }) => {
    video.srcObject = new MediaStream([track]);
    void video.play();
  });
  video.addEventListener('playing', () => ($('overlay').textContent = ''), { signal });
  session.on('peer-disconnected', () => {
    $('overlay').textContent = 'The host has left.';
    tell('The host has left.');
  });
  watchKeys({ stage: $('stage'), pad: $('pad'), signal }, steer);
  show({
    session,
    connection: () => connection,
    roomId: session.roomId,
    screen: video,
    theirName: 'Host',
    signal,
  });
}

/** What went wrong, in words for somebody who wants to play. */
function wordsFor(error) {
  if (error.code === 'no_host') {
    return $('code').value.trim()
      ? 'Nobody waits in this room: the code is another one, its host has left, or somebody plays there already.'
      : 'No game is waiting. Host one in another window, or try again in a moment.';
  }
  return `That did not work: ${error.message}`;
}

async function start(event, begin) {
  event.preventDefault();
  const buttons = [$('host'), $('play')];
  $('why').textContent = '';
  for (const button of buttons) button.disabled = true;
  try {
    await begin();
  } catch (error) {
    $('why').textContent = wordsFor(error);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

async function copy(button, text) {
  const words = button.textContent;
  // There is no clipboard for pages that are not served by https, except on one's own machine.
  const isDone = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );
  button.textContent = isDone ? 'Copied' : 'Select it above';
  if (!isDone) getSelection().selectAllChildren($('room'));
  setTimeout(() => (button.textContent = words), 1_500);
}

$('host-form').addEventListener('submit', (event) => void start(event, host));
$('play-form').addEventListener('submit', (event) => void start(event, play));
$('copy-code').addEventListener('click', (event) => void copy(event.currentTarget, $('room').textContent));
$('copy-link').addEventListener('click', (event) => {
  const link = new URL(`demo?room=${$('room').textContent}`, location.href);
  void copy(event.currentTarget, link.href);
});
$('leave').addEventListener('click', () => {
  leave();
  location.assign('demo');
});
addEventListener('pagehide', () => leave());
// Kept by the browser for the way back; but it has left.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
const code = new URLSearchParams(location.search).get('room');
if (code) {
  $('code').value = code;
  $('play').focus();
}
