/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { RunningService } from '../src/service-process.js';
import { chromium, useBrowser, whyNot } from './support/browser.js';
import {
  framesDecoded,
  hostGame,
  playGame,
  steer,
  untilMoreFrames,
  untilSignaling,
} from './support/demo-pages.js';
import {
  LONGEST_PAUSE_MS,
  ufragsOf,
  untilOtherUfrags,
  untilSettled,
  watchFrames,
} from './support/streams.js';
import { connectionsOf, useStack } from './support/stack.js';

describe.skipIf(!chromium.ok)(`a game over two signaling instances, in Chromium${whyNot}`, () => {
  const open = useBrowser();
  const stack = useStack(() => ({}), chromium.ok);

  /** The instance that only one of the two is on, told by who of them joined last. */
  async function instanceOf(join: () => Promise<unknown>): Promise<RunningService> {
    const { signaling } = stack();
    const before = await Promise.all(signaling.map(connectionsOf));
    await join();
    const after = await Promise.all(signaling.map(connectionsOf));
    const joined = signaling.filter((_, index) => (after[index] ?? 0) > (before[index] ?? 0));
    expect(joined).toHaveLength(1);
    return joined[0] as RunningService;
  }

  it('goes on when the instance of one side is killed: no frame stops, signaling resumes, and can renegotiate', async () => {
    let host!: Awaited<ReturnType<typeof hostGame>>;
    let player!: Page;
    const hosts = await instanceOf(async () => (host = await hostGame(open, stack().gatewayUrl)));
    const players = await instanceOf(
      async () => (player = await playGame(open, stack().gatewayUrl, host.code)),
    );
    expect(players).not.toBe(hosts);
    await untilMoreFrames(player, 20, 'at all');
    await steer(player, host.page, 'ArrowUp', '↑');
    const longestPauseMs = await watchFrames(player);

    await players.stop('SIGKILL');
    await untilSignaling(player, 'resuming');
    const during = await framesDecoded(player);
    await steer(player, host.page, 'ArrowLeft', '←');
    await untilSignaling(player, 'resumed');
    expect(await connectionsOf(hosts)).toBe(2);

    const ufrags = await ufragsOf(player);
    await player.evaluate(() => {
      window.peers.at(-1)?.addTransceiver('audio', { direction: 'recvonly' });
      window.peers.at(-1)?.restartIce();
    });
    await untilOtherUfrags(player, ufrags);
    await untilSettled(player);
    expect(await host.page.evaluate(() => window.peers.at(-1)?.getTransceivers().length)).toBe(2);
    await untilMoreFrames(player, 20, 'after the renegotiation');
    await steer(player, host.page, 'ArrowRight', '→');
    expect(await framesDecoded(player)).toBeGreaterThan(during);
    expect(await longestPauseMs()).toBeLessThan(LONGEST_PAUSE_MS);
    expect(await player.evaluate(() => window.peers.length)).toBe(1);
    expect(await host.page.evaluate(() => window.peers.length)).toBe(1);
  });
});
