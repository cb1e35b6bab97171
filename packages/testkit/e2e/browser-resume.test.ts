/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { RunningService } from '../src/service-process.js';
import { waitFor } from '../src/wait-for.js';
import { chromium, useBrowser, whyNot } from './support/browser.js';
import {
  framesDecoded,
  hostGame,
  playGame,
  steer,
  untilMoreFrames,
  untilSignaling,
} from './support/demo-pages.js';
import { connectionsOf, useStack } from './support/stack.js';

/** No pause between two frames of a stream that goes on; it is looked at every 100 ms. */
const LONGEST_PAUSE_MS = 1_500;

/** Looks at the frame counter all the time, inside the page; answers the longest pause so far, and starts anew. */
async function watchFrames(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const watched = { frames: -1, movedAt: performance.now(), pauseMs: 0 };
    Object.assign(window, { watched });
    const look = async () => {
      const stats = await window.peers.at(-1)?.getStats();
      const all = [...((stats ?? new Map()) as ReadonlyMap<string, RTCInboundRtpStreamStats>).values()];
      const frames = all.find(({ type }) => type === 'inbound-rtp')?.framesDecoded ?? -1;
      const now = performance.now();
      watched.pauseMs = Math.max(watched.pauseMs, now - watched.movedAt);
      if (frames > watched.frames) Object.assign(watched, { frames, movedAt: now });
    };
    setInterval(() => void look(), 100);
  });
  return () => page.evaluate(() => (window as unknown as { watched: { pauseMs: number } }).watched.pauseMs);
}

/** The parameters of a way through the network (RFC 8839 §5.4): others after each ICE restart. */
const ufragOf = (page: Page) =>
  page.evaluate(() => {
    const peer = window.peers.at(-1);
    return [peer?.currentLocalDescription, peer?.currentRemoteDescription].map(
      (each) => /a=ice-ufrag:(\S+)/.exec(each?.sdp ?? '')?.[1],
    );
  });

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

    const ufrags = await ufragOf(player);
    await player.evaluate(() => {
      window.peers.at(-1)?.addTransceiver('audio', { direction: 'recvonly' });
      window.peers.at(-1)?.restartIce();
    });
    await waitFor(async () => {
      const now = await ufragOf(player);
      return now.every((each, index) => each !== ufrags[index]);
    }, 'both have new parameters');
    await waitFor(
      () =>
        player.evaluate(() => {
          const peer = window.peers.at(-1);
          return peer?.signalingState === 'stable' && peer.connectionState === 'connected';
        }),
      'the renegotiated connection stands',
    );
    expect(await host.page.evaluate(() => window.peers.at(-1)?.getTransceivers().length)).toBe(2);
    await untilMoreFrames(player, 20, 'after the renegotiation');
    await steer(player, host.page, 'ArrowRight', '→');
    expect(await framesDecoded(player)).toBeGreaterThan(during);
    expect(await longestPauseMs()).toBeLessThan(LONGEST_PAUSE_MS);
    expect(await player.evaluate(() => window.peers.length)).toBe(1);
    expect(await host.page.evaluate(() => window.peers.length)).toBe(1);
  });
});
