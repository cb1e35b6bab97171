import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { SignalingStore } from '@parley/redis-scripts';
import { openSocket, useStore, waitFor } from '@parley/testkit';
import { Rooms } from '../src/room/rooms.js';
import { offer, peerDisconnected, schemaError } from './support/messages.js';
import { layouts, useSignaling } from './support/signaling.js';

const store = useStore();

/** Holds back what passes between `close` and `open`. */
function barrier() {
  let opened = Promise.resolve();
  let open = () => {};
  return {
    close() {
      opened = new Promise((resolve) => (open = resolve));
    },
    open: () => open(),
    pass: () => opened,
  };
}

/** In the way of Redis' answers to joins, and of what the subscription brings. */
const [joinAnswers, entries] = [barrier(), barrier()];
let [answeredJoins, answeredLeaves] = [0, 0];

/** Do something around every call of a method; only in this file's process. */
function around(prototype: object, method: string, run: (call: () => unknown) => unknown): void {
  const original = Reflect.get(prototype, method) as (...args: unknown[]) => unknown;
  Reflect.set(prototype, method, function (this: unknown, ...args: unknown[]) {
    return run(() => original.apply(this, args));
  });
}

around(SignalingStore.prototype, 'join', async (join) => {
  const entered = await join();
  answeredJoins += 1;
  await joinAnswers.pass();
  return entered;
});
around(SignalingStore.prototype, 'leave', async (leave) => {
  const presence = await leave();
  answeredLeaves += 1;
  return presence;
});
around(Rooms.prototype, 'take', (take) => void entries.pass().then(take));

afterEach(() => {
  joinAnswers.open();
  entries.open();
});

describe.each(layouts)('a member that leaves while another joins, on $layout', ({ count }) => {
  const signaling = useSignaling(store, count, { ROOM_CAPACITY: '3' });
  const urlFor = (room: string, at: 0 | -1) => `${signaling.instances.at(at)?.url}/?roomId=${room}`;

  /** A newcomer on the last instance; the answer to what it says first shows when its join is done. */
  const newcomer = (room: string) => openSocket(urlFor(room, -1), {}, (socket) => socket.send('not json'));

  it('leaves nothing that was held for the newcomer, or the newcomer is told that it left', async () => {
    const room = signaling.room();
    const leaves = await openSocket(urlFor(room, 0));
    leaves.send(offer);
    leaves.send('not json');
    expect(await leaves.next()).toEqual(schemaError);
    joinAnswers.close();
    const answered = answeredJoins;
    const comes = await newcomer(room);
    await waitFor(() => answeredJoins > answered, 'Redis counts the newcomer');
    await leaves.close();
    joinAnswers.open();
    await waitFor(
      () => comes.messages.some((each) => isDeepStrictEqual(each, schemaError)),
      'its join is done',
    );
    const ofLeaver = () => comes.messages.filter((each) => !isDeepStrictEqual(each, schemaError));
    await waitFor(
      () => ofLeaver().length === 0 || isDeepStrictEqual(ofLeaver(), [offer, peerDisconnected]),
      'nothing of it, or its end too',
    );
  });

  it('leaves nothing that it said after the newcomer was counted', async () => {
    const room = signaling.room();
    const [leaves, stays] = [await openSocket(urlFor(room, 0)), await openSocket(urlFor(room, -1))];
    stays.send(offer);
    expect(await leaves.next()).toEqual(offer);
    joinAnswers.close();
    const answered = answeredJoins;
    const comes = await newcomer(room);
    await waitFor(() => answeredJoins > answered, 'Redis counts the newcomer');
    leaves.send(offer);
    expect(await stays.next()).toEqual(offer);
    await leaves.close();
    expect(await stays.next()).toEqual(peerDisconnected);
    joinAnswers.open();
    await waitFor(() => comes.messages.length > 0, 'the newcomer is in');
    expect(comes.messages).toEqual([schemaError]);
  });

  it('before it is not told to the newcomer, which never met it', async () => {
    const room = signaling.room();
    const [leaves, stays] = [await openSocket(urlFor(room, 0)), await openSocket(urlFor(room, -1))];
    stays.send(offer);
    expect(await leaves.next()).toEqual(offer);
    entries.close();
    const answered = answeredLeaves;
    await leaves.close();
    await waitFor(() => answeredLeaves > answered, 'Redis knows that it left');
    const comes = await newcomer(room);
    expect(await comes.next()).toEqual(schemaError);
    entries.open();
    expect(await stays.next()).toEqual(peerDisconnected);
    comes.send('not json');
    expect(await comes.next()).toEqual(schemaError);
  });
});
