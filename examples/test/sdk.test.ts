import { readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startService, uniqueId, useRedis, waitFor, type ServiceName } from '@parley/testkit';
import { runProgram, type Program } from './program.js';

const redis = useRedis();
const hostSecret = uniqueId('secret');

async function start(name: ServiceName, env: Record<string, string> = {}): Promise<string> {
  const service = await startService(name, { ...redis.env, HOST_SECRET: hostSecret, ...env });
  onTestFinished(() => service.stop('SIGKILL').then(() => undefined));
  const url = `http://127.0.0.1:${service.port}`;
  await waitFor(async () => (await fetch(`${url}/readyz`)).ok, `${name} is ready`);
  return url;
}

/** All services, signaling twice, and a host. */
async function startStack(): Promise<{ env: Record<string, string>; host: Program; region: string }> {
  const signaling = [await start('signaling'), await start('signaling')].map((url) =>
    url.replace('http', 'ws'),
  );
  const publicUrl = { SIGNALING_PUBLIC_URL: signaling[0] ?? '' };
  const [MATCHMAKER_URL, GATEWAY_URL] = await Promise.all([
    start('matchmaker', publicUrl),
    start('gateway', publicUrl),
  ]);
  const region = uniqueId('region');
  const env = { MATCHMAKER_URL, GATEWAY_URL, HOST_SECRET: hostSecret, REGION: region };
  const host = runProgram('host', { ...env, SIGNALING_URL: signaling.toReversed().join(',') });
  onTestFinished(() => host.stop('SIGKILL').then(() => undefined));
  await host.next('ready');
  return { env, host, region };
}

describe('the programs on the SDK', () => {
  it('find each other by a match, and say goodbye', async () => {
    const { env, host } = await startStack();
    const player = runProgram('player', env);
    expect(await player.next('done')).toMatchObject({ echoed: 100 });
    expect(await player.exited).toBe(0);
    await host.next('player-left');
    expect(await host.stop('SIGTERM')).toBe(0);
    expect(await (await fetch(`${env['MATCHMAKER_URL']}/api/hosts`)).json()).toEqual([]);
  });

  it('find each other in a room of the gateway', async () => {
    const { env, host, region } = await startStack();
    const created = await fetch(`${env['GATEWAY_URL']}/api/rooms`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ region }),
    });
    const { roomId } = (await created.json()) as { roomId: string };
    expect(await host.next('room-assigned')).toMatchObject({ roomId });
    const player = runProgram('player', { ...env, ROOM_ID: roomId });
    expect(await player.next('done')).toMatchObject({ echoed: 100 });
  });

  it('say why there is nobody to play with', async () => {
    const MATCHMAKER_URL = await start('matchmaker');
    const player = runProgram('player', { MATCHMAKER_URL });
    expect(String((await player.next('error'))['message'])).toContain('No hosts available');
    expect(await player.exited).toBe(1);
  });

  it.each(['host', 'player', 'game-server'])('are short: %s', async (name) => {
    const text = await readFile(new URL(`../src/${name}.ts`, import.meta.url), 'utf8');
    expect(text.split('\n').length).toBeLessThan(60);
  });
});
