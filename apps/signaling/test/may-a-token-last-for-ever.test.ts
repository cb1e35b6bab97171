import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openSocket, useRedis } from '@parley/testkit';
import { schemaError } from './support/messages.js';
import { useSignaling } from './support/signaling.js';

const redis = useRedis();
const auth = { ENABLE_AUTH: 'true', JWT_SECRET: 'the-secret-of-this-test' };

/** A token that names no end. */
function endlessToken(room: string): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ rooms: [room] })}`;
  return `${unsigned}.${createHmac('sha256', auth.JWT_SECRET).update(unsigned).digest('base64url')}`;
}

describe.each([
  { enforced: 'false', isLetIn: true },
  { enforced: 'true', isLetIn: false },
])('a token without an end, with JWT_ENFORCE_EXPIRY=$enforced', ({ enforced, isLetIn }) => {
  const signaling = useSignaling(redis, 1, { ...auth, JWT_ENFORCE_EXPIRY: enforced });

  it(`is ${isLetIn ? 'let in' : 'refused'}`, async () => {
    const room = signaling.room();
    const url = `${signaling.instances[0]?.url}/?roomId=${room}&token=${endlessToken(room)}`;
    const member = await openSocket(url);
    if (!isLetIn) {
      expect(await member.waitClosed()).toEqual({ code: 1008, reason: 'Unauthorized' });
      return;
    }
    member.send('no message');
    expect(await member.next()).toEqual(schemaError);
  });
});
