import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { createRoom, deleteRoom, watchRoom, type RoomEvent, type WatchOptions } from '../src/index.js';
import { startGameServer } from './support/hosts.js';
import { startHttp } from './support/http.js';
import { useStack } from './support/services.js';

const redis = useRedis();
const stack = useStack(redis);

const noop = () => {};

/** Watches in the background. */
function watch(gatewayUrl: string, roomId: string, options: WatchOptions = {}) {
  const events: RoomEvent[] = [];
  const done = (async () => {
    for await (const event of watchRoom(gatewayUrl, roomId, options)) events.push(event);
    return 'closed';
  })().catch((error: unknown) => error);
  const types = () => events.map(({ type }) => type);
  return { events, types, done };
}

describe('watching a room', () => {
  it('tells each event once and in order, through the death of its gateway, until the room is closed', async () => {
    const [matchmaker, gateway, other] = await Promise.all([
      stack.start('matchmaker'),
      stack.start('gateway'),
      stack.start('gateway'),
    ]);
    const region = uniqueId('region');
    const first = await startGameServer(stack, matchmaker.url, { region });
    const room = await createRoom(gateway.url, { region });
    const proxy = await startTcpProxy(gateway.url);
    const watched = watch(proxy.url, room.roomId);
    await waitFor(() => watched.types().includes('assigned'), 'told of the first host');
    expect(watched.events[0]).toMatchObject({ hostId: first.host.hostId, serverAddress: first.address });

    await gateway.stop('SIGKILL');
    await proxy.cut();
    const second = await startGameServer(stack, matchmaker.url, { region });
    await first.host.close();
    await waitFor(() => second.of('assigned').length, 'the room moved');
    const otherProxy = await startTcpProxy(other.url);
    const resumed = watch(otherProxy.url, room.roomId, { afterId: watched.events.at(-1)?.id ?? '' });
    await waitFor(() => resumed.types().includes('migrated'), 'told of the move');
    otherProxy.reset();
    await deleteRoom(other.url, room.roomId, room.ownerToken);
    expect(await resumed.done).toBe('closed');
    const types = resumed.types();
    expect(types).not.toContain('assigned');
    expect(types.filter((type) => type === 'migrated')).toHaveLength(1);
    expect(types.at(-1)).toBe('closed');
    await Promise.all([proxy.stop(), otherProxy.stop()]);
  });

  it('leaves out what is told again to a page, which may not tell another origin what it has', async () => {
    const [matchmaker, gateway] = await Promise.all([stack.start('matchmaker'), stack.start('gateway')]);
    const region = uniqueId('region');
    await startGameServer(stack, matchmaker.url, { region });
    const room = await createRoom(gateway.url, { region });
    const asked: unknown[] = [];
    const relay = await startHttp((request, response) => {
      asked.push(request.headers['last-event-id']);
      void fetch(gateway.url + request.url).then(async ({ body }) => {
        for await (const piece of body ?? []) response.write(piece);
        response.end();
      }, noop);
      if (asked.length === 1) setTimeout(() => response.destroy(), 1_000);
    });
    vi.stubGlobal('location', new URL('https://page.example'));
    onTestFinished(() => void vi.unstubAllGlobals());
    const watched = watch(relay, room.roomId);
    await waitFor(() => asked.length === 2, 'it came back');
    await deleteRoom(gateway.url, room.roomId, room.ownerToken);
    expect(await watched.done).toBe('closed');
    expect(asked).toEqual([undefined, undefined]);
    expect(watched.types()).toEqual(['assigned', 'closed']);
  });

  it('notices a connection that hangs', async () => {
    const [matchmaker, gateway] = await Promise.all([stack.start('matchmaker'), stack.start('gateway')]);
    const region = uniqueId('region');
    await startGameServer(stack, matchmaker.url, { region });
    const room = await createRoom(gateway.url, { region });
    const proxy = await startTcpProxy(gateway.url);
    const watched = watch(proxy.url, room.roomId, { silenceMs: 500 });
    await waitFor(() => watched.types().includes('assigned'), 'told of the host');
    proxy.stall();
    await deleteRoom(gateway.url, room.roomId, room.ownerToken);
    await new Promise((resolve) => setTimeout(resolve, 600));
    proxy.reset();
    proxy.resume();
    expect(await watched.done).toBe('closed');
    expect(watched.types().filter((type) => type === 'assigned')).toHaveLength(1);
    await proxy.stop();
  });

  it('says that there is no such room, and ends with its signal', async () => {
    const gateway = await stack.start('gateway');
    expect(await watch(gateway.url, 'nope').done).toMatchObject({ code: 'room_not_found', status: 404 });
    const abort = new AbortController();
    const away = watch('http://127.0.0.1:1', 'r', { signal: abort.signal });
    abort.abort(new Error('enough'));
    expect(await away.done).toMatchObject({ message: 'enough' });
  });
});
