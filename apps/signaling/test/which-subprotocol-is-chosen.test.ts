import { describe, expect, it } from 'vitest';
import { useRedis } from '@parley/testkit';
import { WebSocket } from 'ws';
import { chosenSubprotocol } from '../src/door/subprotocol.js';
import { useSignaling } from './support/signaling.js';

describe('of what a client offers', () => {
  it.each([
    { offered: [], required: undefined, chosen: undefined },
    { offered: ['parley.v1'], required: undefined, chosen: undefined },
    { offered: ['parley.v1', 'games'], required: undefined, chosen: 'games' },
    { offered: ['games', 'parley.v1'], required: undefined, chosen: 'games' },
    { offered: ['a', 'games'], required: 'games', chosen: 'games' },
    { offered: ['a', 'b'], required: 'games', chosen: 'a' },
  ])('$offered, of which $required is required: $chosen', ({ offered, required, chosen }) => {
    expect(chosenSubprotocol(new Set(offered), required)).toBe(chosen);
  });
});

describe('a client of a dialect that is not spoken here', () => {
  const redis = useRedis();
  const signaling = useSignaling(redis, 1);

  it('is not told that it is', async () => {
    const socket = new WebSocket(`${signaling.instances[0]?.url}/?roomId=${signaling.room()}`, [
      'parley.v1',
      'else',
    ]);
    await new Promise((resolve) => socket.once('open', resolve));
    expect(socket.protocol).toBe('else');
    socket.terminate();
  });
});
