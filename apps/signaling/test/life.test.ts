import { describe, expect, it } from 'vitest';
import { useStore, waitFor } from '@parley/testkit';
import { offer, peerDisconnected } from './support/messages.js';
import { rawUpgrade } from './support/raw.js';
import { layouts, useSignaling } from './support/signaling.js';

const store = useStore();

describe.each(layouts)('connections, on $layout', ({ count }) => {
  const signaling = useSignaling(store, count, {
    HEARTBEAT_INTERVAL_MS: '200',
    BACKPRESSURE_CLOSE_THRESHOLD_BYTES: '200000',
  });

  it('end when a ping is not answered, and the others are told', async () => {
    const room = signaling.room();
    const stays = await signaling.join(room);
    const hangs = await signaling.join(room, { autoPong: false });
    expect(await stays.next(3_000)).toEqual(peerDisconnected);
    expect((await hangs.waitClosed()).code).toBe(1006);
    expect(stays.closed).toBeUndefined();
  });

  it('end when they do not keep up (1013), without harm to the room', async () => {
    const room = signaling.room();
    const slow = await signaling.join(room);
    const fast = await signaling.join(room);
    slow.socket.pause();
    const large = { type: 'offer', sdp: 'x'.repeat(100_000) };
    await waitFor(() => {
      fast.send(large);
      return fast.messages.length > 0;
    }, 'the slow one is closed');
    expect(fast.messages[0]).toEqual(peerDisconnected);
    expect(fast.closed).toBeUndefined();
    slow.socket.resume();
    expect((await slow.waitClosed()).code).toBeOneOf([1013, 1006]);
  });

  it('that say goodbye leave their place at once, however long they take to go', async () => {
    const room = signaling.room();
    const stays = await signaling.join(room);
    const instance = signaling.instances.at(-1);
    const reloads = await rawUpgrade(instance?.port ?? 0, `/?roomId=${room}`);
    stays.send(offer);
    await waitFor(() => reloads.answer().includes('offer'), 'both are in');
    // A close frame, masked with zeros; the connection itself stays open.
    reloads.socket.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
    expect(await stays.next()).toEqual(peerDisconnected);
    const again = await signaling.join(room);
    again.send(offer);
    expect(await stays.next()).toEqual(offer);
    reloads.socket.destroy();
  });

  it('that close during their own join leave no member behind', async () => {
    const room = signaling.room();
    for (let i = 0; i < 10; i += 1) {
      const gone = await signaling.join(room, undefined, (socket) => socket.terminate());
      await gone.waitClosed();
    }
    const [a, b] = [await signaling.join(room), await signaling.join(room)];
    await waitFor(() => {
      a.send(offer);
      return b.messages.length > 0 || b.closed;
    }, 'both are in');
    expect(b.closed).toBeUndefined();
  });
});
