import { describe, expect, it } from 'vitest';
import { useRedis } from '@parley/testkit';
import { useSignaling } from './support/signaling.js';
import { join } from './support/v1.js';

const signaling = useSignaling(useRedis(), 1, { SUBPROTOCOL: 'parley.v1' });

describe('where SUBPROTOCOL is parley.v1', () => {
  it('clients that speak it get in', async () => {
    const client = await join(signaling.instances[0]?.url ?? '', signaling.room());
    expect(client.socket.protocol).toBe('parley.v1');
    await client.close();
  });

  it.each([[], ['games']])('clients that offer %j do not', async (...protocols) => {
    const refused = await signaling.join(signaling.room(), { protocols });
    expect((await refused.waitClosed()).reason).toBe('Subprotocol required');
  });
});
