/** @typedef {import('../../src/bootstrap.js').Progress} Progress */
/** @typedef {import('../../src/bootstrap.js').Step} Step */

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
// Without a terminal to draw on: a line now and then, so that nobody thinks that it hangs.
const SIGN_OF_LIFE_MS = 2_000;

/**
 * Says what is being done: one line a step with its time. On a terminal the line lives while the step runs.
 * @param {NodeJS.WriteStream} out
 * @returns {Progress}
 */
export function createProgress(out) {
  const write = (/** @type {string} */ line) => void out.write(`${line}\n`);
  /** @type {(() => void) | undefined} */
  let stopCurrent;
  return {
    step(name) {
      stopCurrent?.();
      const startedAtMs = performance.now();
      const seconds = () => `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`;
      const drawing = out.isTTY ? drawOnTerminal(out, name, seconds) : drawAsLines(write, name, seconds);
      stopCurrent = drawing.stop;
      const end = (/** @type {string} */ mark, /** @type {string} */ detail) => {
        drawing.stop();
        stopCurrent = undefined;
        write(`${mark} ${name.padEnd(28)} ${seconds().padStart(7)}${detail ? `  ${detail}` : ''}`);
      };
      return {
        note: drawing.note,
        done: (detail = '') => end('✓', detail),
        failed: (detail = '') => end('✗', detail),
      };
    },
    line: write,
    stop: () => stopCurrent?.(),
  };
}

/**
 * @param {NodeJS.WriteStream} out
 * @param {string} name
 * @param {() => string} seconds
 */
function drawOnTerminal(out, name, seconds) {
  let frame = 0;
  let note = '';
  const draw = () => {
    const text = `${FRAMES[frame++ % FRAMES.length]} ${name.padEnd(28)} ${seconds().padStart(7)}  ${note}`;
    out.write(`\r\u001B[2K${text.slice(0, (out.columns || 80) - 1)}`);
  };
  draw();
  const timer = setInterval(draw, FRAME_MS);
  return {
    note: (/** @type {string} */ text) => void (note = text),
    stop: () => {
      clearInterval(timer);
      out.write('\r\u001B[2K');
    },
  };
}

/**
 * @param {(line: string) => void} write
 * @param {string} name
 * @param {() => string} seconds
 */
function drawAsLines(write, name, seconds) {
  let note = '';
  const timer = setInterval(
    () => write(`… ${name.padEnd(28)} ${seconds().padStart(7)}  ${note}`),
    SIGN_OF_LIFE_MS,
  );
  return {
    note: (/** @type {string} */ text) => void (note = text),
    stop: () => clearInterval(timer),
  };
}
