import { describe, expect, it } from 'vitest';
import { chosenSubprotocol } from '../src/door/subprotocol.js';

describe('of what a client offers', () => {
  it.each([
    { offered: [], required: undefined, chosen: undefined },
    { offered: ['parley.v1'], required: undefined, chosen: 'parley.v1' },
    { offered: ['parley.v1', 'games'], required: 'games', chosen: 'parley.v1' },
    { offered: ['games', 'parley.v1'], required: undefined, chosen: 'parley.v1' },
    { offered: ['a', 'games'], required: 'games', chosen: 'games' },
    { offered: ['a', 'b'], required: 'games', chosen: 'a' },
  ])('$offered, of which $required is required: $chosen', ({ offered, required, chosen }) => {
    expect(chosenSubprotocol(new Set(offered), required)).toBe(chosen);
  });
});
