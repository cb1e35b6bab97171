import { parseArgs } from 'node:util';

/** How long and how often a bench measures. */
export interface BenchOptions {
  /** Only prove that the bench works: a second or two, figures that mean nothing. */
  readonly smoke: boolean;
  readonly repetitions: number;
  /** Length of one measurement, milliseconds. */
  readonly windowMs: number;
}

/**
 * Read `--smoke`, `--repetitions N`, `--seconds S` (of one measurement) of a bench.
 * @throws TypeError that names an argument that is none of them
 */
export function benchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      smoke: { type: 'boolean', default: false },
      repetitions: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '2' },
    },
  });
  if (values.smoke) return { smoke: true, repetitions: 1, windowMs: 200 };
  return {
    smoke: false,
    repetitions: positive('repetitions', values.repetitions),
    windowMs: positive('seconds', values.seconds) * 1_000,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new TypeError(`--${name}: expected a number above 0, got ${text}`);
}
