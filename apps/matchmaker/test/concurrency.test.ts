import { useStore } from '@parley/testkit';
import { beforeAll, expect, it } from 'vitest';
import { heartbeat, useMatchmakers, type Ask } from './support.js';

const redis = useStore();
const matchmaker = useMatchmakers();
let asks: readonly Ask[];

beforeAll(async () => {
  asks = await Promise.all([1, 2].map(async () => (await matchmaker({ ...redis.env })).ask));
});

/** Ask one of two matchmakers that share nothing but Redis. */
const ask: Ask = (...request) => {
  const one = asks[Math.floor(Math.random() * asks.length)];
  if (!one) throw new Error('no matchmaker');
  return one(...request);
};

it('20 concurrent finds for one slot, with heartbeats in between, give exactly one match', async () => {
  const host = heartbeat();
  await ask('POST', '/api/host/heartbeat', host);
  const finds = Array.from({ length: 20 }, async () => {
    await ask('POST', '/api/host/heartbeat', host);
    const { status } = await ask('POST', '/api/match/find', { region: host.region });
    await ask('POST', '/api/host/heartbeat', host);
    return status;
  });
  const statuses = await Promise.all(finds);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 404)).toHaveLength(19);
});

it('64 concurrent clients get each of 400 slots once, and are told none only when all are gone', async () => {
  const regions = ['a', 'b', 'c', 'd'].map((name) => `many-${name}`);
  const hosts = Array.from({ length: 100 }, (_, at) => heartbeat({ capacity: 4, region: regions[at % 4] }));
  await Promise.all(hosts.map((host) => ask('POST', '/api/host/heartbeat', host)));
  let leases = 0;
  let refusedEarly = 0;
  let left = 450;
  const client = async () => {
    while (left-- > 0) {
      const { status } = await ask('POST', '/api/match/find', { regions });
      if (status === 200) leases++;
      else if (leases + 64 < 400) refusedEarly++;
    }
  };
  await Promise.all(Array.from({ length: 64 }, client));
  expect({ leases, refusedEarly }).toEqual({ leases: 400, refusedEarly: 0 });
});
