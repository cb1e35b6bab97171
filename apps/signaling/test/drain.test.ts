import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openSocket, uniqueId, useStore, waitFor, type RunningService } from '@parley/testkit';
import { candidate, offer, peerDisconnected } from './support/messages.js';
import { metric } from './support/metrics.js';
import { joinAt, metricsOf, probe, useProcesses } from './support/processes.js';
import { rawUpgrade } from './support/raw.js';
import { inside, lifetimes } from './support/redis.js';
import { generousLimits, startInstance } from './support/signaling.js';

const MEMBERS = 1_000;
const DRAINING = { code: 1012, reason: 'Server draining' };

const store = useStore();

/** When a service logged something, in milliseconds. */
function loggedAtMs({ log }: RunningService, msg: string): number {
  const line = log.find((each) => each.includes(`"msg":"${msg}"`)) ?? '{}';
  return (JSON.parse(line) as { time: number }).time;
}

describe('a drain', () => {
  const processes = useProcesses(store);

  it('turns readiness red, closes members with 1012, leaves no membership and ends with 0', async () => {
    const leaving = await processes.start({ DRAIN_TIMEOUT_MS: '4000' });
    const staying = await startInstance({ ...generousLimits, ...store.env });
    const room = uniqueId('room');
    const remote = await openSocket(`${staying.url}/?roomId=${room}`);
    const member = await joinAt(leaving, room);
    member.send(offer);
    expect(await remote.next()).toEqual(offer);
    // A connection that asks nothing must not hold up the end.
    const idle = connect(leaving.port, '127.0.0.1');
    await once(idle, 'connect');

    const startedAt = performance.now();
    const exited = leaving.stop('SIGTERM');
    expect(await member.waitClosed()).toEqual(DRAINING);
    expect(await exited).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(await remote.next()).toEqual(peerDisconnected);
    const next = await openSocket(`${staying.url}/?roomId=${room}`);
    next.send(candidate(1));
    expect(await remote.next()).toEqual(candidate(1));
    await staying.service.stop();
  });

  it('of many takes its time, so that they do not all come elsewhere at once, and readiness is red before the first', async () => {
    const prefix = `${uniqueId('drain')}:`;
    const service = await processes.start({ DRAIN_TIMEOUT_MS: '8000', REDIS_KEY_PREFIX: prefix });
    const room = uniqueId('room');
    const closedAtMs: number[] = [];
    const members = await Promise.all(
      Array.from({ length: MEMBERS }, (_, i) => joinAt(service, `${room}-${i >> 1}`)),
    );
    for (const { socket } of members) socket.once('close', () => closedAtMs.push(performance.now()));
    const known = () =>
      inside({ ...store.env, REDIS_KEY_PREFIX: prefix }, async ({ client, keys }) => {
        const rooms = Array.from({ length: MEMBERS / 2 }, (_, i) =>
          client.hlen(keys.room.members(`${room}-${i}`)),
        );
        return (await Promise.all(rooms)).reduce((sum, size) => sum + size, 0);
      });
    await waitFor(async () => (await known()) === MEMBERS, 'all are in');

    const startedAtMs = performance.now();
    const exited = service.stop('SIGTERM');
    await waitFor(() => closedAtMs.length > 0, 'the first is closed');
    expect((await probe(service, '/readyz')).status).toBe(503);
    expect((await probe(service, '/healthz')).status).toBe(200);
    for (const member of members) expect(await member.waitClosed()).toEqual(DRAINING);
    expect(await exited).toBe(0);
    expect(performance.now() - startedAtMs).toBeLessThan(8_000);

    // About a millisecond each, by the clock of who closes them; and they saw it one after the other.
    expect(loggedAtMs(service, 'stopped') - loggedAtMs(service, 'stopping')).toBeGreaterThan(0.95 * MEMBERS);
    expect((closedAtMs.at(-1) ?? 0) - (closedAtMs[0] ?? 0)).toBeGreaterThan(MEMBERS / 4);

    const left = await lifetimes({ ...store.env, REDIS_KEY_PREFIX: prefix });
    // Counters stay for a while; nobody is a member, nothing is held, and the instance has gone.
    const ofMembers = [...left.keys()].filter((key) => !/\}:(state|log|grants)$|\{limit:/.test(key));
    expect(ofMembers).toEqual([]);
    expect([...left.values()].filter((ms) => ms < 0)).toEqual([]);
  });

  it('of more than it has time for is over in time all the same', async () => {
    // Half of the time is for closing: less than a millisecond each.
    const tooMany = 2.5 * MEMBERS;
    const service = await processes.start({ DRAIN_TIMEOUT_MS: '4900' });
    const room = uniqueId('room');
    const members = await Promise.all(
      Array.from({ length: tooMany }, (_, i) => joinAt(service, `${room}-${i >> 1}`)),
    );
    const exited = service.stop('SIGTERM');
    for (const member of members) expect(await member.waitClosed()).toEqual(DRAINING);
    expect(await exited).toBe(0);
  });

  it('makes up for what the machine took of its time: all that are due are closed at once', async () => {
    const service = await processes.start({ DRAIN_TIMEOUT_MS: '20000' });
    const room = uniqueId('room');
    const members = await Promise.all(
      Array.from({ length: MEMBERS }, (_, i) => joinAt(service, `${room}-${i >> 1}`)),
    );
    const exited = service.stop('SIGTERM');
    await waitFor(() => members.some(({ closed }) => closed), 'the first is closed');
    service.process.kill('SIGSTOP');
    // A millisecond for each: the time of the last one is over.
    await delay(MEMBERS);
    service.process.kill('SIGCONT');
    const seen = new Set<number>();
    const areClosed = async () => {
      seen.add(metric(await metricsOf(service), 'closes_total{reason="Server draining"}'));
      return seen.has(MEMBERS);
    };
    await waitFor(areClosed, 'all are closed', 10_000, 0);
    // In one step after the one that it hung in; otherwise there would be about a hundred.
    expect(seen.size).toBeLessThanOrEqual(2);
    for (const member of members) expect(await member.waitClosed()).toEqual(DRAINING);
    expect(await exited).toBe(0);
  });

  it('ends at once at the second signal', async () => {
    const service = await processes.start({ DRAIN_TIMEOUT_MS: '60000' });
    const stuck = await rawUpgrade(service.port, `/?roomId=${uniqueId('room')}`);
    service.process.kill('SIGTERM');
    await waitFor(() => service.log.some((line) => line.includes('stopping')), 'the first signal is seen');
    const startedAt = performance.now();
    expect(await service.stop('SIGTERM')).toBe(143);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    stuck.socket.destroy();
  });
});
