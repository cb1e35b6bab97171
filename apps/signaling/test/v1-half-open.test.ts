import { describe, expect, it } from 'vitest';
import { useRedis, waitFor } from '@parley/testkit';
import { candidate } from './support/messages.js';
import { useSignaling } from './support/signaling.js';
import { askToResume, join, resume, type Welcome } from './support/v1.js';

const quick = {
  REDIS_COMMAND_TIMEOUT_MS: '300',
  CB_ERROR_THRESHOLD: '3',
  CB_OPEN_MS: '500',
  RESUME_GRACE_SECONDS: '30',
};

describe('a chat that Redis does not take', () => {
  const redis = useRedis();
  const signaling = useSignaling(redis, 1, quick);
  const url = () => signaling.instances[0]?.url ?? '';
  const untilReady = () =>
    waitFor(
      async () => (await fetch(`http://127.0.0.1:${signaling.instances[0]?.port}/readyz`)).ok,
      'it is over',
      15_000,
    );

  /** Two members, one of whom says something while Redis hangs. */
  async function sayInVain(options = {}) {
    const room = signaling.room();
    const a = await join(url(), room, options);
    const b = await join(url(), room);
    await waitFor(() => a.of('peer-joined').length, 'they know of each other');
    // Everything that the joins brought is with Redis by then.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await redis.pause();
    try {
      a.send({ type: 'chat', text: 'hello?', seq: 1 });
      a.send({ ...candidate(2), seq: 2 });
      await waitFor(() => a.of('error').length, 'it is refused');
    } finally {
      await redis.resume();
    }
    await untilReady();
    return { room, a, b };
  }

  it('counts as not taken on a connection that hangs: it is said again after the resume, and once', async () => {
    // It answers no ping: to the server nothing shows that it has heard anything.
    const { room, a, b } = await sayInVain({ autoPong: false });
    const back = await waitFor(async () => {
      const socket = await askToResume(url(), room, a.welcome.resumeToken);
      await waitFor(() => socket.messages.length > 0 || socket.closed, 'an answer');
      return (socket.messages[0] as Welcome | undefined)?.type === 'welcome' ? socket : undefined;
    }, 'it is back');
    expect(back.messages[0]).toMatchObject({ memberId: a.welcome.memberId, received: 0 });
    back.send({ type: 'chat', text: 'hello?', seq: 1 });
    back.send({ ...candidate(2), seq: 2 });
    await waitFor(() => b.of('candidate').length, 'the one after it arrives');
    expect(b.of('chat')).toMatchObject([{ text: 'hello?', seq: 1 }]);
    expect(b.of('candidate')).toHaveLength(1);
  });

  it('is refused by its number where that is heard, and what was said after it arrives', async () => {
    const { room, a, b } = await sayInVain();
    expect(a.of('error')).toMatchObject([{ code: 'unavailable', seq: 1 }]);
    await waitFor(() => b.of('candidate').length, 'the one after it arrives');
    a.socket.terminate();
    await waitFor(() => b.of('peer-away').length, 'it is away');
    expect((await resume(url(), room, a)).welcome).toMatchObject({ received: 2 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(b.of('chat')).toEqual([]);
  });
});
