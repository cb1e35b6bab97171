import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  findFreePort,
  startService,
  uniqueId,
  useStore,
  waitFor,
  type RunningService,
  type TestSocket,
} from '@parley/testkit';
import { metric } from './support/metrics.js';
import { answer, candidate, offer } from './support/messages.js';
import { joinAt, metricsOf, probe, useProcesses } from './support/processes.js';

const store = useStore();

/** A line of a service's log, read. */
interface LogLine {
  readonly pid: number;
  readonly msg: string;
  readonly delayMs?: number;
}

const linesOf = ({ log }: RunningService, msg: string): LogLine[] =>
  log.flatMap((line) => {
    const read = line.startsWith('{') ? (JSON.parse(line) as LogLine) : undefined;
    return read?.msg === msg ? [read] : [];
  });

const workersOf = ({ process: { pid } }: RunningService): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

describe('several workers on one port', { timeout: 60_000 }, () => {
  const processes = useProcesses(store, { WORKERS: '2', DRAIN_TIMEOUT_MS: '5000' });

  /** On a port of its own, as it is deployed: a replacement has to get the very same. */
  async function start(port?: number): Promise<RunningService> {
    const service = await processes.start({ PORT: String(port ?? (await findFreePort())) });
    await untilListening(service, 2);
    return service;
  }

  /** Both, and all that replaced one: each says it once, and so does the process that looks after them. */
  const untilListening = (service: RunningService, workers: number) =>
    waitFor(() => linesOf(service, 'listening').length >= workers + 1, `${workers} workers have listened`);

  function kill(pid: number | undefined): void {
    // 0 would be everybody in this process' group.
    if (!pid) throw new Error('there is no worker to kill');
    process.kill(pid, 'SIGKILL');
  }

  async function expectToMeet(service: RunningService): Promise<[TestSocket, TestSocket]> {
    const room = uniqueId('room');
    const [host, page] = [await joinAt(service, room), await joinAt(service, room)];
    page.send(offer);
    expect(await host.next()).toEqual(offer);
    host.send(answer);
    expect(await page.next()).toEqual(answer);
    return [host, page];
  }

  it('relay between each other, are counted together, and drain together', async () => {
    const service = await start();
    expect(workersOf(service)).toHaveLength(2);
    const sockets: TestSocket[] = [];
    for (let i = 0; i < 10; i += 1) sockets.push(...(await expectToMeet(service)));
    for (let i = 0; i < 4; i += 1) {
      const exposition = await metricsOf(service);
      expect(metric(exposition, 'active_connections')).toBe(20);
      expect(metric(exposition, 'redis_up')).toBe(1);
    }
    expect(await service.stop('SIGTERM')).toBe(0);
    for (const each of sockets) {
      expect(await each.waitClosed()).toEqual({ code: 1012, reason: 'Server draining' });
    }
  });

  it.each([
    ['that is set', undefined],
    ['that the system chose', 0],
  ])(
    'are replaced when they die, on the port %s: a new one serves, and drains with the others',
    async (_, port) => {
      const service = await start(port);
      const pairs: TestSocket[] = [];
      for (let i = 0; i < 4; i += 1) pairs.push(...(await expectToMeet(service)));
      const [first, second] = workersOf(service);
      kill(first);
      await waitFor(() => pairs.some(({ closed }) => closed), 'its members are cut off');
      await untilListening(service, 3);
      const replacement = linesOf(service, 'listening').at(-1)?.pid;
      expect(new Set(workersOf(service))).toEqual(new Set([second, replacement]));
      // Now nobody else is left who could answer.
      kill(second);
      await waitFor(() => !workersOf(service).includes(second ?? 0), 'the last of the old ones is gone');
      const served = await expectToMeet(service);
      expect(await service.stop('SIGTERM')).toBe(0);
      for (const each of served) {
        expect(await each.waitClosed()).toEqual({ code: 1012, reason: 'Server draining' });
      }
    },
  );

  it('that keep dying are replaced ever more slowly, whether they got as far as listening or not', async () => {
    const service = await start();
    const delays = () => linesOf(service, 'a worker died and will be replaced').map(({ delayMs }) => delayMs);
    const [stays, ...others] = workersOf(service);
    let victim = others[0];
    for (let died = 1; died <= 4; died += 1) {
      kill(victim);
      await waitFor(() => delays().length === died, 'its death is noticed');
      victim = await waitFor(() => workersOf(service).find((pid) => pid !== stays), 'there is a new one');
      // The later ones do not get that far.
      if (died === 1) await untilListening(service, 3);
    }
    expect(delays()).toEqual([100, 200, 400, 800]);
    await untilListening(service, 4);
    await expectToMeet(service);
  });

  it('may die while the metrics of all are collected: the others go on, and are counted', async () => {
    const service = await start();
    for (let round = 1; round <= 3; round += 1) {
      // Both have connections by then, so that they are asked without the one that looks after them.
      await Promise.all(Array.from({ length: 10 }, () => metricsOf(service)));
      service.process.kill('SIGSTOP');
      // Those that the dead one was about to answer fail; nothing else may.
      const scrapes = Array.from({ length: 10 }, () => metricsOf(service).catch(() => ''));
      await delay(100);
      kill(workersOf(service).at(-1));
      // It hears of those who ask before it hears of the death, and tells a dead one to count.
      service.process.kill('SIGCONT');
      await Promise.all(scrapes);
      await untilListening(service, 2 + round);
      expect(service.process.exitCode).toBeNull();
    }
    expect((await probe(service, '/readyz')).status).toBe(200);
    const [host] = await expectToMeet(service);
    expect(metric(await metricsOf(service), 'active_connections')).toBe(2);
    host.send(candidate(1));
    expect(service.log.filter((line) => line.includes('crashed'))).toEqual([]);
    expect(await service.stop('SIGTERM')).toBe(0);
  });

  it('end when one cannot listen', async () => {
    const first = await startService('signaling', store.env);
    const env = { ...store.env, PORT: String(first.port), WORKERS: '2' };
    await expect(startService('signaling', env)).rejects.toThrow(/EADDRINUSE/);
    await first.stop();
  });
});
