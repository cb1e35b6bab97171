// How long after "Play" does the first message come over a data channel: with the SDK, and with the least that a page can do?
import { findChromium } from '@parley/testkit';
import type { Contender, Sample } from '../lib/alternate.js';
import { serviceMain, startProgram } from '../lib/program.js';
import { openRedis } from '../lib/redis.js';
import { runBench } from '../lib/run-bench.js';
import type { Scope } from '../lib/scope.js';
import { median, percentile } from '../lib/statistics.js';
import { hostOne, LOAD_SDK, playBare, playWithSdk } from './pages.js';

const PLAYS = 20;
const SMOKE_PLAYS = 2;

interface Urls {
  readonly matchmakerUrl: string;
  readonly gatewayUrl: string;
}

async function startServices(scope: Scope): Promise<Urls> {
  const redis = await openRedis(scope);
  const start = async (name: 'gateway' | 'matchmaker' | 'signaling', env: Record<string, string>) => {
    const program = await startProgram(serviceMain(name), { REDIS_URL: redis.url, STUN_URLS: ',', ...env });
    scope.onClose(program.stop);
    return `127.0.0.1:${program.port}`;
  };
  // All pages have one address. Limits stay in place; they are only higher.
  const generous = { RATE_LIMIT_CONN_PER_10S: '100000', RATE_LIMIT_IP_MSGS_PER_10S: '1000000' };
  const signaling = await start('signaling', generous);
  const env = { SIGNALING_PUBLIC_URL: `ws://${signaling}` };
  const matchmakerUrl = `http://${await start('matchmaker', env)}`;
  return { matchmakerUrl, gatewayUrl: `http://${await start('gateway', env)}` };
}

async function post<T>(url: string, body: object, key?: string): Promise<T> {
  const headers = { 'Content-Type': 'application/json', ...(key && { Authorization: `Bearer ${key}` }) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`unexpected answer to ${url}: ${response.status}`);
  return (await response.json()) as T;
}

/** A host of the demo in the pool: pages are let in as hosts there. */
async function newHost({ gatewayUrl }: Urls) {
  const host = await post<{ key: string; hostId: string; roomId: string; signalingUrl: string }>(
    `${gatewayUrl}/demo/api/hosts`,
    {},
  );
  await post(`${gatewayUrl}/demo/api/host/heartbeat`, host, host.key);
  return host;
}

async function openPages(urls: Urls, scope: Scope) {
  const chromium = await findChromium();
  if (!chromium.ok) throw new Error(`there is no Chromium: ${chromium.reason}`);
  const browser = await chromium.launch();
  scope.onClose(() => browser.close());
  const open = async () => {
    const page = await (await browser.newContext()).newPage();
    // Without the policy of the demo's page, but of the same origin.
    await page.goto(`${urls.gatewayUrl}/healthz`);
    await page.addScriptTag({ type: 'module', content: LOAD_SDK });
    await page.waitForFunction(() => 'parley' in globalThis);
    return page;
  };
  return { hostPage: await open(), playerPage: await open() };
}

await runBench({
  name: 'client-play',
  question:
    'time from "Play" (match, room, WebRTC) until the first message on a data channel has come back, one host, loopback',
  timeoutMs: 300_000,
  async open({ smoke }, scope) {
    const urls = await startServices(scope);
    const { hostPage, playerPage } = await openPages(urls, scope);
    const playOnce = async (play: typeof playBare): Promise<number> => {
      const { hostId, roomId, signalingUrl } = await newHost(urls);
      await hostPage.evaluate(hostOne, { roomId, signalingUrl });
      const tookMs = await playerPage.evaluate(play, { matchmakerUrl: urls.matchmakerUrl, hostId });
      await hostPage.evaluate(() => window.leave());
      return tookMs;
    };
    const contender = (name: string, play: typeof playBare): Contender => ({
      name,
      async measure(): Promise<Sample> {
        const tookMs: number[] = [];
        for (let i = 0; i < (smoke ? SMOKE_PLAYS : PLAYS); i++) tookMs.push(await playOnce(play));
        return { medianMs: median(tookMs), p99Ms: percentile(tookMs, 0.99) };
      },
    });
    return [contender('bare page', playBare), contender('SDK', playWithSdk)];
  },
});
