import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { findFreePort, openSocket, startService, uniqueId, useRedis, waitFor } from '../src/index.js';
import type { RunningService, ServiceName } from '../src/service-process.js';

// SIGUSR2 makes a running service tell more, and less again.

const redis = useRedis();
const running: RunningService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop('SIGKILL')));
});

async function start(name: ServiceName, env: Record<string, string> = {}): Promise<RunningService> {
  const service = await startService(name, { ...redis.env, ...env });
  running.push(service);
  return service;
}

interface Line {
  readonly msg: string;
  readonly level: string;
  readonly pid: number;
  readonly to?: string;
}

const linesOf = ({ log }: RunningService, msg: string): Line[] =>
  log.flatMap((text) => {
    const line = JSON.parse(text) as Line;
    return line.msg === msg ? [line] : [];
  });

async function switchTo(service: RunningService, to: string, processes = 1): Promise<void> {
  const said = () => linesOf(service, 'log level').filter((line) => line.to === to);
  const before = said().length;
  service.process.kill('SIGUSR2');
  await waitFor(() => said().length === before + processes, `${processes} say that they log at ${to}`);
}

/** A request of an HTTP service, or a connection to signaling: with what it says of it when it is asked for details. */
const ACTS: Record<ServiceName, { act: (port: number) => Promise<unknown>; says: readonly string[] }> = {
  matchmaker: { act: (port) => fetch(`http://127.0.0.1:${port}/api/match/nothing`), says: ['request'] },
  gateway: { act: (port) => fetch(`http://127.0.0.1:${port}/api/rooms`), says: ['request'] },
  signaling: {
    act: async (port) => {
      const socket = await openSocket(`ws://127.0.0.1:${port}/?roomId=${uniqueId('room')}`);
      socket.send({ type: 'nothing' });
      // Whoever gets an answer is in.
      await socket.next();
      await socket.close();
    },
    says: ['member joined', 'connection ended'],
  },
};

it.each(['signaling', 'matchmaker', 'gateway'] as const)('%s tells more, and less again', async (name) => {
  const service = await start(name);
  const { act, says } = ACTS[name];
  const told = () => says.map((msg) => linesOf(service, msg).length);
  await act(service.port);
  await switchTo(service, 'debug');
  await act(service.port);
  await waitFor(() => told().every((count) => count === 1), 'the second is told');
  await switchTo(service, 'info');
  await act(service.port);
  expect(await service.stop()).toBe(0);
  // By now its last lines are read.
  expect(told()).toEqual(says.map(() => 1));
});

describe('workers of signaling', () => {
  const workersOf = ({ process: { pid } }: RunningService): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  const levelsOf = (service: RunningService) =>
    new Map(linesOf(service, 'log level').map(({ pid, to }) => [pid, to]));

  it('follow the process that looks after them, whoever replaces one too, once for a signal to all', async () => {
    const service = await start('signaling', { WORKERS: '2', PORT: String(await findFreePort()) });
    // Each says it, and the process that looks after them, which gives up if one ends before.
    await waitFor(() => linesOf(service, 'listening').length === 3, 'all listen');
    const [first = 0, second = 0] = workersOf(service);
    await switchTo(service, 'debug', 3);
    expect(new Set(levelsOf(service).keys())).toEqual(new Set([service.process.pid, first, second]));
    process.kill(first, 'SIGKILL');
    const newcomer = await waitFor(
      () => workersOf(service).find((pid) => pid !== first && pid !== second),
      'there is another',
    );
    await waitFor(() => levelsOf(service).get(newcomer) === 'debug', 'it follows');
    // As a signal to the whole process group does.
    for (const pid of workersOf(service)) process.kill(pid, 'SIGUSR2');
    await switchTo(service, 'info', 3);
    await waitFor(() => [...levelsOf(service).values()].filter((to) => to === 'info').length === 3, 'all do');
    expect(new Set(workersOf(service))).toEqual(new Set([second, newcomer]));
  });
});
