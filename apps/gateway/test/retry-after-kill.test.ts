import { uniqueId, useStore } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { useDoomedGateways } from './doomed-gateways.js';
import { startGameServer } from './hosts.js';
import { hostReport, useParley } from './support.js';

const parley = useParley(useStore());
const { start } = useDoomedGateways(() => parley.env);

/** What a busy machine may take to start a gateway that is to die. */
const TIMEOUT_MS = 60_000;

describe('after a gateway was killed while it created a room', { timeout: TIMEOUT_MS }, () => {
  // Of the two that find no room, both look for a slot after the same wait; which one gets it is chance.
  it('two retries at once get the one room, on the one slot', async () => {
    for (let time = 0; time < 5; time++) {
      const doomed = await start();
      const { region, ...report } = hostReport();
      await parley.heartbeat({ region, ...report });
      const headers = { 'Idempotency-Key': uniqueId('key') };
      const fate = await doomed.killAfter(1, (ask) => ask('POST', '/api/rooms', { region }, headers));
      expect(fate).toHaveProperty('diedAfter');
      const answers = await Promise.all(
        parley.gateways.map(({ ask }) => ask('POST', '/api/rooms', { region }, headers)),
      );
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      expect(new Set(answers.map(({ body }) => body['roomId'])).size).toBe(1);
      expect(await parley.host(report.hostId)).toMatchObject({ free: 0, leases: 1 });
    }
  });

  // Its host is told of it after the third command, or the fourth, and may then open it.
  it.each([3, 4, 5, 6])(
    'a retry lists the public room, also where its host opened it before (killed after %i)',
    async (commands) => {
      const doomed = await start();
      const server = await startGameServer(parley, { slots: 2 });
      const { region } = server.report;
      const headers = { 'Idempotency-Key': uniqueId('key') };
      const body = { region, visibility: 'public' };
      await doomed.killAfter(commands, (ask) => ask('POST', '/api/rooms', body, headers));
      await server.beat();
      await server.beat();
      const { status, body: room } = await parley.ask('POST', '/api/rooms', body, headers);
      expect(status).toBe(201);
      const { rooms } = (await parley.ask('GET', `/api/rooms?region=${region}`)).body;
      expect(rooms).toMatchObject([{ roomId: room['roomId'] }]);
    },
  );
});
