import { waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { InstanceStore, OverviewStore } from '../src/index.js';
import { RoomCounts, type RoomNumbers } from '../src/overview/room-counts.js';
import { useConnection } from './pool-support.js';

const connect = useConnection();

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

  it('counts each room once, in the state that was noted last, and none for longer than it was noted', async () => {
    const connection = await connect();
    const counts = new RoomCounts(connection);
    counts.note('placed', ['a', 'b', 'c'], 60_000);
    counts.note('open', ['a', 'b'], 60_000);
    counts.note('open', ['a'], 60_000);
    counts.note('over', ['b', 'unknown']);
    counts.note('placed', ['brief'], 30);
    await untilCounted(counts, { placed: 1, open: 1, migrating: 0, migrations: 0 });
  });

  it('counts every one of many rooms that change together', async () => {
    const connection = await connect();
    const counts = new RoomCounts(connection);
    const roomIds = Array.from({ length: 1_200 }, (_, i) => `room-${i}`);
    for (const state of ['placed', 'migrating', 'placed'] as const) counts.note(state, roomIds, 60_000);
    await untilCounted(counts, { placed: 1_200, open: 0, migrating: 0, migrations: 1_200 });
    counts.note('over', roomIds);
    await untilCounted(counts, { placed: 0, open: 0, migrating: 0, migrations: 1_200 });
  });

  it('counts a migration when a room is placed again, however often that is noted, and not when it comes back', async () => {
    const connection = await connect();
    const counts = new RoomCounts(connection);
    counts.note('migrating', ['moved', 'back'], 60_000);
    counts.note('placed', ['moved'], 60_000);
    counts.note('placed', ['moved'], 60_000);
    counts.note('open', ['back'], 60_000);
    await untilCounted(counts, { placed: 1, open: 1, migrating: 0, migrations: 1 });
  });
});
