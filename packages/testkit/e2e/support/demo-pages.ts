/// <reference lib="dom" />
import type { BrowserContext, Page } from 'playwright-core';
import { waitFor } from '../../src/wait-for.js';
import type { OpenPage } from './browser.js';

/** Keeps every connection that a page makes where a test finds it. */
export function keepPeers(context: BrowserContext): Promise<unknown> {
  return context.addInitScript(() => {
    window.peers = [];
    const Native = RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.peers.push(this);
      }
    };
  });
}

/** The demo as somebody sees it who hosts. */
export async function hostGame(open: OpenPage, gatewayUrl: string): Promise<{ page: Page; code: string }> {
  const page = await open(`${gatewayUrl}/demo`, keepPeers);
  await page.getByRole('button', { name: 'Host a game' }).click();
  await untilSignaling(page, 'connected');
  return { page, code: await page.locator('#room').innerText() };
}

/** The demo as somebody sees it who plays, with a link to a room or without. */
export async function playGame(open: OpenPage, gatewayUrl: string, code?: string): Promise<Page> {
  const page = await open(`${gatewayUrl}/demo${code === undefined ? '' : `?room=${code}`}`, keepPeers);
  await page.getByRole('button', { name: 'Play' }).click();
  await untilSignaling(page, 'connected');
  await page.locator('#webrtc').getByText('connected', { exact: true }).waitFor();
  return page;
}

/** Wait until the page says so of its connection to signaling. */
export const untilSignaling = (page: Page, words: string): Promise<void> =>
  page.locator('#signaling').getByText(words, { exact: true }).waitFor();

/** Frames of the game that a player's page has decoded so far. */
export const framesDecoded = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const stats = await window.peers.at(-1)?.getStats();
    const all = [...((stats ?? new Map()) as ReadonlyMap<string, RTCInboundRtpStreamStats>).values()];
    return all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')?.framesDecoded ?? 0;
  });

/** Wait until that many frames more are decoded. */
export async function untilMoreFrames(page: Page, more: number, what: string): Promise<void> {
  const before = await framesDecoded(page);
  await waitFor(
    async () => (await framesDecoded(page)) >= before + more,
    `frames are decoded ${what}`,
    20_000,
  );
}

/** Press a key at the player's until the host sees it, and let go. */
export async function steer(player: Page, host: Page, key: string, shown: string): Promise<void> {
  await player.locator('#stream').focus();
  await player.keyboard.down(key);
  await host.locator('#their-keys').getByText(shown, { exact: true }).waitFor();
  await player.keyboard.up(key);
  await host.locator('#their-keys').getByText('none', { exact: true }).waitFor();
}
