import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { useRedis, waitFor } from '@parley/testkit';
import { candidate, offer } from './support/messages.js';
import { rawUpgrade } from './support/raw.js';
import { layouts, useSignaling } from './support/signaling.js';

const redis = useRedis();
const compressed = { perMessageDeflate: true };

describe('without WS_PER_MESSAGE_DEFLATE', () => {
  const signaling = useSignaling(redis, 1);

  it('nothing is compressed, whatever a client offers', async () => {
    const member = await signaling.join(signaling.room(), compressed);
    expect(member.socket.extensions).toBe('');
  });
});

describe.each(layouts)('with WS_PER_MESSAGE_DEFLATE, on $layout', ({ count }) => {
  const signaling = useSignaling(redis, count, {
    WS_PER_MESSAGE_DEFLATE: 'true',
    MESSAGE_MAX_BYTES: '200000',
    BACKPRESSURE_CLOSE_THRESHOLD_BYTES: '2000000',
  });

  /** What is agreed on when a client offers this. */
  async function agreed(offers: string): Promise<string | undefined> {
    const [{ port } = { port: 0 }] = signaling.instances;
    const target = `/?roomId=${signaling.room()}`;
    const { socket, answer } = await rawUpgrade(port, target, { 'Sec-WebSocket-Extensions': offers });
    socket.destroy();
    expect(answer()).toMatch(/^HTTP\/1\.1 101 /);
    return /^Sec-WebSocket-Extensions: (.*)$/m.exec(answer())?.[1]?.trim();
  }

  const bounded =
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12';

  it.each([
    { offers: 'permessage-deflate', extensions: bounded },
    { offers: 'permessage-deflate; client_max_window_bits', extensions: bounded },
    { offers: 'permessage-deflate; server_max_window_bits=10', extensions: undefined },
    { offers: 'permessage-deflate; server_max_window_bits=10, permessage-deflate', extensions: bounded },
  ])('a small window, and nothing kept between messages, for $offers', async ({ offers, extensions }) => {
    const params = (header: string | undefined) => header?.split('; ').toSorted();
    expect(params(await agreed(offers))).toEqual(params(extensions));
  });

  it('a burst arrives whole and in order, whoever compresses', async () => {
    const room = signaling.room();
    const [a, b] = [await signaling.join(room, compressed), await signaling.join(room)];
    expect([a.socket.extensions, b.socket.extensions]).toEqual([
      expect.stringContaining('permessage-deflate'),
      '',
    ]);
    const burst = Array.from({ length: 200 }, (_, n) =>
      // Below and above the size from which compression is worth it.
      n % 3 === 0 ? { ...offer, sdp: `${n}`.repeat(1_000) } : candidate(n),
    );
    for (const message of burst) {
      a.send(message);
      b.send(message);
    }
    await waitFor(() => a.messages.length >= 200 && b.messages.length >= 200, 'all arrive');
    expect(a.messages).toEqual(burst);
    expect(b.messages).toEqual(burst);
  });

  it('a message that is too large once it is unpacked closes its sender alone', async () => {
    const room = signaling.room();
    const [bomber, stays] = [await signaling.join(room, compressed), await signaling.join(room, compressed)];
    bomber.send({ ...offer, sdp: ' '.repeat(5_000_000) });
    expect((await bomber.waitClosed()).code).toBe(1009);
    expect(await stays.next()).toEqual({ type: 'peer-disconnected' });
    expect(stays.closed).toBeUndefined();
  });

  it('a member that does not keep up is closed, without harm to the room', async () => {
    const room = signaling.room();
    const [slow, fast] = [await signaling.join(room, compressed), await signaling.join(room, compressed)];
    slow.socket.pause();
    const large = { ...offer, sdp: randomBytes(100_000).toString('hex').slice(0, 150_000) };
    await waitFor(() => {
      fast.send(large);
      return fast.messages.length > 0;
    }, 'the slow one is closed');
    expect(fast.messages[0]).toEqual({ type: 'peer-disconnected' });
    expect(fast.closed).toBeUndefined();
    slow.socket.terminate();
  });
});
