/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { uniqueId } from '../src/ids.js';
import { waitFor } from '../src/wait-for.js';
import { chromium, useBrowser, whyNot } from './support/browser.js';
import { plainHost, plainPage } from './support/plain-peers.js';
import { target } from './support/target.js';

const [hostSide, pageSide] = target.signalingUrls;
const blank = `${target.gatewayUrl}/healthz`;

const seenBy = (page: Page) => page.evaluate(() => window.seen);

describe.skipIf(!chromium.ok)(`a page and a host that speak the plain dialect, in Chromium${whyNot}`, () => {
  const open = useBrowser();

  const echoed = (page: Page, host: Page) =>
    waitFor(
      async () => (await seenBy(page)).echoed === 100 && (await seenBy(host)).echoed === 100,
      '100 messages come back',
      20_000,
    );

  it.each([
    ['on one instance', hostSide],
    ['on two', pageSide],
  ])('talk over WebRTC when the host was there first, %s', async (_, pageUrl) => {
    const room = uniqueId('room');
    const [host, page] = [await open(blank), await open(blank)];
    await host.evaluate(plainHost, { url: `${hostSide}/?roomId=${room}` });
    await page.evaluate(plainPage, { url: `${pageUrl}/?roomId=${room}` });
    await echoed(page, host);
  });

  it('talk when the page came first, and its offer and candidates had to wait', async () => {
    const room = uniqueId('room');
    const [host, page] = [await open(blank), await open(blank)];
    await page.evaluate(plainPage, { url: `${pageSide}/?roomId=${room}` });
    await page.waitForFunction(() => window.peers[0]?.iceGatheringState === 'complete');
    await host.evaluate(plainHost, { url: `${hostSide}/?roomId=${room}` });
    await echoed(page, host);
  });

  it('get nothing but what they sent each other, and the host is told when the page is gone', async () => {
    const room = uniqueId('room');
    const [host, page] = [await open(blank), await open(blank)];
    await host.evaluate(plainHost, { url: `${hostSide}/?roomId=${room}` });
    await page.evaluate(plainPage, { url: `${pageSide}/?roomId=${room}` });
    await echoed(page, host);
    expect(new Set((await seenBy(page)).types)).toEqual(new Set(['type,sdp']));
    await page.goto('about:blank');

    const shapes = await waitFor(async () => {
      const { types } = await seenBy(host);
      return types.at(-1) === 'type' ? types : undefined;
    }, 'the host hears of it');
    const expected = ['type,sdp', 'type,candidate,sdpMid,sdpMLineIndex', 'type'];
    expect(new Set(shapes)).toEqual(new Set(expected));
    expect((await seenBy(host)).closed).toEqual([]);
  });
});
