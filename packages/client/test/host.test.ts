import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { attach, createRoom, findMatch, getRoom, joinRoom, ParleyError } from '../src/index.js';
import { recordHost, startGameServer } from './support/hosts.js';
import { createPeer, echo, forgetCertificate, opened, roundTrip } from './support/peer.js';
import { useStack } from './support/services.js';
import { record } from './support/sessions.js';
import { JWT_SECRET, userToken } from './support/user-token.js';

const redis = useRedis();
const stack = useStack(redis, { HOST_TTL_SECONDS: '3' });

const listed = async (matchmakerUrl: string, hostId: string) => {
  const hosts = (await (await fetch(`${matchmakerUrl}/api/hosts`)).json()) as Record<string, unknown>[];
  return hosts.find((each) => each['hostId'] === hostId);
};

/** A streaming host that echoes, with services around it. */
async function startStreaming(capacity = 1, common: Readonly<Record<string, string>> = {}) {
  const signaling = await stack.start('signaling', { ROOM_CAPACITY: '3', ...common });
  const env = { SIGNALING_PUBLIC_URL: signaling.url, ...common };
  const [matchmaker, gateway] = await Promise.all([
    stack.start('matchmaker', env),
    stack.start('gateway', env),
  ]);
  const region = uniqueId('region');
  const { hostSecret } = stack;
  const host = recordHost({
    matchmakerUrl: matchmaker.url,
    signalingUrl: signaling.url,
    hostSecret,
    region,
    capacity,
    createPeer: () => echo(createPeer()),
  });
  await host.until('ready');
  return { host, region, signaling, matchmaker, gateway };
}

/** A player in a room, its channel open. */
async function play(where: Parameters<typeof record>[0]) {
  const player = record(where);
  const pc = createPeer();
  const attachment = attach(pc, player.session, { initiator: true });
  const channel = await opened(pc.createDataChannel('echo'));
  return { ...player, pc, channel, attachment };
}

