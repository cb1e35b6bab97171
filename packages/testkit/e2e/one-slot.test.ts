import { describe, expect, it } from 'vitest';
import { uniqueId } from '../src/ids.js';
import { findMatch, heartbeat } from './support/api.js';

const CLIENTS = 20;

describe('one slot and many clients', () => {
  it('gives exactly one match to 20 clients at once, though the host goes on saying that it is idle', async () => {
    const region = uniqueId('region');
    const host = {
      hostId: uniqueId('host'),
      roomId: uniqueId('room'),
      region,
      status: 'idle',
      availableSlots: 1,
    };
    expect(await heartbeat(host)).toMatchObject({ status: 200, body: { success: true } });

    const finds = Array.from({ length: CLIENTS }, async (_, index) => {
      // Between the finds, and while they are under way, as a real host does it.
      if (index % 4 === 0) await heartbeat(host);
      return findMatch({ region });
    });
    const answers = await Promise.all(finds);

    const found = answers.filter(({ status }) => status === 200);
    expect(found).toMatchObject([{ body: { found: true, roomId: host.roomId } }]);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(CLIENTS - 1);

    await heartbeat(host);
    expect(await findMatch({ region })).toMatchObject({ status: 404, body: { found: false } });
  });
});
