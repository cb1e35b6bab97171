// For apps/signaling/test: fails with the reporter that keeps only the latest state of a room, and that waits 1 s for
// its retry although Redis is there.
import type { Presence } from '@parley/redis-scripts';
import { createLogger } from '@parley/runtime';
import { waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { PresenceReporter } from '../src/instance/presence.js';

const logger = createLogger('signaling', { LOG_LEVEL: 'silent', PRETTY_LOGS: false });
const state = (version: number, ...members: string[]): Presence => ({
  region: 'eu',
  hostId: 'host',
  roomId: 'room',
  version,
  members: members.map((memberId) => ({ memberId, evidence: 'offered' })),
});

describe('who is in a room', () => {
  it('is told of a client that came and left at once: its lease is taken up', async () => {
    const told: string[] = [];
    const reporter = new PresenceReporter({
      logger,
      report: async ({ members }) => told.push(members.map(({ memberId }) => memberId).join('+')),
    });
    reporter.add(state(1, 'host', 'client'));
    reporter.add(state(2, 'host'));
    await waitFor(() => told.at(-1) === 'host', 'the last state is told');
    expect(told).toContain('host+client');
    reporter.close();
  });

  it('is told at once while earlier reports are under way', async () => {
    const delays: number[] = [];
    const addedAt = new Map<number, number>();
    const reporter = new PresenceReporter({
      logger,
      report: async ({ version }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        delays.push(performance.now() - (addedAt.get(version) ?? 0));
      },
    });
    for (let version = 1; version <= 60; version++) {
      addedAt.set(version, performance.now());
      reporter.add({ ...state(version, `client-${version}`), roomId: `room-${version % 3}` });
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await waitFor(() => delays.length === 60, 'all are told');
    expect(Math.max(...delays)).toBeLessThan(500);
    reporter.close();
  });
});
