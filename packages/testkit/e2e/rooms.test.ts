import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { uniqueId } from '../src/ids.js';
import { createRoom, findMatch, joinRoom } from './support/api.js';
import { startProgram } from './support/program.js';

async function startGameServer(region: string): Promise<string> {
  const server = startProgram('game-server', {
    HOST_ID: uniqueId('game'),
    ROOM_ID: uniqueId('room'),
    REGION: region,
    CAPACITY: '2',
    HEARTBEAT_INTERVAL_MS: '500',
  });
  return String((await server.until('ready'))['address']);
}

describe('a room on a game server', () => {
  it('is created by one client and joined by another, and both get the address of the server', async () => {
    const region = uniqueId('region');
    const address = await startGameServer(region);

    const created = await createRoom({ region });
    expect(created).toMatchObject({ status: 201, body: { serverAddress: address, region } });
    const joined = await joinRoom(String(created.body['roomId']));
    expect(joined).toMatchObject({ status: 200, body: { serverAddress: address } });
  });

  it('is reachable at that address', async () => {
    const region = uniqueId('region');
    await startGameServer(region);
    const { body } = await createRoom({ region });
    const [host = '', port = ''] = String(body['serverAddress']).split(':');

    const socket = connect(Number(port), host);
    socket.write('hello\n');
    const [echo] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();

    expect(echo.toString()).toBe('hello\n');
  });

  it('is refused with 503 once no server has a slot left', async () => {
    const region = uniqueId('region');
    await startGameServer(region);
    const answers = [
      await createRoom({ region }),
      await createRoom({ region }),
      await createRoom({ region }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 503]);
  });

  it('is 404 for those who ask for one that was never created', async () => {
    expect(await joinRoom(uniqueId('room'))).toMatchObject({ status: 404 });
  });

  it('is never what a client that looks for a streaming host is sent to', async () => {
    const region = uniqueId('region');
    await startGameServer(region);
    expect(await findMatch({ region })).toMatchObject({ status: 404, body: { found: false } });
  });
});
