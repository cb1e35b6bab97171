/// <reference lib="dom" />
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { findCoturn, type Coturn } from '../src/coturn.js';
import { uniqueId } from '../src/ids.js';
import { waitFor } from '../src/wait-for.js';
import { chromium, useBrowser, whyNot } from './support/browser.js';
import { plainHost, plainPage, type PlainPeer } from './support/plain-peers.js';
import { useStack } from './support/stack.js';

const coturn = await findCoturn();
const why = coturn.ok ? whyNot : ` (skipped, no coturn: ${coturn.reason})`;
const isPossible = coturn.ok && chromium.ok;

interface Match {
  readonly roomId: string;
  readonly signalingUrl: string;
  readonly iceServers: RTCIceServer[];
}

describe.skipIf(!isPossible)(`with coturn and nothing but relays allowed, in Chromium${why}`, () => {
  const open = useBrowser();
  const secret = randomBytes(16).toString('hex');
  let turn: Coturn | undefined;
  const stack = useStack(async () => {
    if (coturn.ok) turn = await coturn.start(secret);
    return { TURN_URLS: turn?.url ?? '', TURN_SECRET: secret, HOST_SECRET: secret };
  }, isPossible);
  afterAll(() => turn?.stop());

  const post = async (path: string, body: object) => {
    const response = await fetch(`${stack().matchmakerUrl}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as unknown;
  };

  /** Types of the two candidates of the pair in use. */
  const pairOf = (page: Page) =>
    page.evaluate(async () => {
      const stats = (await window.peers[0]?.getStats()) ?? new Map<string, RTCStats>();
      const all = [...(stats as ReadonlyMap<string, RTCStats & Record<string, string>>).values()];
      const transport = all.find(({ type }) => type === 'transport');
      const pair = all.find(({ id }) => id === transport?.['selectedCandidatePairId']);
      return ['localCandidateId', 'remoteCandidateId'].map(
        (end) => all.find(({ id }) => id === pair?.[end])?.['candidateType'],
      );
    });

  it('host and page meet through it, with the credentials of the match', async () => {
    const blank = `${stack().gatewayUrl}/healthz`;
    const [hostId, region, roomId] = [uniqueId('host'), uniqueId('region'), uniqueId('room')];
    await post('/api/host/heartbeat', { hostId, region, roomId });
    const [host, page] = [await open(blank), await open(blank)];
    const { iceServers } = (await post('/api/ice-servers', {})) as Pick<Match, 'iceServers'>;
    const at = (url: string, servers: RTCIceServer[]): PlainPeer => ({
      url: `${url}/?roomId=${roomId}`,
      iceServers: servers,
      relayOnly: true,
    });

    // To the pool a page is a client until it has answered: the match comes before this host is seen in its room.
    const match = (await post('/api/match/find', { region })) as Match;
    expect(match.roomId).toBe(roomId);
    await host.evaluate(plainHost, at(stack().signalingUrl, iceServers));
    await page.evaluate(plainPage, at(match.signalingUrl, match.iceServers));

    await waitFor(() => page.evaluate(() => window.seen.echoed === 100), 'messages come back', 20_000);
    expect(await pairOf(page)).toEqual(['relay', 'relay']);
    expect(await pairOf(host)).toEqual(['relay', 'relay']);
  });
});
