import { findDebianPrograms } from '@parley/embedded-redis';
import type { Browser, BrowserContext } from 'playwright-core';
import { neededInCi } from './needed-in-ci.js';

/** As root there is no sandbox to be had; and nothing is fetched that no test asked for. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Pages of one browser are tested beside each other: one that is not in front must not be slowed down.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** A running Chromium, as Playwright drives it. */
export type OpenBrowser = Browser;

export type FoundChromium =
  | { readonly ok: true; readonly launch: () => Promise<Browser> }
  | { readonly ok: false; readonly reason: string };

/**
 * Where Chromium is on this machine (fetched without installing it where it has to be), or why it is not.
 * @throws Error in CI, see {@link neededInCi}
 */
export async function findChromium(): Promise<FoundChromium> {
  const request = {
    name: 'chromium',
    packages: ['chromium', 'chromium-common'],
    programs: ['usr/lib/chromium/chromium'],
  };
  const found = neededInCi('chromium', await findDebianPrograms(request));
  if (!found.ok) return found;
  const [executablePath = ''] = found.paths;
  const env = { ...ownEnvironment(), ...found.env };
  return { ok: true, launch: () => launch(executablePath, env) };
}

/** Playwright takes a while to load, and most who use this package need no browser. */
async function launch(executablePath: string, env: Record<string, string>): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: FLAGS, env });
}

function ownEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What goes wrong in the pages of a context from now on: errors, and addresses beside those of loopback. */
export function problemsOf(context: BrowserContext): readonly string[] {
  const problems: string[] = [];
  context.on('weberror', (error) => problems.push(String(error.error().stack)));
  context.on('console', (message) => {
    // What a page cannot reach it may ask for again, and Chromium complains of it by itself.
    const isNetwork = /net::ERR_|^Failed to load|^WebSocket (is|connection)/.test(message.text());
    if (message.type() === 'error' && !isNetwork) problems.push(message.text());
  });
  context.on('request', (request) => {
    const isOurs = /^(http:\/\/127\.0\.0\.1:|data:|blob:)/.test(request.url());
    if (!isOurs) problems.push(`asked for ${request.url()}`);
  });
  return problems;
}
