import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uniqueId, useCluster, useRedis, waitFor } from '@parley/testkit';
import {
  InstanceStore,
  RoomBinding,
  RoomSubscriber,
  SignalingStore,
  decodeEntry,
  entrySeq,
  type Entry,
  type RedisConnection,
  type SignalingStoreOptions,
} from '../src/index.js';
import { useConnections } from './support.js';

const servers = [
  { server: 'one Redis', redis: useRedis() },
  { server: 'a Redis Cluster', redis: useCluster() },
];

const bounds: SignalingStoreOptions = {
  instanceId: 'x',
  capacity: 2,
  roomTtlMs: 500,
  aliveMs: 60_000,
  heldMaxMessages: 5,
  heldMaxBytes: 1_000,
  heldTtlMs: 300,
};
const entrant = (memberId: string) => ({ memberId, evidence: 'none' as const });
const message = (from: string, n: number, text = `"${n}"`) => ({ from, n, text });

describe.each(servers)('rooms of signaling, on $server', ({ redis }) => {
  const connect = useConnections();
  let connection: RedisConnection;
  let room: string;
  const store = (instanceId: string, changed: Partial<SignalingStoreOptions> = {}) =>
    new SignalingStore(connection, { ...bounds, ...changed, instanceId });
  /** How long a key still lives, ms; -1 for ever, -2 not there. */
  const lifeOf = (key: string) => connection.command('pttl', (client) => client.pttl(key));
  /** Two instances that hear what is published, as those that have members do. */
  let listeners: RoomSubscriber[];
  beforeEach(async () => {
    connection = await connect(redis.env);
    room = uniqueId('room');
    listeners = ['i', 'j'].map(
      (id) => new RoomSubscriber(connection, id, { onEntry: () => {}, onResubscribed: () => {} }),
    );
    for (const each of listeners) {
      await each.connect();
      await waitFor(() => each.subscribe(room).then(() => true), 'it is subscribed');
    }
  });
  afterEach(() => {
    for (const each of listeners) each.close();
  });

  it('let in as many as fit, in the order of their joins, and say who is there', async () => {
    const [i, j] = [store('i'), store('j')];
    expect(await i.join(room, [entrant('i.1')])).toMatchObject({ refused: [], added: 1 });
    expect(await j.join(room, [entrant('j.1')])).toMatchObject({ refused: [], added: 1 });
    const full = await i.join(room, [entrant('i.2')]);
    expect(full).toMatchObject({ refused: ['i.2'], added: 0 });
    expect(full.members.map(({ memberId, instanceId }) => [memberId, instanceId])).toEqual([
      ['i.1', 'i'],
      ['j.1', 'j'],
    ]);
    expect(await i.join(room, [entrant('i.1')])).toMatchObject({ refused: [], added: 0 });
  });

  it('hold what the only member sends, bounded by count, the first ones first', async () => {
    const [i, j] = [store('i'), store('j')];
    await i.join(room, [entrant('i.1')]);
    const eight = Array.from({ length: 8 }, (_, n) => message('i.1', n + 1));
    expect(await i.send(room, eight, false)).toEqual({ outcome: 'held', dropped: 3 });
    const { held } = await j.join(room, [entrant('j.1')]);
    expect(held).toEqual(eight.slice(0, 5));
    expect(await i.send(room, [message('i.1', 9)], true)).toEqual({ outcome: 'published' });
    // The answer may have been lost.
    expect((await j.join(room, [entrant('j.1')])).held).toEqual(held);
    await j.handed(room, 'j.1', held);
    expect((await j.join(room, [entrant('j.1')])).held).toEqual([]);
  });

  it('hold what the only member sends, bounded by bytes and by time', async () => {
    const [i, j] = [store('i'), store('j')];
    await i.join(room, [entrant('i.1')]);
    expect(await i.send(room, [message('i.1', 1, `"${'x'.repeat(2_000)}"`)], true)).toEqual({
      outcome: 'held',
      dropped: 1,
    });
    expect(await i.send(room, [message('i.1', 2)], false)).toEqual({ outcome: 'held', dropped: 0 });
    await waitFor(async () => {
      const { held } = await j.join(room, [entrant('j.1')]);
      await j.leave(room, ['j.1']);
      if (held.length === 0) return true;
      await i.send(room, held, false);
      return new Promise((resolve) => setTimeout(resolve, 400, false));
    }, 'it is too old');
  });

  it('say that nobody is there to those whose members were lost', async () => {
    expect(await store('i').send(room, [message('i.1', 1)], true)).toEqual({ outcome: 'absent' });
  });

  it('number their entries without a gap, and log the last ones', async () => {
    const i = store('i');
    const { seq: since } = await i.join(room, [entrant('i.1')]);
    await store('j').join(room, [entrant('j.1')]);
    for (let n = 1; n <= 300; n += 1) await i.send(room, [message('i.1', n)], true);
    const { entries, seq } = await i.join(room, [entrant('i.1')], { since: since + 250 });
    expect(entries.map(entrySeq)).toEqual(Array.from({ length: 51 }, (_, k) => since + 251 + k));
    expect(seq).toBe(since + 301);
    const all = await i.join(room, [entrant('i.1')], { since });
    expect(all.entries.length).toBeLessThanOrEqual(128);
  });

  it('are held although somebody else is there, where only their own instance hears them', async () => {
    const [i, j] = [store('i'), store('j', { capacity: 4 })];
    await i.join(room, [entrant('i.1')]);
    await j.join(room, [entrant('j.1')]);
    listeners[1]?.close();
    await waitFor(
      async () => (await i.send(room, [message('i.1', 1)], true)).outcome === 'held',
      'the other one has gone',
    );
    expect(await i.send(room, [message('i.1', 1), message('i.1', 2)], true)).toEqual({
      outcome: 'held',
      dropped: 0,
    });
    // Each once; until somebody is known to have them, for the next one, and only for one at a time.
    const both = [message('i.1', 1), message('i.1', 2)];
    expect((await j.join(room, [entrant('j.2')])).held).toEqual(both);
    expect((await j.join(room, [entrant('j.3')])).held).toEqual([]);
    await j.leave(room, ['j.2', 'j.3']);
    expect((await j.join(room, [entrant('j.4')])).held).toEqual(both);
    await j.handed(room, 'j.4', both);
    expect((await j.join(room, [entrant('j.5')])).held).toEqual([]);
  });

  it('keep large messages from filling the log', async () => {
    const i = store('i');
    await i.join(room, [entrant('i.1')]);
    await store('j').join(room, [entrant('j.1')]);
    const large = `"${'x'.repeat(200_000)}"`;
    for (let n = 1; n <= 30; n += 1) await i.send(room, [message('i.1', n, large)], true);
    const log = connection.keys.room.log(room);
    const length = await connection.command('llen', (client) => client.llen(log));
    expect(length * large.length).toBeLessThan(1_500_000);
  });

  it('end some time after the last member left, and live as long as there is one', async () => {
    const i = store('i');
    await i.join(room, [entrant('i.1')]);
    await store('j').join(room, [entrant('j.1')]);
    await i.send(room, [message('i.1', 1)], true);
    const { members, state, log, held } = connection.keys.room;
    for (const key of [members, state, log])
      expect(await lifeOf(key(room))).toBeGreaterThan(bounds.roomTtlMs);
    await i.leave(room, ['i.1', 'j.1']);
    expect(await lifeOf(members(room))).toBe(-2);
    for (const key of [state, log]) expect(await lifeOf(key(room))).toBeLessThanOrEqual(bounds.roomTtlMs);
    await waitFor(async () => (await lifeOf(state(room))) === -2, 'it is forgotten');
    for (const key of [members, state, log, held]) expect(await lifeOf(key(room))).toBe(-2);
  });

  it('retire a dead instance’s members once, and only those', async () => {
    const [i, j] = [store('i', { capacity: 4 }), store('j', { capacity: 4 })];
    await i.join(room, [entrant('i.1'), entrant('i.2')]);
    await j.join(room, [entrant('j.1')]);
    const retired = await Promise.all([j.retire(room, 'i'), store('k').retire(room, 'i')]);
    expect(retired.map((each) => each.retired).toSorted((a, b) => a - b)).toEqual([0, 2]);
    expect((await j.join(room, [entrant('j.1')])).members.map(({ memberId }) => memberId)).toEqual(['j.1']);
  });

  it('retire members of dead instances in the very join that needs their place', async () => {
    await store('dead').join(room, [entrant('d.1'), entrant('d.2')]);
    const entered = await store('i').join(room, [entrant('i.1')], { dead: ['dead'] });
    expect(entered.refused).toEqual([]);
    expect(entered.members.map(({ memberId }) => memberId)).toEqual(['i.1']);
  });

  it('never number backwards after Redis has lost everything', async () => {
    const i = store('i');
    const before = await i.join(room, [entrant('i.1')]);
    const { members, state, log } = connection.keys.room;
    for (const key of [members, state, log])
      await connection.command('del', (client) => client.del(key(room)));
    const after = await i.join(room, [entrant('i.1')], { since: before.seq });
    expect(after.added).toBe(1);
    expect(after.seq).toBeGreaterThan(before.seq);
  });

  it('tell subscribers what happens, in order', async () => {
    const heard: Entry[] = [];
    const subscriber = new RoomSubscriber(connection, 'i', {
      onEntry: (roomId, entry) => roomId === room && heard.push(decodeEntry(entry)),
      onResubscribed: () => {},
    });
    await subscriber.connect();
    await waitFor(() => subscriber.subscribe(room).then(() => true), 'it is subscribed');
    const [i, j] = [store('i'), store('j')];
    await i.join(room, [entrant('i.1')]);
    await j.join(room, [entrant('j.1')]);
    await j.send(room, [message('j.1', 1), message('j.1', 2)], true);
    await j.leave(room, ['j.1']);
    await waitFor(() => heard.length === 3, 'three entries');
    expect(heard).toMatchObject([
      { kind: 'joined', instanceId: 'j', memberIds: ['j.1'] },
      { kind: 'messages', instanceId: 'j', messages: [message('j.1', 1), message('j.1', 2)] },
      { kind: 'left', memberIds: ['j.1'] },
    ]);
    subscriber.close();
  });

  it('that are bound to a host answer with who is there whenever that changes', async () => {
    const host = { region: uniqueId('region'), hostId: 'h {%} "1"' };
    const i = store('i');
    expect((await i.join(room, [entrant('i.1')])).presence).toBeUndefined();
    const bound = await new RoomBinding(connection).bindHost(room, host);
    expect(bound).toMatchObject({ ...host, roomId: room, members: [{ memberId: 'i.1', evidence: 'none' }] });
    const joined = (await i.join(room, [entrant('i.2')])).presence;
    const shown = await i.showEvidence(room, 'i.2', 'offered');
    const left = await i.leave(room, ['i.1']);
    expect([joined, shown, left].map((each) => each?.members.map(({ evidence }) => evidence))).toEqual([
      ['none', 'none'],
      ['none', 'offered'],
      ['offered'],
    ]);
    const versions = [bound, joined, shown, left].map((each) => each?.version ?? 0);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBe(4);
  });
});