describe('a streaming host', () => {
  it('is matched, answers each player on a connection of its own, and is free again when they left', async () => {
    const { host, region, matchmaker } = await startStreaming(2);
    const first = await play(await findMatch(matchmaker.url, { region }));
    const second = await play(await findMatch(matchmaker.url, { region }));
    await roundTrip(first.channel, 'one');
    await roundTrip(second.channel, 'two');
    expect(host.of('peer').map(({ memberId }) => memberId)).toEqual([
      first.session.memberId,
      second.session.memberId,
    ]);
    await expect(findMatch(matchmaker.url, { region })).rejects.toMatchObject({ code: 'no_host' });
    first.session.close();
    await first.pc.close();
    await waitFor(() => findMatch(matchmaker.url, { region }), 'its slot is free again');
    await host.until('peer-left');
    await roundTrip(second.channel, 'still there');
  });

  it('goes on with the connection of a player that lost its place in the room', async () => {
    const { host, region, matchmaker, signaling } = await startStreaming(1, { RESUME_GRACE_SECONDS: '1' });
    const match = await findMatch(matchmaker.url, { region });
    const proxy = await startTcpProxy(signaling.url);
    const player = await play({ ...match, signalingUrl: proxy.url });
    const watcher = record(match);
    await watcher.until('welcome');
    const before = player.session.memberId;
    await proxy.cut();
    expect((await watcher.until('peer-disconnected')).memberId).toBe(before);
    await roundTrip(player.channel, 'without signaling');
    await proxy.restore();
    await player.until('welcome', 2, 20_000);
    expect(player.session.memberId).not.toBe(before);
    await waitFor(
      () => player.attachment.peer !== undefined && player.pc.signalingState === 'stable',
      'answered',
    );
    await roundTrip(player.channel, 'after it');
    expect(host.of('peer')).toHaveLength(1);
    expect(host.of('peer-left')).toEqual([]);
    await proxy.stop();
  });

  it.each([
    ['anybody', {}],
    ['who has a token', { ENABLE_AUTH: 'true', JWT_SECRET, JWT_ALG: 'HS256' }],
  ])('opens rooms that a gateway gives it at once, and plays there with %s', async (_, auth) => {
    const { host, region, gateway } = await startStreaming(1, auth);
    const asUser = { token: userToken('ann', []) };
    const { roomId } = await createRoom(gateway.url, { region }, asUser);
    expect((await host.until('assigned')).roomId).toBe(roomId);
    const player = await play(await joinRoom(gateway.url, roomId, asUser));
    await roundTrip(player.channel, 'hello');
    await waitFor(
      async () => (await getRoom(gateway.url, roomId, asUser)).players === 1,
      'the host reports the player',
    );
    player.session.close();
    await player.pc.close();
    expect(await host.until('released')).toEqual({ roomId });
    await expect(getRoom(gateway.url, roomId, asUser)).rejects.toMatchObject({ code: 'room_not_found' });
    expect(host.of('error')).toEqual([]);
  });

  it('hands a room over when it stops: its players are told, and play on with the next host', async () => {
    const { host, region, signaling, matchmaker, gateway } = await startStreaming();
    const { roomId } = await createRoom(gateway.url, { region });
    const player = await play(await joinRoom(gateway.url, roomId));
    await roundTrip(player.channel, 'with the first');
    const next = recordHost({
      matchmakerUrl: matchmaker.url,
      signalingUrl: signaling.url,
      hostSecret: stack.hostSecret,
      region,
      createPeer: () => echo(createPeer()),
    });
    await next.until('ready');
    await host.host.close();
    expect(await player.until('migrated', 1, 20_000)).toMatchObject({ roomId, hostId: next.host.hostId });
    player.attachment.detach();
    const pc = createPeer();
    attach(pc, player.session, { initiator: true });
    await roundTrip(await opened(pc.createDataChannel('echo')), 'with the next');
    expect(next.of('assigned')).toMatchObject([{ roomId }]);
    expect(player.of('welcome')).toHaveLength(1);
  });

  it.each([
    ['have a certificate each, as those of a page do', forgetCertificate],
    ['share one', () => {}],
  ])(
    'answers the newest connection of a player that offered two while no host was there, where they %s',
    async (_, between) => {
      const [signaling, matchmaker] = await Promise.all([
        stack.start('signaling', { ROOM_CAPACITY: '3' }),
        stack.start('matchmaker'),
      ]);
      const where = { roomId: uniqueId('room'), signalingUrl: signaling.url };
      const { hostSecret } = stack;
      const start = async () => {
        const peers: ReturnType<typeof createPeer>[] = [];
        const createEcho = () => {
          const pc = echo(createPeer());
          peers.push(pc);
          return pc;
        };
        const started = recordHost({
          ...where,
          matchmakerUrl: matchmaker.url,
          hostSecret,
          region: uniqueId('region'),
          createPeer: createEcho,
        });
        await started.until('ready');
        return { ...started, peers };
      };
      const first = await start();
      const player = await play(where);
      await first.host.close();
      await player.until('peer-disconnected');
      player.attachment.restart();
      await waitFor(() => player.pc.signalingState === 'have-local-offer', 'the old connection offers');
      between();
      const pc = createPeer();
      const errors: unknown[] = [];
      attach(pc, player.session, { initiator: true, onError: (error) => errors.push(error) });
      const channel = pc.createDataChannel('echo');
      await waitFor(() => pc.signalingState === 'have-local-offer', 'the new one does, too');

      const next = await start();
      await roundTrip(await opened(channel), 'with the next');
      const ufragOf = (sdp: string | undefined) => /a=ice-ufrag:(\S+)/.exec(sdp ?? '')?.[1];
      expect(ufragOf(pc.remoteDescription?.sdp)).toBe(ufragOf(next.peers.at(-1)?.localDescription?.sdp));
      expect(next.peers).toHaveLength(2);
      expect(next.of('peer-left')).toHaveLength(1);
      expect(player.pc.signalingState).toBe('have-local-offer');
      expect(errors).toEqual([]);
    },
  );

  it('is matched at once when it was killed and starts again in another room', async () => {
    const [signaling, matchmaker] = await Promise.all([stack.start('signaling'), stack.start('matchmaker')]);
    const { hostSecret } = stack;
    const options = {
      matchmakerUrl: matchmaker.url,
      signalingUrl: signaling.url,
      hostSecret,
      hostId: uniqueId('host'),
      region: uniqueId('region'),
    };
    const program = `
      import { createHost } from '@parley/client';
      import { WebSocket } from 'ws';
      const host = createHost({ ...${JSON.stringify(options)}, createPeer: () => undefined, connect: { WebSocket } });
      host.on('ready', () => console.log('ready'));
    `;
    const cwd = fileURLToPath(new URL('..', import.meta.url));
    const killed = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd });
    onTestFinished(() => void killed.kill('SIGKILL'));
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'close');

    const roomId = uniqueId('room');
    await recordHost({ ...options, roomId, createPeer: () => echo(createPeer()) }).until('ready');
    const { region } = options;
    const match = await waitFor(() => findMatch(matchmaker.url, { region }), 'it is matched', 5_000);
    expect(match.roomId).toBe(roomId);
  });

  it('says goodbye: it is gone at once', async () => {
    const { host, region, matchmaker } = await startStreaming();
    await host.host.close();
    expect(host.of('closed')).toHaveLength(1);
    expect(await listed(matchmaker.url, host.host.hostId)).toBeUndefined();
    await expect(findMatch(matchmaker.url, { region })).rejects.toMatchObject({ code: 'no_host' });
  });
});

