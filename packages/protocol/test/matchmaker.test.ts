import { describe, expect, it } from 'vitest';
import { heartbeatBody } from '../src/index.js';

const accepts = (fields: Record<string, unknown>) =>
  heartbeatBody.safeParse({ hostId: 'h', roomId: 'r', ...fields }).success;

describe('a heartbeat', () => {
  it('takes any printable text as a host id, and no control characters or halves of a character', () => {
    expect(accepts({ hostId: '{6F9619FF-8B86-D011-B42D-00C04FC964FF}' })).toBe(true);
    expect(accepts({ hostId: 'Spiele-Rechner ß 🎮' })).toBe(true);
    expect(accepts({ hostId: 'a\u0000b' })).toBe(false);
    expect(accepts({ hostId: '\ud800' })).toBe(false);
  });

  it('takes host:port as an address, with a port that exists', () => {
    expect(
      ['game.example.com:7777', '10.0.0.1:1', '[::1]:65535'].map((address) => accepts({ address })),
    ).toEqual([true, true, true]);
    expect(['game:0', 'game:65536', 'game:99999', 'game'].map((address) => accepts({ address }))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
