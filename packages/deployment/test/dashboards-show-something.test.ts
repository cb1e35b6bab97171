import { openSocket, startService, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { askedBy, DASHBOARDS } from './support/monitoring-files.js';
import { startPrometheus } from './support/prometheus.js';
import { SERVICES, type ServiceName } from './support/services.js';
import { findPrometheus } from './support/tools.js';

const found = await findPrometheus();
const why = found.ok ? '' : ` (skipped, no Prometheus: ${found.reason})`;
const redis = useRedis();

/** What a short and healthy life does not count: no series, until it happens for the first time. */
const RARE =
  /rate_limit_drops|ice_|resumes|gaps|unsent|retired|ALERTS|cloudgaming_redis_up == 0|rooms_moved|provisioner_(hosts|changes|errors)/;
/** Of these the first value has to be there before they grow. */
const LATE = /closes_total|reaped_total/;

const LIVE_EVERY_MS = 300;
const MAX_WAIT_MS = 25_000;

it.skipIf(!found.ok)(
  `every panel shows something as soon as there is something to show${why}`,
  async () => {
    const HOST_SECRET = uniqueId('secret');
    const ports = {} as Record<ServiceName, number>;
    for (const name of SERVICES) {
      const service = await startService(name, { ...redis.env, HOST_SECRET });
      onTestFinished(() => service.stop().then(() => undefined));
      ports[name] = service.port;
    }
    const prometheus = await startPrometheus(ports);
    onTestFinished(() => prometheus.stop());
    const post = (name: ServiceName, path: string, body: object) =>
      fetch(`http://127.0.0.1:${ports[name]}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${HOST_SECRET}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const [hostId, region] = [uniqueId('host'), uniqueId('region')];
    const room = `ws://127.0.0.1:${ports.signaling}/?roomId=${uniqueId('room')}`;
    const [one, two] = [await openSocket(room), await openSocket(room)];
    /** A little of everything that goes on all the time. */
    const live = async () => {
      await post('matchmaker', '/api/host/heartbeat', { hostId, roomId: hostId, region, capacity: 2 });
      await post('matchmaker', '/api/match/find', { region });
      await post('gateway', '/api/rooms', { region });
      for (let sent = 0; sent < 64; sent++) one.send({ type: 'offer', sdp: 'v=0\r\n' });
      one.send({ type: 'no such thing' });
    };

    const asked = DASHBOARDS.flatMap(({ name, panels }) =>
      panels.flatMap((panel) => askedBy(panel).map((expr) => ({ panel: `${name}: ${panel.title}`, expr }))),
    );
    const expected = asked.filter(({ expr }) => !RARE.test(expr) && !LATE.test(expr));
    expect(expected.length).toBeGreaterThan(40);
    let [livedAtMs, shown] = [0, 0];
    await waitFor(
      async () => {
        if (Date.now() - livedAtMs > LIVE_EVERY_MS) {
          await live();
          livedAtMs = Date.now();
        }
        const next = expected[shown];
        if (next && (await prometheus.count(next.expr)) > 0) shown += 1;
        return shown === expected.length;
      },
      'every panel shows something',
      MAX_WAIT_MS,
    ).catch(() => undefined);
    expect(expected[shown]).toBeUndefined();
    for (const { expr } of asked) await prometheus.count(expr);
    expect(await prometheus.failedRules()).toEqual([]);
    await Promise.all([one.close(), two.close()]);
  },
  60_000,
);
