import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBareServices, type BareServices } from './bare-services.js';
import { runProgram, type Program } from './program.js';

let services: BareServices;
let server: Program;
let address: string;
const players: Socket[] = [];
beforeEach(async () => {
  services = await startBareServices();
  server = runProgram('game-server', {
    HOST_ID: 'g1',
    MATCHMAKER_URL: services.matchmakerUrl,
    CAPACITY: '2',
    HEARTBEAT_INTERVAL_MS: '100',
    EMPTY_ROOM_TTL_MS: '300',
  });
  address = String((await server.next('ready'))['address']);
});
afterEach(async () => {
  for (const player of players.splice(0)) player.destroy();
  await server.stop('SIGKILL');
  services.close();
});

/** Connects and says something; `answer` is what comes back first, `all` everything until the server hangs up. */
function play(text: string): { socket: Socket; answer: Promise<string>; all: Promise<string> } {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  players.push(socket);
  socket.write(text);
  let heard = '';
  socket.on('data', (data) => (heard += data.toString()));
  const heardAt = (event: string): Promise<string> =>
    new Promise((resolve) => socket.once(event, () => resolve(heard)));
  return { socket, answer: heardAt('data'), all: heardAt('close') };
}

const reports = async (count: number): Promise<Record<string, unknown>> => {
  const rooms = JSON.stringify([{ roomId: 'r1', players: count }]);
  return (await services.requests.takeUntil(({ body }) => JSON.stringify(body['rooms']) === rooms)).body;
};

describe('game server', () => {
  it('reports its address and, before any assignment, all slots free', async () => {
    const { body } = await services.requests.take();
    expect(body).toMatchObject({ hostId: 'g1', address, capacity: 2, availableSlots: 2, rooms: [] });
  });

  it('takes up an assigned room, counts its players, and gives it back when they are gone', async () => {
    services.assignments = [{ roomId: 'r1', leaseId: 'l1', expiresAt: 0 }];
    expect(await reports(0)).toMatchObject({ availableSlots: 2 });
    const { socket, answer } = play('join r1\n');
    expect(await answer).toBe('join r1\n');
    expect(await reports(1)).toMatchObject({ availableSlots: 1 });
    socket.destroy();
    await reports(0);
    const closed = await services.requests.takeUntil(({ line }) => line.includes('closed'));
    expect(closed.line).toBe('POST /api/host/rooms/r1/closed');
    await services.requests.takeUntil(({ body }) => JSON.stringify(body['rooms']) === '[]');
  });

  it('asks for the room of a player who is quicker than its assignment, and turns away who has none here', async () => {
    services.assignments = [{ roomId: 'r1', leaseId: 'l1', expiresAt: 0 }];
    expect(await play('join r1\n').answer).toBe('join r1\n');
    await reports(1);
    expect(await play('join r2\n').all).toBe('join r2\nno slot for r2 here\n');
  });

  it('says goodbye when it is stopped, with a player still there', async () => {
    await play('hello\n').answer;
    expect(await server.stop('SIGTERM')).toBe(0);
    const goodbye = await services.requests.takeUntil(({ line }) => line.startsWith('DELETE'));
    expect(goodbye.line).toBe('DELETE /api/host/g1');
  });
});
