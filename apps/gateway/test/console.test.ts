import { mkdir, writeFile } from 'node:fs/promises';
import { findChromium, problemsOf, uniqueId, useRedis, waitFor, type OpenBrowser } from '@parley/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostReport, useGateways } from './support.js';

const redis = useRedis();
const { gateway, matchmaker } = useGateways();
const chromium = await findChromium();
if (!chromium.ok) process.stderr.write(`the console is not tested in a browser: ${chromium.reason}\n`);

/** Screenshots to look at. */
const SHOTS = new URL('../.cache/console/', import.meta.url);
const ADMIN_TOKEN = 'the-admin-token';

let env: Record<string, string>;
let browser: OpenBrowser | undefined;
let page: Awaited<ReturnType<OpenBrowser['newPage']>>;
let problems: readonly string[];
let mm: Awaited<ReturnType<typeof matchmaker>>;

/** Regions with hosts and rooms in all states. */
async function populate(ask: Awaited<ReturnType<typeof gateway>>['ask']): Promise<void> {
  for (const [region, hosts, slots] of [
    ['ap-southeast', 2, 8],
    ['eu-central', 6, 16],
    ['us-east', 4, 16],
    ['<b>odd</b>', 1, 4],
  ] as const) {
    for (let i = 0; i < hosts; i++) {
      const address = i % 2 ? { address: undefined } : {};
      const report = hostReport({ region, capacity: slots, availableSlots: slots, ...address });
      await mm.heartbeat(report);
    }
  }
  for (let i = 0; i < 20; i++) await ask('POST', '/api/rooms', { regions: ['eu-central', 'us-east'] });
}

describe.skipIf(!chromium.ok)('the console in a browser', () => {
  beforeAll(async () => {
    env = { REDIS_URL: redis.url, REDIS_KEY_PREFIX: `${uniqueId('p')}:` };
    mm = await matchmaker(env);
    if (chromium.ok) browser = await chromium.launch();
    page = (await browser?.newPage()) as typeof page;
    problems = problemsOf(page.context());
    await mkdir(SHOTS, { recursive: true });
  });
  afterAll(() => browser?.close());

  const text = () => page.evaluate<string>('document.body.innerText');
  const state = () => page.evaluate<string>("document.querySelector('#state').dataset.is");
  const tile = (name: string) =>
    page.evaluate<string>(
      `[...document.querySelectorAll('.tile')].find((t) => t.querySelector('.name').textContent === '${name}').querySelector('.number').textContent`,
    );
  const curve = () => page.evaluate<string>("document.querySelector('.tile path').getAttribute('d')");
  const shoot = async (name: string, width = 1_280, height = 800) => {
    await page.setViewportSize({ width, height });
    await writeFile(new URL(`${name}.png`, SHOTS), await page.screenshot());
  };

  it('shows the numbers live, in light and in dark, and asks nobody but the gateway', async () => {
    const { ask, port } = await gateway(env);
    await populate(ask);
    await page.goto(`http://127.0.0.1:${port}/console`);
    await waitFor(async () => (await tile('Hosts')) === '13', 'thirteen hosts');
    await waitFor(async () => (await tile('Rooms placed')) === '20', 'twenty rooms');
    expect(await state()).toBe('live');
    expect(await text()).toContain('<b>odd</b>');
    await mm.heartbeat(hostReport({ region: 'eu-central' }));
    await waitFor(async () => (await tile('Hosts')) === '14', 'one host more');
    await waitFor(async () => (await curve()).split('L').length > 3, 'a curve to look at');
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await shoot(scheme);
    }
    const dark = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(dark).toBe('rgb(16, 19, 24)');
    await shoot('narrow', 420, 900);
    expect(problems).toEqual([]);
  });

  it('says so when the gateway is gone, and goes on when it is back', async () => {
    const first = await gateway(env);
    await page.goto(`http://127.0.0.1:${first.port}/console`);
    await waitFor(async () => (await state()) === 'live', 'the page is live');
    await first.service.stop();
    await waitFor(async () => (await state()) === 'down', 'the page says that it is not');
    await gateway({ ...env, PORT: String(first.port) });
    await waitFor(async () => (await state()) === 'live', 'the page is live again');
  });

  it('in production asks for the token, refuses another one, and keeps the right one for this tab', async () => {
    const { port } = await gateway({
      ...env,
      NODE_ENV: 'production',
      SIGNALING_PUBLIC_URL: 'wss://signaling.example.com',
      ADMIN_TOKEN,
    });
    const submit = (token: string) =>
      page.evaluate(
        `document.querySelector('#token').value = '${token}'; document.querySelector('#ask button').click()`,
      );
    const isAsking = () => page.evaluate<boolean>("!document.querySelector('#ask').hidden");
    await page.goto(`http://127.0.0.1:${port}/console`);
    await waitFor(isAsking, 'the page asks');
    await submit('wrong');
    await waitFor(async () => (await text()).includes('not accepted'), 'the page refuses');
    await shoot('token', 900, 520);
    await submit(ADMIN_TOKEN);
    await waitFor(async () => (await state()) === 'live', 'the page is live');
    await page.goto(`http://127.0.0.1:${port}/console`);
    await waitFor(async () => (await state()) === 'live', 'the page is live without asking again');
    expect(await isAsking()).toBe(false);
    expect(await page.evaluate('localStorage.length')).toBe(0);
  });
});
