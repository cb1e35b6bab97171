/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { waitFor } from '../../src/wait-for.js';

/** No pause between two frames of a stream that goes on; it is looked at every 100 ms. */
export const LONGEST_PAUSE_MS = 1_500;

/** Looks at the frame counter all the time, inside the page; answers the longest pause so far, and starts anew. */
export async function watchFrames(page: Page): Promise<() => Promise<number>> {
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
export const ufragsOf = (page: Page): Promise<(string | undefined)[]> =>
  page.evaluate(() => {
    const peer = window.peers.at(-1);
    return [peer?.currentLocalDescription, peer?.currentRemoteDescription].map(
      (each) => /a=ice-ufrag:(\S+)/.exec(each?.sdp ?? '')?.[1],
    );
  });

/** Wait until both ends of a connection have other parameters than these, by themselves. */
export async function untilOtherUfrags(page: Page, before: readonly (string | undefined)[]): Promise<void> {
  await waitFor(
    async () => (await ufragsOf(page)).every((each, index) => each !== undefined && each !== before[index]),
    'both have new parameters',
    20_000,
  );
}

/** Wait until nothing is being negotiated, and the connection stands. */
export async function untilSettled(page: Page): Promise<void> {
  const isSettled = () => {
    const peer = window.peers.at(-1);
    return peer?.signalingState === 'stable' && peer.connectionState === 'connected';
  };
  await waitFor(() => page.evaluate(isSettled), 'the renegotiated connection stands', 20_000);
}
