import { describe, expect, it } from 'vitest';
import { uniqueId, useRedis } from '@parley/testkit';
import { attach, refreshIceServers } from '../src/index.js';
import { createPeer } from './support/peer.js';
import { useStack } from './support/services.js';
import { record } from './support/sessions.js';

const redis = useRedis();
const stack = useStack(redis);

describe('STUN and TURN servers of a session', () => {
  it('are renewed before their credentials expire, again and again, and its connection gets them', async () => {
    const signaling = await stack.start('signaling');
    const matchmaker = await stack.start('matchmaker', {
      TURN_URLS: 'turn:127.0.0.1:3478',
      TURN_SECRET: 'secret',
      TURN_EXPIRY_SECONDS: '60',
    });
    const { iceServers } = await refreshIceServers(matchmaker.url);
    const soon = Math.floor(Date.now() / 1000) + 2;
    const old = iceServers.map((server) =>
      server.username ? { ...server, username: `${soon}:me` } : server,
    );
    const where = { roomId: uniqueId('room'), signalingUrl: signaling.url, iceServers: old };
    const asked: number[] = [];
    const player = record(where, {
      refreshIce: async (signal) => {
        asked.push(Date.now());
        if (asked.length === 1) throw new Error('away');
        const answer = await refreshIceServers(matchmaker.url, { signal });
        return { ...answer, expiresAt: Date.now() + 1_500 };
      },
    });
    const pc = createPeer();
    attach(pc, player.session);
    expect(player.session.iceServers).toEqual(old);
    expect(await player.until('error')).toMatchObject({ code: 'ice-refresh-failed' });
    const fresh = await player.until('ice-servers');
    expect(asked[0]).toBeLessThan(soon * 1000);
    expect(player.session.iceServers).toEqual(fresh);
    expect(pc.getConfiguration().iceServers).toEqual(fresh);
    await player.until('ice-servers', 2);
    player.session.close();
    const count = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(asked).toHaveLength(count);
  });
});
