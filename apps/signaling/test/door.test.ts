import { describe, expect, it } from 'vitest';
import { closes } from '@parley/protocol';
import { openSocket, uniqueId, useStore, waitFor } from '@parley/testkit';
import { offer } from './support/messages.js';
import { rawUpgrade } from './support/raw.js';
import { useSignaling } from './support/signaling.js';

const store = useStore();
const closeOf = ({ code, reason }: { code: number; reason: string }) => ({ code, reason });

describe('the door', () => {
  const signaling = useSignaling(store, 1);
  const url = () => signaling.instances[0]?.url ?? '';
  const http = () => url().replace('ws:', 'http:');

  // Two slashes: some clients append `/?roomId=` to a URL that ends in one.
  it.each(['/some/path?x=1&', '//?', '//x//?', '//[?', '//x:y@z:1/?', '/%?', '/a?b=/c?d&'])(
    'lets a client in at any path: %s',
    async (path) => {
      const room = signaling.room();
      const a = await openSocket(`${url()}/?roomId=${room}`);
      a.send(offer);
      const { socket, answer } = await rawUpgrade(signaling.instances[0]?.port ?? 0, `${path}roomId=${room}`);
      await waitFor(() => answer().includes(offer.sdp.slice(0, 3)), 'it gets the offer');
      socket.destroy();
    },
  );

  it.each([
    '',
    'roomId=',
    `roomId=${'x'.repeat(65)}`,
    'roomId=a%20b',
    'roomId=a/b',
    'roomId=%00',
    'roomId=ä',
  ])('refuses "%s" after the 101, with a reason', async (query) => {
    const socket = await openSocket(`${url()}/?${query}`);
    socket.send(offer);
    expect(await socket.waitClosed()).toEqual(closeOf(closes.invalidRoomId));
    expect(socket.messages).toEqual([]);
  });

  it('refuses a target that is no URL', async () => {
    const { socket, answer } = await rawUpgrade(signaling.instances[0]?.port ?? 0, 'http://[?roomId=x');
    await waitFor(() => answer().includes('Malformed request'), 'the reason is told');
    expect(answer()).toContain('101 Switching Protocols');
    socket.destroy();
  });

  it('answers plain requests with 426, and probes on the same port', async () => {
    const plain = await fetch(`${http()}/?roomId=x`);
    expect([plain.status, await plain.text()]).toEqual([426, 'Upgrade Required']);
    for (const [path, text] of [
      ['/healthz', 'ok'],
      ['/readyz', 'ready'],
    ] as const) {
      const probe = await fetch(http() + path);
      expect([probe.status, await probe.text()]).toEqual([200, text]);
    }
    expect(await (await fetch(`${http()}/metrics`)).text()).toContain('cloudgaming_active_connections');
  });

  it('closes a client whose message is too large with 1009, and only that one', async () => {
    const room = signaling.room();
    const [a, b] = [await signaling.join(room), await signaling.join(room)];
    a.send(offer);
    expect(await b.next()).toEqual(offer);
    a.send({ type: 'offer', sdp: 'x'.repeat(262_144) });
    expect((await a.waitClosed()).code).toBe(1009);
    expect(await b.next()).toEqual({ type: 'peer-disconnected' });
    expect(b.closed).toBeUndefined();
  });
});

describe('a door that asks for more', () => {
  const signaling = useSignaling(store, 1, {
    REQUIRE_WSS: 'true',
    TRUST_PROXY: '1',
    ALLOWED_ORIGINS: 'https://game.example.com,https://dev.example.com:8443',
    SUBPROTOCOL: 'cloudgaming-v1',
  });
  const open = (headers: Record<string, string>, protocols?: string[]) => {
    const url = `${signaling.instances[0]?.url}/?roomId=${uniqueId('room')}`;
    return openSocket(url, { headers, ...(protocols && { protocols }) });
  };
  const secure = { 'X-Forwarded-Proto': 'https' };
  const ours = ['cloudgaming-v1'];

  it('wants WSS, and believes the proxy about it', async () => {
    expect(await (await open({}, ours)).waitClosed()).toEqual(closeOf(closes.wssRequired));
    const forged = await open({ 'X-Forwarded-Proto': 'https, http' }, ours);
    expect(await forged.waitClosed()).toEqual(closeOf(closes.wssRequired));
    expect((await open(secure, ours)).closed).toBeUndefined();
  });

  it.each([
    'https://game.example.com.evil.org',
    'http://game.example.com',
    'https://game.example.com:8443',
    'https://dev.example.com',
    'https://sub.game.example.com',
    'null',
    'nonsense',
  ])('keeps pages of %s out', async (origin) => {
    const socket = await open({ ...secure, Origin: origin }, ours);
    expect(await socket.waitClosed()).toEqual(closeOf(closes.originNotAllowed));
  });

  it('lets allowed pages in, and hosts, which send no origin', async () => {
    const allowed = [
      await open({ ...secure, Origin: 'https://game.example.com' }, ours),
      await open({ ...secure, Origin: 'https://DEV.example.com:8443' }, ours),
      await open(secure, ours),
    ];
    await waitFor(
      async () => (await signaling.instances[0]?.metrics())?.includes('local_rooms 4'),
      'they are in',
    );
    expect(allowed.map(({ closed, socket }) => [closed, socket.protocol])).toEqual(
      allowed.map(() => [undefined, 'cloudgaming-v1']),
    );
  });

  it('wants the subprotocol', async () => {
    expect(await (await open(secure)).waitClosed()).toEqual(closeOf(closes.subprotocolRequired));
    expect(await (await open(secure, ['other'])).waitClosed()).toEqual(closeOf(closes.subprotocolRequired));
    expect((await open(secure, ['other', 'cloudgaming-v1'])).socket.protocol).toBe('cloudgaming-v1');
  });
});