describe('a game server', () => {
  it('takes rooms, reports who plays, and gives them back', async () => {
    const [matchmaker, gateway] = await Promise.all([stack.start('matchmaker'), stack.start('gateway')]);
    const region = uniqueId('region');
    const { host, address, ...server } = await startGameServer(stack, matchmaker.url, { region });
    const { roomId, serverAddress } = await createRoom(gateway.url, { region });
    expect(serverAddress).toBe(address);
    expect(await server.until('assigned')).toMatchObject({ roomId });
    expect(host.setPlayers(roomId, 3)).toBe(true);
    await waitFor(async () => (await getRoom(gateway.url, roomId)).players === 3, 'three are reported');
    await host.closeRoom(roomId);
    await expect(getRoom(gateway.url, roomId)).rejects.toMatchObject({ code: 'room_not_found' });
    expect(host.rooms).toEqual([]);
    expect(host.setPlayers(roomId, 1)).toBe(false);
  });

  it('stays in the pool by its heartbeats, as often as the answer asks for, and through a matchmaker that is away', async () => {
    const matchmaker = await stack.start('matchmaker');
    const proxy = await startTcpProxy(matchmaker.url);
    const options = { matchmakerUrl: proxy.url, hostSecret: stack.hostSecret, address: '127.0.0.1:7777' };
    const server = recordHost({ ...options, region: uniqueId('region') });
    await server.until('ready');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await listed(matchmaker.url, server.host.hostId)).toBeDefined();
    await proxy.cut();
    await server.until('error', 3);
    expect(server.of('error')[0]).toMatchObject({ code: 'network' });
    await waitFor(async () => !(await listed(matchmaker.url, server.host.hostId)), 'it counts as dead');
    await proxy.restore();
    await waitFor(() => listed(matchmaker.url, server.host.hostId), 'it is back');
    await proxy.stop();
  });

  it('tells of a wrong secret', async () => {
    const matchmaker = await stack.start('matchmaker');
    const server = recordHost({
      matchmakerUrl: matchmaker.url,
      hostSecret: 'wrong',
      address: '127.0.0.1:7777',
    });
    const error = await server.until('error');
    expect(error).toBeInstanceOf(ParleyError);
    expect(error).toMatchObject({ code: 'forbidden', status: 403 });
  });
});
