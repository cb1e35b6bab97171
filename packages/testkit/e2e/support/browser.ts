import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { findChromium, problemsOf } from '../../src/chromium.js';

export const chromium = await findChromium();
/** For the name of a suite that is skipped. */
export const whyNot = chromium.ok ? '' : ` (skipped, no Chromium: ${chromium.reason})`;

/** Pages, each as of another visitor; they are closed at the end of the test, and none may have had a problem. */
export type OpenPage = (
  url: string,
  prepare?: (context: BrowserContext) => Promise<unknown>,
) => Promise<Page>;

/** One browser for all tests of a file. */
export function useBrowser(): OpenPage {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (chromium.ok) browser = await chromium.launch();
  });
  afterAll(() => browser?.close());

  return async (url, prepare) => {
    if (!browser) throw new Error('there is no browser');
    const context = await browser.newContext({ viewport: { width: 1_280, height: 860 } });
    const problems = problemsOf(context);
    onTestFinished(async () => {
      await context.close();
      expect(problems).toEqual([]);
    });
    await prepare?.(context);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(url);
    return page;
  };
}
