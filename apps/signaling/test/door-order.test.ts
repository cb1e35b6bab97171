import { describe, expect, it } from 'vitest';
import { closes } from '@parley/protocol';
import { openSocket, startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { rawUpgrade, type RawClient } from './support/raw.js';
import { generousLimits, startInstance, useSignaling } from './support/signaling.js';
import { auth, tokenFor } from './support/tokens.js';

const redis = useRedis();
const subprotocol = 'cloudgaming-v1';
const fullRoom = uniqueId('full');

/** Something wrong with a request, and the reason that it is refused for. In the order of the contract (§1). */
const faults = [
  { fault: 'a target that is no URL', close: closes.malformedRequest },
  { fault: 'a bad roomId', close: closes.invalidRoomId },
  { fault: 'no encryption', close: closes.wssRequired },
  { fault: 'a foreign origin', close: closes.originNotAllowed },
  { fault: 'no subprotocol', close: closes.subprotocolRequired },
  { fault: 'a bad token', close: closes.unauthorized },
  { fault: 'too many connections', close: closes.rateLimited },
  { fault: 'a full room', close: closes.roomFull },
] as const;

type Fault = (typeof faults)[number]['fault'];

const pairs = faults.flatMap((earlier, i) => faults.slice(i + 1).map((later) => ({ earlier, later })));

/** A request that has all of some faults, and no other. */
function requestWith(wrong: readonly Fault[], ip: string): [target: string, headers: Record<string, string>] {
  const has = (fault: Fault) => wrong.includes(fault);
  const free = uniqueId('room');
  const named = has('a full room') ? fullRoom : free;
  const token = has('a bad token') ? 'nonsense' : tokenFor([named]);
  const path = `/?roomId=${has('a bad roomId') ? 'a%20b' : named}&token=${token}`;
  const headers = {
    'X-Forwarded-For': ip,
    'X-Forwarded-Proto': has('no encryption') ? 'http' : 'https',
    Origin: has('a foreign origin') ? 'https://evil.example' : 'https://game.example',
    ...(!has('no subprotocol') && { 'Sec-WebSocket-Protocol': subprotocol }),
  };
  return [has('a target that is no URL') ? `http://[${path}` : path, headers];
}

const refusalOf = (client: RawClient) => waitFor(() => client.refusal(), 'it is refused');
const told = ({ code, reason }: { code: number; reason: string }) => ({ code, reason });

describe('a request with two faults', () => {
  const signaling = useSignaling(redis, 1, {
    ...auth,
    REQUIRE_WSS: 'true',
    TRUST_PROXY: '1',
    ALLOWED_ORIGINS: 'https://game.example',
    SUBPROTOCOL: subprotocol,
    RATE_LIMIT_CONN_PER_10S: '1',
    ROOM_CAPACITY: '1',
  });
  const port = () => signaling.instances[0]?.port ?? 0;
  let lastIp = 0;
  const freshIp = () => `198.51.100.${(lastIp += 1)}`;
  const open = async (wrong: readonly Fault[]) => {
    const ip = freshIp();
    if (wrong.includes('too many connections')) await enter(requestWith([], ip));
    return rawUpgrade(port(), ...requestWith(wrong, ip));
  };
  /** Uses up what its address may do. */
  const enter = async (request: readonly [string, Record<string, string>]) => {
    const before = await rooms();
    const client = await rawUpgrade(port(), ...request);
    await waitFor(async () => (await rooms()) === before + 1, 'it is in');
    expect(client.refusal()).toBeUndefined();
  };
  const rooms = async () =>
    Number(/local_rooms (\d+)/.exec((await signaling.instances[0]?.metrics()) ?? '')?.[1]);

  it('has a room that is full, for these tests', async () => {
    const [target, headers] = requestWith(['a full room'], freshIp());
    await enter([target, headers]);
  });

  it.each(faults)('is refused for $fault, if that is its only one', async ({ fault, close }) => {
    const client = await open([fault]);
    expect(await refusalOf(client)).toEqual(told(close));
    client.socket.destroy();
  });

  it.each(pairs)('is refused for $earlier.fault before $later.fault', async ({ earlier, later }) => {
    const client = await open([earlier.fault, later.fault]);
    expect(await refusalOf(client)).toEqual(told(earlier.close));
    client.socket.destroy();
  });
});

describe('before anything else', () => {
  it('an open circuit is told, and a drain before that', async () => {
    const proxy = await startTcpProxy(redis.url);
    const instance = await startInstance({
      ...generousLimits,
      REDIS_URL: proxy.url,
      CB_ERROR_THRESHOLD: '2',
      CB_OPEN_MS: '60000',
      REDIS_COMMAND_TIMEOUT_MS: '200',
      DRAIN_TIMEOUT_MS: '5000',
    });
    const nonsense = () => rawUpgrade(instance.port, 'http://[?roomId=a%20b');
    const member = await openSocket(`${instance.url}/?roomId=${uniqueId('room')}`);
    await waitFor(async () => (await instance.metrics()).includes('local_rooms 1'), 'it is in');
    expect(await refusalOf(await nonsense())).toEqual(told(closes.malformedRequest));

    await proxy.cut();
    await waitFor(async () => {
      const other = await openSocket(`${instance.url}/?roomId=${uniqueId('room')}`);
      await other.close();
      return (await instance.metrics()).includes('circuit_breaker_open 1');
    }, 'the circuit opens');
    expect(await refusalOf(await nonsense())).toEqual(told(closes.serviceUnavailable));

    // That the member has left cannot be told to Redis, so the drain takes its time.
    const stopped = instance.service.stop();
    await member.waitClosed();
    expect(await instance.metrics()).toContain('circuit_breaker_open 1');
    expect(await refusalOf(await nonsense())).toEqual(told(closes.draining));
    await stopped;
    await proxy.stop();
  });
});
