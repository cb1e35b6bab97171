import { waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { InstanceStore, OverviewStore, PoolStore } from '../src/index.js';
import { RoomCounts, type RoomNumbers } from '../src/overview/room-counts.js';
import { intercept, report, STREAMING, useConnection } from './pool-support.js';

const connect = useConnection();

const moved = (moves: number, ...roomIds: string[]) => roomIds.map((roomId) => ({ roomId, moves }));
const rooms = (...roomIds: string[]) => moved(0, ...roomIds);

/** Notes leave a little later than they are made. */
async function untilCounted(counts: RoomCounts, wanted: RoomNumbers): Promise<void> {
  const text = JSON.stringify(wanted);
  await waitFor(async () => JSON.stringify(await counts.read()) === text, `counts ${text}`);
}

describe('the overview', () => {
  it('has the members of the instances that live, and of no other', async () => {
    const connection = await connect();
    const [instances, overview] = [new InstanceStore(connection), new OverviewStore(connection)];
    await instances.beat('a', 60_000, 3);
    await instances.beat('b', 60_000, 4);
    await instances.beat('killed', 30, 5);
    await waitFor(async () => (await overview.read()).members === 7, 'only the living ones count');
    expect(await overview.read()).toMatchObject({ instances: 2, members: 7 });
    await instances.beat('a', 60_000, 1);
    await instances.stops('b');
    expect(await overview.read()).toMatchObject({ instances: 1, members: 1 });
    await instances.forget('killed');
  });

  it("counts a party's seats, and each lease once, also when it was carried to another region twice", async () => {
    const connection = await connect();
    const TIMES = { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30 };
    const pool = new PoolStore(connection, TIMES);
    const leased = async () =>
      (await new OverviewStore(connection).read()).regions.map((each) => [each.region, each.leased]);
    const host = report({ capacity: 5 });
    await pool.heartbeat(host);
    await pool.allocate({ ...STREAMING, seats: 2 });
    await pool.allocate({ ...STREAMING, seats: 1 });
    expect(await leased()).toEqual([['eu', 3]]);
    let isDead = false;
    const dying = intercept(connection, (name) => {
      if (isDead) throw new Error('dead');
      isDead = name === 'pool-register';
    });
    await expect(new PoolStore(dying, TIMES).heartbeat({ ...host, region: 'us' })).rejects.toThrow('dead');
    await pool.heartbeat({ ...host, region: 'us' });
    expect(await leased()).toEqual([
      ['eu', 0],
      ['us', 3],
    ]);
  });

  it('counts each room once, in the state that was noted last, and none for longer than it was noted', async () => {
    const connection = await connect();
    const counts = new RoomCounts(connection);
    counts.note('placed', rooms('a', 'b', 'c'), 60_000);
    counts.note('open', rooms('a', 'b'), 60_000);
    counts.note('open', rooms('a'), 60_000);
    counts.noteOver(rooms('b', 'unknown'));
    counts.note('placed', rooms('brief'), 30);
    await untilCounted(counts, { placed: 1, open: 1, migrating: 0, migrations: 0 });
  });

  it('counts every one of many rooms that change together', async () => {
    const connection = await connect();
    const counts = new RoomCounts(connection);
    const names = Array.from({ length: 1_200 }, (_, i) => `room-${i}`);
    counts.note('placed', rooms(...names), 60_000);
    counts.note('migrating', rooms(...names), 60_000);
    counts.note('placed', moved(1, ...names), 60_000);
    await untilCounted(counts, { placed: 1_200, open: 0, migrating: 0, migrations: 1_200 });
    counts.noteOver(moved(1, ...names));
    await untilCounted(counts, { placed: 0, open: 0, migrating: 0, migrations: 1_200 });
  });

  it('counts each migration once, however often and in whatever order it is noted, also after the end of its room', async () => {
    const connection = await connect();
    const counts = new RoomCounts(connection);
    counts.note('placed', moved(1, 'a', 'b'), 30);
    counts.note('open', moved(1, 'a'), 60_000);
    counts.note('migrating', moved(1, 'a'), 60_000);
    // Two at once, the first of which nobody noted.
    counts.note('placed', moved(3, 'a'), 60_000);
    await untilCounted(counts, { placed: 1, open: 0, migrating: 0, migrations: 4 });
    counts.noteOver(moved(3, 'a'));
    counts.note('open', moved(3, 'a'), 60_000);
    // Its first note ended long ago.
    counts.note('open', moved(1, 'b'), 60_000);
    await untilCounted(counts, { placed: 0, open: 2, migrating: 0, migrations: 4 });
  });
});
