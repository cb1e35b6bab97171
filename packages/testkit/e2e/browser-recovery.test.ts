/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { uniqueId } from '../src/ids.js';
import { waitFor } from '../src/wait-for.js';
import { chromium, useBrowser, whyNot } from './support/browser.js';
import {
  hostGame,
  keepPeers,
  playGame,
  steer,
  untilMoreFrames,
  untilSignaling,
} from './support/demo-pages.js';
import { LOAD_SDK } from './support/sdk-pairs.js';
import { heardInPage, hostInPage, playInPage, stopHosting } from './support/sdk-hosts.js';
import { connectionsOf, useStack } from './support/stack.js';
import {
  LONGEST_PAUSE_MS,
  ufragsOf,
  untilOtherUfrags,
  untilSettled,
  watchFrames,
} from './support/streams.js';

/** What a page says when something may have been missed. */
const WITH_A_GAP = 'back, with a gap';

const peersOf = (page: Page) => page.evaluate(() => window.peers.length);

/** The SDK has restarted ICE by itself, on the connection that was there, and no frame waited for that. */
async function hasRecovered(
  player: Page,
  host: Page,
  before: readonly (string | undefined)[],
  longestPauseMs: () => Promise<number>,
): Promise<void> {
  await untilOtherUfrags(player, before);
  await untilSettled(player);
  await untilMoreFrames(player, 20, 'after the restart');
  await steer(player, host, 'ArrowRight', '→');
  expect(await longestPauseMs()).toBeLessThan(LONGEST_PAUSE_MS);
  expect([await peersOf(player), await peersOf(host)]).toEqual([1, 1]);
}

describe.skipIf(!chromium.ok)(`when what was missed cannot be had, in Chromium${whyNot}`, () => {
  const open = useBrowser();
  const stack = useStack(() => ({ RESUME_GRACE_SECONDS: '2' }), chromium.ok);

  async function startGame() {
    const host = await hostGame(open, stack().gatewayUrl);
    const player = await playGame(open, stack().gatewayUrl, host.code);
    await untilMoreFrames(player, 20, 'at all');
    await untilSettled(player);
    return { host: host.page, player };
  }

  it('a player that has lost its place restarts ICE as another member, and the stream never stops', async () => {
    const { host, player } = await startGame();
    const before = await ufragsOf(player);
    const longestPauseMs = await watchFrames(player);
    // Longer than its place is kept.
    await player.getByRole('button', { name: 'Cut my network' }).click();
    await untilSignaling(player, WITH_A_GAP);
    await hasRecovered(player, host, before, longestPauseMs);
  });

  it('both restart ICE when the instance that both were on is killed, and what it knew with it', async () => {
    const { balancer, signaling } = stack();
    const [one, other] = signaling;
    if (!one || !other) throw new Error('there are two');
    balancer.targets = [one.port];
    const { host, player } = await startGame();
    expect([await connectionsOf(one), await connectionsOf(other)]).toEqual([2, 0]);
    const before = await ufragsOf(player);
    const longestPauseMs = await watchFrames(player);

    balancer.targets = [other.port];
    await one.stop('SIGKILL');
    await untilSignaling(player, WITH_A_GAP);
    await untilSignaling(host, WITH_A_GAP);
    await hasRecovered(player, host, before, longestPauseMs);
    expect(await connectionsOf(other)).toBe(2);
  });
});

describe.skipIf(!chromium.ok)(`when a room moves to another host, in Chromium${whyNot}`, () => {
  const open = useBrowser();
  const hostSecret = uniqueId('secret');
  const stack = useStack(() => ({ HOST_SECRET: hostSecret }), chromium.ok);

  it.each([
    ['at once', 0],
    // The old one has offered to restart by then, and is answered or about to be.
    ['a moment later', 20],
    ['later', 400],
  ])('a page plays on with it over a new connection that it makes %s', async (_, againAfterMs) => {
    const { gatewayUrl, matchmakerUrl, signalingUrl } = stack();
    const region = uniqueId('region');
    const openWithSdk = async () => {
      const page = await open(`${gatewayUrl}/healthz`, keepPeers);
      await page.addScriptTag({ type: 'module', content: LOAD_SDK });
      await page.waitForFunction(() => 'parley' in window);
      return page;
    };
    const [first, next, player] = [await openWithSdk(), await openWithSdk(), await openWithSdk()];
    const hostOptions = { matchmakerUrl, signalingUrl, hostSecret, region };
    const firstId = await first.evaluate(hostInPage, hostOptions);
    const created = await fetch(`${gatewayUrl}/api/rooms`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ region }),
    });
    expect(created.status).toBe(201);
    const { roomId } = (await created.json()) as { roomId: string };
    await player.evaluate(playInPage, { gatewayUrl, roomId, againAfterMs });
    await untilMoreFrames(player, 20, 'with the first host');
    const heard = () => player.evaluate(heardInPage);
    await waitFor(async () => (await heard()).includes(firstId), 'the first host is heard');

    const nextId = await next.evaluate(hostInPage, hostOptions);
    await first.evaluate(stopHosting);
    await waitFor(async () => (await peersOf(player)) === 2, 'a new connection is made', 20_000);
    await waitFor(async () => (await heard()).includes(nextId), 'the next host is heard', 20_000);
    await untilMoreFrames(player, 20, 'with the next host');
    await untilSettled(player);
    expect(await heard()).toEqual([firstId, nextId]);
    expect(await peersOf(player)).toBe(2);
  });
});
