const STOP_TYPING_AFTER_MS = 3_000;

/**
 * Show what is said in a room, and say what is typed.
 * @param session of the SDK
 * @param {{ log: HTMLElement, typing: HTMLElement, form: HTMLFormElement, input: HTMLInputElement }} elements
 * @param {string} theirName
 * @param {AbortSignal} signal
 */
export function startChat(session, { log, typing, form, input }, theirName, signal) {
  const shown = new Set();
  const show = ({ id, from, text }) => {
    // After a gap the history says again what is here already.
    if (shown.has(id)) return;
    shown.add(id);
    const line = document.createElement('li');
    const isMine = from === session.memberId;
    line.className = isMine ? 'mine' : '';
    const who = document.createElement('span');
    who.className = 'unseen';
    who.textContent = isMine ? 'You: ' : `${theirName}: `;
    line.append(who, text);
    log.append(line);
    log.scrollTop = log.scrollHeight;
  };
  session.on('welcome', ({ history = [] }) => history.forEach(show));
  session.on('chat', (said) => {
    if (said.from !== session.memberId) typing.textContent = '';
    show(said);
  });
  session.on('typing', ({ state }) => {
    typing.textContent = state === 'start' ? `${theirName} is typing …` : '';
  });

  let timer;
  const stop = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    session.typing('stop');
  };
  const onInput = () => {
    if (timer === undefined) session.typing('start');
    clearTimeout(timer);
    timer = setTimeout(stop, STOP_TYPING_AFTER_MS);
  };
  const onSubmit = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === '' || session.chat(text) === 'refused') return;
    stop();
    input.value = '';
  };
  input.addEventListener('input', onInput, { signal });
  form.addEventListener('submit', onSubmit, { signal });
}
