import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSocket, startService, uniqueId, useRedis, waitFor, type TestSocket } from '@parley/testkit';
import { answer, offer } from './support/messages.js';
import { generousLimits } from './support/signaling.js';

const redis = useRedis();

describe('several workers on one port', () => {
  it('relay between each other, are counted together, are replaced when they die, and drain together', async () => {
    const service = await startService('signaling', {
      ...generousLimits,
      ...redis.env,
      WORKERS: '2',
      DRAIN_TIMEOUT_MS: '5000',
    });
    const workers = () =>
      readFileSync(`/proc/${service.process.pid}/task/${service.process.pid}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number);
    const open = (room: string) => openSocket(`ws://127.0.0.1:${service.port}/?roomId=${room}`);
    await waitFor(() => service.log.filter((line) => line.includes('"listening"')).length >= 3, 'all listen');
    expect(workers()).toHaveLength(2);

    const sockets: TestSocket[] = [];
    for (let i = 0; i < 10; i += 1) {
      const room = uniqueId('room');
      const [host, page] = [await open(room), await open(room)];
      page.send(offer);
      expect(await host.next()).toEqual(offer);
      host.send(answer);
      expect(await page.next()).toEqual(answer);
      sockets.push(host, page);
    }
    const metrics = async () => (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
    for (let i = 0; i < 4; i += 1) {
      expect(await metrics()).toMatch(/^cloudgaming_active_connections 20$/m);
      expect(await metrics()).toMatch(/^cloudgaming_redis_up 1$/m);
    }

    const [victim = 0] = workers();
    process.kill(victim, 'SIGKILL');
    await waitFor(() => workers().length === 2 && !workers().includes(victim), 'it is replaced');
    await waitFor(() => sockets.some(({ closed }) => closed), 'its members are cut off');
    const survivors = sockets.filter(({ closed }) => !closed);
    expect(survivors.length).toBeGreaterThan(0);

    expect(await service.stop('SIGTERM')).toBe(0);
    for (const each of survivors)
      expect(await each.waitClosed()).toEqual({ code: 1012, reason: 'Server draining' });
  });

  it('end when one cannot listen', async () => {
    const first = await startService('signaling', redis.env);
    const env = { ...redis.env, PORT: String(first.port), WORKERS: '2' };
    await expect(startService('signaling', env)).rejects.toThrow(/EADDRINUSE/);
    await first.stop();
  });
});
