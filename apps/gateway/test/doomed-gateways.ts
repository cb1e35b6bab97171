import { startCommandGate, startService, waitFor, type CommandGate } from '@parley/testkit';
import { afterAll, beforeAll } from 'vitest';
import { asker, type Ask } from './ask.js';
import { serviceEnv, type Env } from './support.js';

/** Within this time a gateway does everything once that it does unasked (sweep of the public rooms: every 2 s). */
const ROUND_MS = 2_200;

/** What a busy machine may take to start one. */
const START_MS = 30_000;

/** A gateway in a process of its own, which goes to Redis through a gate. */
export interface DoomedGateway {
  readonly ask: Ask;
  readonly gate: CommandGate;
  /** SIGKILL. Nothing that it sent since the gate holds reaches Redis. */
  kill(): Promise<void>;
  /** Ask it something, and kill it when Redis has carried out so many commands for that. */
  killAfter<T>(commands: number, call: (ask: Ask) => Promise<T>): Promise<Fate<T>>;
}

/** What became of a call: it was answered, or the gateway died after the command that is named. */
export type Fate<T> = { readonly answer: T } | { readonly diedAfter: string };

/** Gateways that die between two commands to Redis. Call it at the top level of the file. */
export function useDoomedGateways(envOf: () => Env) {
  let unasked: ReadonlySet<string> = new Set();
  const started: DoomedGateway[] = [];
  // Those that a failed test left alive.
  afterAll(() => Promise.all(started.map((each) => each.kill())));

  async function start(env: Env = envOf()): Promise<DoomedGateway> {
    const gate = await startCommandGate(env, { uncounted: unasked });
    const service = await startService('gateway', serviceEnv(gate.env));
    const ask = asker(service.port);
    let killed: Promise<void> | undefined;
    const kill = () => (killed ??= service.stop('SIGKILL').then(() => gate.stop()));
    const doomed: DoomedGateway = {
      ask,
      gate,
      kill,
      async killAfter(commands, call) {
        const death = gate.holdAfter(commands).then((command) => ({ diedAfter: command }));
        const answer = call(ask).then((value) => ({ answer: value }));
        // Nobody answers any more once it is killed.
        answer.catch(() => undefined);
        const fate = await Promise.race([death, answer]);
        await kill();
        return fate;
      },
    };
    started.push(doomed);
    await waitFor(async () => (await ask('GET', '/readyz')).status === 200, 'the gateway is ready', START_MS);
    return doomed;
  }

  beforeAll(async () => {
    const idle = await start();
    const startedAt = performance.now();
    await waitFor(() => performance.now() - startedAt > ROUND_MS, 'it has done everything once');
    unasked = new Set(idle.gate.seen);
    await idle.kill();
  });

  return { start };
}

/** Wait as `waitFor` does, and ask more rarely: many wait at once. */
export const eventually: typeof waitFor = (holds, what, timeoutMs) => waitFor(holds, what, timeoutMs, 100);

/** One try: what became of it, and what has to hold afterwards. */
export interface Trial {
  readonly diedAfter: string | undefined;
  readonly afterwards: Promise<void>;
}

/** For a test that kills many: each of them has to start first. */
export const TIMEOUT_MS = 180_000;

/** Tries at once: each waits more than it works. */
const AT_ONCE = 4;

/**
 * Try with a death after no command, after one, after two … until nobody dies; what has to hold afterwards is waited for
 * of all tries together.
 * @returns after which commands there was a death
 */
export async function atEachStep(attempt: (commands: number) => Promise<Trial>): Promise<string[]> {
  const deaths: string[] = [];
  const outcomes: Promise<unknown>[] = [];
  const tryOne = async (commands: number): Promise<string | undefined> => {
    const { diedAfter, afterwards } = await attempt(commands);
    const fate = diedAfter === undefined ? 'not killed' : `killed after ${commands} commands (${diedAfter})`;
    const explain = (cause: unknown) => new Error(`${fate}: ${String(cause)}`, { cause });
    outcomes.push(afterwards.then(() => undefined, explain));
    return diedAfter;
  };
  for (let first = 0, survived = false; !survived; first += AT_ONCE) {
    const tries = Array.from({ length: AT_ONCE }, (_, at) => tryOne(first + at));
    const fates = await Promise.all(tries);
    deaths.push(...fates.filter((fate) => fate !== undefined));
    survived = fates.includes(undefined);
  }
  const failures = (await Promise.all(outcomes)).filter((outcome) => outcome !== undefined);
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
  return deaths;
}
