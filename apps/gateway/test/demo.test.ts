import { gatewaySettings, loadConfig } from '@parley/config';
import { uniqueId, useRedis } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { useGateways, type Ask } from './support.js';

const redis = useRedis();
const { gateway, pool } = useGateways();

let env: Record<string, string>;
beforeEach(() => {
  env = { REDIS_URL: redis.url, REDIS_KEY_PREFIX: `${uniqueId('p')}:` };
});

const PRODUCTION = { NODE_ENV: 'production', SIGNALING_PUBLIC_URL: 'wss://signaling.example.com' };

interface VisitorHost {
  readonly key: string;
  readonly hostId: string;
  readonly roomId: string;
}

async function newHost(ask: Ask): Promise<VisitorHost> {
  const { status, body } = await ask('POST', '/demo/api/hosts', {});
  expect(status).toBe(201);
  return body as unknown as VisitorHost;
}

const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });
const beat = (ask: Ask, key: string, body: object) =>
  ask('POST', '/demo/api/host/heartbeat', body, bearer(key));

describe('the files of the demo', () => {
  const get = async (port: number, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { response, text: await response.text() };
  };

  it('are one page and what it names, under a policy that lets it ask our services and load nothing else', async () => {
    const { port } = await gateway({
      ...env,
      SIGNALING_PUBLIC_URL: 'ws://127.0.0.1:3002/path',
      MATCHMAKER_PUBLIC_URL: 'http://127.0.0.1:8080',
    });
    const { response, text: page } = await get(port, '/demo');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).toContain("connect-src 'self' http://127.0.0.1:8080 ws://127.0.0.1:3002;");
    expect(policy).not.toContain('unsafe');

    const named = [...page.matchAll(/(?:src|href)="(demo\/[^"]+)"/g)].map(([, path]) => `/${path}`);
    expect(named).toEqual(['/demo/demo.css', '/demo/main.js']);
    const seen = new Map([['/demo', page]]);
    for (const path of named) {
      const file = await get(port, path);
      expect([path, file.response.status]).toEqual([path, 200]);
      seen.set(path, file.text);
      const imports = file.text.matchAll(/(?:from\s*|new URL\()'(?:\.\/)?([a-z-]+\.js)'/g);
      for (const [, name] of imports) {
        if (!named.includes(`/demo/${name}`)) named.push(`/demo/${name}`);
      }
    }
    expect(named).toContain('/demo/parley-client.js');
    expect(named).toContain('/demo/ticker.js');
    for (const path of ['/demo/nope.js', '/demo/..%2Fconsole.html', '/demo/main.js/more']) {
      expect((await get(port, path)).response.status).toBe(404);
    }
    expect(page).not.toMatch(/\son\w+=|<script>|style=/);
    for (const [path, text] of seen) {
      if (!path.endsWith('parley-client.js')) expect([path, /https?:\/\//.exec(text)]).toEqual([path, null]);
    }
  });

  it('are not there in production, unless it is asked for and says where the matchmaker is', async () => {
    const off = await gateway({ ...env, ...PRODUCTION });
    for (const path of ['/demo', '/demo/main.js', '/demo/api/where']) {
      expect((await off.ask('GET', path)).status).toBe(404);
    }
    expect((await off.ask('POST', '/demo/api/hosts', {})).status).toBe(404);

    expect(() => loadConfig(gatewaySettings, { ...PRODUCTION, DEMO: 'true' })).toThrow(
      /MATCHMAKER_PUBLIC_URL/,
    );
    const on = { ...PRODUCTION, DEMO: 'true', MATCHMAKER_PUBLIC_URL: 'https://match.example.com' };
    const { ask } = await gateway({ ...env, ...on });
    const { body } = await ask('GET', '/demo/api/where');
    expect(body).toEqual({ matchmakerUrl: 'https://match.example.com', region: 'demo' });

    const without = await gateway({ ...env, DEMO: 'false' });
    expect((await without.ask('GET', '/demo/api/where')).status).toBe(404);
  });
});

describe('a page that hosts', () => {
  it('is found in the region of the demo, or by the code of its room, until it says goodbye', async () => {
    const { ask } = await gateway(env);
    const hosts = await pool(env);
    const { key, hostId, roomId } = await newHost(ask);
    expect(roomId).toMatch(/^\w{4}-\w{4}-\w{4}$/);
    expect(hostId).toBe(`demo-${roomId}`);
    expect(await beat(ask, key, { hostId, roomId })).toMatchObject({ status: 200, body: { ttl: 30 } });

    const find = (wish: object) => hosts.allocate({ kinds: ['streaming'], ...wish });
    const found = await find({ regions: ['demo'] });
    expect(found).toMatchObject({ outcome: 'leased', hostId, roomId });
    expect(await find({ hostId })).toMatchObject({ outcome: 'none' });

    // The one who was matched has come, and has gone.
    await beat(ask, key, { hostId, roomId, rooms: [{ roomId, players: 1 }] });
    expect(await find({ hostId })).toMatchObject({ outcome: 'none' });
    await beat(ask, key, { hostId, roomId, rooms: [{ roomId, players: 0 }] });
    expect(await find({ hostId })).toMatchObject({ outcome: 'leased', roomId });

    expect((await ask('DELETE', `/demo/api/host/${hostId}`, undefined, bearer(key))).status).toBe(200);
    expect(await find({ hostId })).toMatchObject({ outcome: 'none' });
  });

  it('is a streaming host of one slot in its own room and region, whatever it says', async () => {
    const { ask } = await gateway(env);
    const hosts = await pool(env);
    const { key, hostId } = await newHost(ask);
    const lies = { region: 'eu-central', roomId: 'somebody-elses', capacity: 100, availableSlots: 100 };
    await beat(ask, key, { hostId, ...lies, address: '192.0.2.7:7777' });

    expect(await hosts.allocate({ kinds: ['streaming', 'game'], regions: ['eu-central'] })).toMatchObject({
      outcome: 'none',
    });
    const found = await hosts.allocate({ kinds: ['streaming'], regions: ['demo'] });
    expect(found).toMatchObject({ outcome: 'leased', hostId, roomId: hostId.slice('demo-'.length) });
    expect(found).not.toHaveProperty('address');
    expect(await hosts.allocate({ kinds: ['streaming'], regions: ['demo'] })).toMatchObject({
      outcome: 'none',
    });
  });

  it('speaks for no other host', async () => {
    const { ask } = await gateway(env);
    const [mine, theirs] = [await newHost(ask), await newHost(ask)];
    await beat(ask, theirs.key, theirs);
    expect(await beat(ask, mine.key, theirs)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const path = `/demo/api/host/${theirs.hostId}`;
    expect((await ask('DELETE', path, undefined, bearer(mine.key))).status).toBe(403);
    expect((await ask('DELETE', path)).status).toBe(401);
    expect((await ask('POST', '/demo/api/host/heartbeat', theirs)).status).toBe(401);
    expect(await beat(ask, mine.key, { hostId: 'host-of-the-pool', roomId: 'x' })).toMatchObject({
      status: 403,
    });
    expect((await ask('DELETE', path, undefined, bearer(theirs.key))).status).toBe(200);
  });

  it('gets a token for its room where signaling wants one', async () => {
    const { ask } = await gateway({ ...env, ENABLE_AUTH: 'true', JWT_SECRET: 'secret-of-the-users' });
    const { key, hostId, roomId } = await newHost(ask);
    const { body } = await beat(ask, key, { hostId, roomId });
    const [, claims = ''] = String(body['token']).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ rooms: [roomId] });
  });
});
