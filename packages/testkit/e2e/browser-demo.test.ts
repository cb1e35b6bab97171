/// <reference lib="dom" />
import { mkdir, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { chromium, useBrowser, whyNot } from './support/browser.js';
import { hostGame, playGame, steer, untilMoreFrames, untilSignaling } from './support/demo-pages.js';
import { useStack } from './support/stack.js';

/** Screenshots to look at. */
const SHOTS = new URL('../.cache/demo/', import.meta.url);

describe.skipIf(!chromium.ok)(`the demo, in Chromium${whyNot}`, () => {
  const open = useBrowser();
  const stack = useStack(() => ({}), chromium.ok);
  beforeAll(() => mkdir(SHOTS, { recursive: true }));

  const shoot = async (page: Page, name: string) => {
    for (const [scheme, size, width, height] of [
      ['light', 'wide', 1_280, 860],
      ['dark', 'wide', 1_280, 860],
      ['light', 'phone', 390, 844],
      ['dark', 'phone', 390, 844],
    ] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height });
      const isTooWide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
      expect(await page.evaluate(isTooWide)).toBe(false);
      await writeFile(
        new URL(`${name}-${size}-${scheme}.png`, SHOTS),
        await page.screenshot({ fullPage: true }),
      );
    }
    await page.setViewportSize({ width: 1_280, height: 860 });
  };

  it('lets one page host and another one play: the game is seen, keys steer it, both can talk', async () => {
    const { page: host, code } = await hostGame(open, stack().gatewayUrl);
    expect(code).toMatch(/^\w{4}-\w{4}-\w{4}$/);
    const player = await playGame(open, stack().gatewayUrl, code);
    await untilMoreFrames(player, 30, 'at all');
    await steer(player, host, 'ArrowUp', '↑');
    await steer(player, host, 'KeyA', '←');

    await player.getByLabel('Message', { exact: true }).fill('Hello over there');
    await host.getByText('Player is typing').waitFor();
    await player.keyboard.press('Enter');
    await host.getByText('Hello over there').waitFor();
    await host.getByText('Player is typing').waitFor({ state: 'hidden' });
    await host.getByLabel('Message', { exact: true }).fill('Hello yourself');
    await host.getByRole('button', { name: 'Send' }).click();
    await player.getByText('Hello yourself').waitFor();
    await shoot(player, 'playing');
    await shoot(host, 'hosting');
  });

  it('cuts the network of a player: the game goes on, and signaling resumes', async () => {
    const { page: host, code } = await hostGame(open, stack().gatewayUrl);
    const player = await playGame(open, stack().gatewayUrl, code);
    await untilMoreFrames(player, 10, 'before');
    await player.getByRole('button', { name: 'Cut my network' }).click();
    await untilSignaling(player, 'resuming');
    await host.getByText('Player lost the connection').waitFor();
    await shoot(player, 'cut');
    await host.getByLabel('Message', { exact: true }).fill('Are you still there?');
    await host.keyboard.press('Enter');
    await untilMoreFrames(player, 20, 'while the network is cut');
    await untilSignaling(player, 'resumed');
    await player.getByText('Are you still there?').waitFor();
    await host.getByText('Player is back').waitFor();
    await steer(player, host, 'ArrowLeft', '←');
  });

  it('matches whoever has no code, and says so when nobody waits', async () => {
    const { page: host } = await hostGame(open, stack().gatewayUrl);
    const first = await playGame(open, stack().gatewayUrl);
    await untilMoreFrames(first, 5, 'at all');
    await first.getByRole('button', { name: 'Leave' }).click();
    await host.getByText('The player has left').waitFor();
    const player = await playGame(open, stack().gatewayUrl);
    await untilMoreFrames(player, 5, 'for the next one, too');
    await host.getByRole('button', { name: 'Leave' }).click();
    await player.getByText('The host has left').first().waitFor();

    const late = await open(`${stack().gatewayUrl}/demo`);
    await shoot(late, 'start');
    await late.keyboard.press('Tab');
    await late.getByRole('button', { name: 'Host a game' }).focus();
    await late.keyboard.press('Tab');
    await late.keyboard.type('nope-nope-nope');
    await late.keyboard.press('Enter');
    await late.getByRole('alert').getByText('Nobody waits in this room').waitFor();
  });
});
