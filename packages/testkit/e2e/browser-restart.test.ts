/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { uniqueId } from '../src/ids.js';
import { waitFor } from '../src/wait-for.js';
import { chromium, useBrowser, whyNot } from './support/browser.js';
import { LOAD_SDK, openSides, type Side } from './support/sdk-pairs.js';
import { connectionsOf, useStack } from './support/stack.js';

const PAIRS = 20;
const EVERY_MS = 200;
const WAIT_MS = 30_000;

/** All of it comes from one address. */
const env = { RATE_LIMIT_IP_MSGS_PER_10S: '1000000' };

const sidesOf = (page: Page) => page.evaluate(() => window.sides);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe.skipIf(!chromium.ok)(`a rolling restart of signaling, under pages${whyNot}`, () => {
  const open = useBrowser();
  const stack = useStack(() => env, chromium.ok);

  /** How many members all instances have. */
  const members = async () => {
    const counts = await Promise.all(stack().signaling.map(connectionsOf));
    return counts.reduce((sum, count) => sum + count, 0);
  };

  it('breaks no data channel, loses no message, and brings none twice', async () => {
    const { gatewayUrl, signalingUrl, signaling, balancer } = stack();
    const rooms = Array.from({ length: PAIRS }, () => uniqueId('room'));
    const pages = [await open(`${gatewayUrl}/healthz`), await open(`${gatewayUrl}/healthz`)] as const;
    for (const [index, page] of pages.entries()) {
      await page.addScriptTag({ type: 'module', content: LOAD_SDK });
      await page.waitForFunction(() => 'parley' in window);
      await page.evaluate(openSides, { signalingUrl, rooms, initiator: index === 1, everyMs: EVERY_MS });
    }
    const [answering, calling] = pages;
    /** Whether something holds for each side, given the other side of its pair. */
    const holds = async (what: (side: Side, other: Side) => boolean) => {
      const [answerers, callers] = [await sidesOf(answering), await sidesOf(calling)];
      const pairs = answerers.map((side, index) => [side, callers[index] as Side] as const);
      return pairs.every(([a, b]) => what(a, b) && what(b, a));
    };
    await waitFor(() => holds(({ isOpen }) => isOpen), 'all data channels are open', WAIT_MS);

    const before = signaling.slice();
    for (const old of before) {
      const fresh = await stack().startSignaling();
      signaling.splice(signaling.indexOf(old), 1, fresh);
      balancer.targets = signaling.map(({ port }) => port);
      expect(await old.stop('SIGTERM')).toBe(0);
      await waitFor(async () => (await members()) === 2 * PAIRS, 'everybody is on another instance', WAIT_MS);
    }
    const sentSoFar = (await sidesOf(calling)).map(({ sent }) => sent);
    await waitFor(
      async () => (await sidesOf(answering)).every(({ signaled }, i) => signaled.includes(sentSoFar[i] ?? 0)),
      'messages of after the restart arrive',
      WAIT_MS,
    );
    for (const page of pages) await page.evaluate(() => window.stopSending());

    await waitFor(
      () => holds(({ signaled, channeled }, { sent }) => Math.min(signaled.length, channeled.length) >= sent),
      'the last ones arrive',
      WAIT_MS,
    );
    const final = await Promise.all(pages.map(sidesOf));
    for (const [index, sides] of final.entries()) {
      for (const [pair, side] of sides.entries()) {
        const { sent } = final[1 - index]?.[pair] ?? { sent: 0 };
        expect(side.signaled).toEqual(upTo(sent));
        expect(side.channeled).toEqual(upTo(sent));
        expect(side.trouble).toEqual([]);
        // Every instance was replaced, so everybody had to move at least once.
        expect(side.recovered.length).toBeGreaterThan(0);
        expect(side.recovered).not.toContain(false);
      }
    }
  });
});