describe.each(servers)('instances, on $server', ({ redis }) => {
  const connect = useConnections();

  it('are dead when their lease ends, and are forgotten once they are clean', async () => {
    const instances = new InstanceStore(await connect(redis.env));
    const [a, b] = [uniqueId('a'), uniqueId('b')];
    expect(await instances.beat(a, 100)).toMatchObject({ lapsed: true });
    expect(await instances.beat(a, 100)).toMatchObject({ lapsed: false });
    await waitFor(async () => (await instances.beat(b, 60_000)).dead.includes(a), 'it is dead');
    await instances.forget(a);
    expect((await instances.beat(b, 60_000)).dead).not.toContain(a);
    await instances.beat(a, 60_000);
    await instances.forget(a);
    expect(await instances.beat(a, 60_000)).toMatchObject({ lapsed: false });
    await instances.stops(b);
    expect(await instances.beat(b, 1)).toMatchObject({ lapsed: true });
  });

  it('are gone as soon as they are not subscribed and their sign of life is overdue', async () => {
    const connection = await connect(redis.env);
    const instances = new InstanceStore(connection);
    const [here, away] = [uniqueId('here'), uniqueId('away')];
    const times = { leaseMs: 1_000, overdueMs: 300 };
    const subscriber = new RoomSubscriber(connection, here, { onEntry: () => {}, onResubscribed: () => {} });
    await subscriber.connect();
    const states = () => instances.statesOf([here, away], times);
    await instances.beat(here, times.leaseMs);
    await instances.beat(away, times.leaseMs);
    await waitFor(async () => (await states()).join() === 'alive,silent', 'one is subscribed, one is not');
    await waitFor(async () => (await states()).join() === 'alive,gone', 'the silent one is overdue');
    await waitFor(async () => (await states()).join() === 'expired,gone', 'leases end');
    subscriber.close();
  });
});
