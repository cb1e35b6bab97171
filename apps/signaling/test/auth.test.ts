import { describe, expect, it } from 'vitest';
import { loadConfig, signalingSettings } from '@parley/config';
import { mintRoomToken } from '@parley/runtime';
import { openSocket, startService, uniqueId, useStore } from '@parley/testkit';
import { answer, offer } from './support/messages.js';
import { generousLimits, useSignaling } from './support/signaling.js';
import { auth, tokenFor } from './support/tokens.js';

const store = useStore();

describe('with authentication', () => {
  const signaling = useSignaling(store, 1, auth);
  const open = (room: string, token?: string) =>
    openSocket(
      `${signaling.instances[0]?.url}/?roomId=${room}${token === undefined ? '' : `&token=${token}`}`,
    );

  it('a token that lists the room lets in, from the query or the header, and early messages are kept', async () => {
    const room = signaling.room();
    const page = await open(room, tokenFor(['other', room]));
    page.send(offer);
    const headers = { Authorization: `Bearer ${tokenFor([room])}` };
    const host = await openSocket(`${signaling.instances[0]?.url}/?roomId=${room}`, { headers });
    expect(await host.next()).toEqual(offer);
    host.send(answer);
    expect(await page.next()).toEqual(answer);
  });

  it('a room token of our own lets in as well', async () => {
    const room = signaling.room();
    const config = loadConfig(signalingSettings, auth);
    const [a, b] = [
      await open(room, mintRoomToken(config, { rooms: [room], role: 'host' }, 30)),
      await open(room, tokenFor([room])),
    ];
    a.send(offer);
    expect(await b.next()).toEqual(offer);
  });

  it('others are refused, and nothing they sent is relayed', async () => {
    const room = signaling.room();
    const host = await open(room, tokenFor([room]));
    const refused = [
      { token: undefined, reason: 'Unauthorized' },
      { token: 'nonsense', reason: 'Unauthorized' },
      { token: tokenFor([room], -1), reason: 'Unauthorized' },
      { token: tokenFor(['other']), reason: 'Forbidden' },
    ];
    for (const { token, reason } of refused) {
      const socket = await open(room, token);
      socket.send(offer);
      expect(await socket.waitClosed()).toEqual({ code: 1008, reason });
    }
    const page = await open(room, tokenFor([room]));
    page.send(answer);
    expect(await host.next()).toEqual(answer);
    expect(host.messages).toHaveLength(1);
  });
});

describe('the end of a token', () => {
  const enforced = useSignaling(store, 1, { ...auth, JWT_ENFORCE_EXPIRY: 'true' });
  const lenient = useSignaling(store, 1, auth);

  it('ends the connection only if the settings say so', async () => {
    const room = uniqueId('room');
    const query = `?roomId=${room}&token=${tokenFor([room], 2)}`;
    const stays = await openSocket(`${lenient.instances[0]?.url}/${query}`);
    const ends = await openSocket(`${enforced.instances[0]?.url}/${query}`);
    expect(await ends.waitClosed(4_000)).toEqual({ code: 1008, reason: 'Unauthorized' });
    expect(stays.closed).toBeUndefined();
  });
});

describe('a service with authentication', () => {
  it('never logs a token, however it fails', async () => {
    const service = await startService('signaling', {
      ...generousLimits,
      ...store.env,
      ...auth,
      LOG_LEVEL: 'trace',
    });
    const room = uniqueId('room');
    const tokens = [tokenFor([room]), tokenFor(['other']), tokenFor([room], -5), 'very-secret-nonsense'];
    for (const token of tokens) {
      const socket = await openSocket(`ws://127.0.0.1:${service.port}/?roomId=${room}&token=${token}`);
      if (token !== tokens[0]) await socket.waitClosed();
    }
    await fetch(`http://127.0.0.1:${service.port}/?roomId=${room}&token=${tokens[0]}`);
    expect(await service.stop()).toBe(0);
    const log = service.log.join('\n');
    for (const secret of [...tokens, auth.JWT_SECRET]) expect(log).not.toContain(secret);
  });

  it('does not start in production without its key', async () => {
    const env = { ...store.env, NODE_ENV: 'production', ENABLE_AUTH: 'true' };
    await expect(startService('signaling', env)).rejects.toThrow('JWT_SECRET');
  });
});
