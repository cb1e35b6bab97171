const NAMES = new Map([
  ['ArrowUp', 'up'],
  ['KeyW', 'up'],
  ['ArrowLeft', 'left'],
  ['KeyA', 'left'],
  ['ArrowRight', 'right'],
  ['KeyD', 'right'],
  ['ArrowDown', 'down'],
  ['KeyS', 'down'],
]);

/** How a ship can be steered. */
export const STEERING = ['up', 'left', 'right', 'down'];

/** How they are shown. */
export const ARROWS = { up: '↑', left: '←', right: '→', down: '↓' };

/**
 * Tell which of the steering keys are down, whenever that changes: of the keyboard while the stage has the focus, and of
 * the buttons below it.
 * @param {{ stage: HTMLElement, pad: HTMLElement, signal: AbortSignal }} where
 * @param {(down: readonly string[]) => void} changed
 */
export function watchKeys({ stage, pad, signal }, changed) {
  const down = new Set();
  const set = (key, isDown) => {
    if (down.has(key) === isDown) return;
    if (isDown) down.add(key);
    else down.delete(key);
    changed([...down]);
  };
  const onKey = (event) => {
    const key = NAMES.get(event.code);
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    set(key, event.type === 'keydown');
  };
  for (const type of ['keydown', 'keyup']) stage.addEventListener(type, onKey, { signal });
  // Keys that come up elsewhere are never heard of here.
  stage.addEventListener('focusout', () => STEERING.forEach((key) => set(key, false)), { signal });
  for (const button of pad.querySelectorAll('button')) watchButton(button, set, signal);
}

function watchButton(button, set, signal) {
  const { key } = button.dataset;
  const press = (isDown) => {
    button.classList.toggle('down', isDown);
    set(key, isDown);
  };
  const down = (event) => {
    button.setPointerCapture(event.pointerId);
    press(true);
  };
  button.addEventListener('pointerdown', down, { signal });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur']) {
    button.addEventListener(type, () => press(false), { signal });
  }
  const onKey = (event) => {
    if (event.code === 'Space' || event.code === 'Enter') press(event.type === 'keydown');
  };
  for (const type of ['keydown', 'keyup']) button.addEventListener(type, onKey, { signal });
}
