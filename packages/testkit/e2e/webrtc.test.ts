import { describe, expect, it } from 'vitest';
import { uniqueId } from '../src/ids.js';
import { openSocket } from '../src/socket.js';
import { startProgram, type Program } from './support/program.js';
import { target } from './support/target.js';

const [hostSide, clientSide] = target.signalingUrls;

function startHost(region: string, roomId = uniqueId('room')): Program {
  return startProgram('streaming-host', {
    HOST_ID: uniqueId('host'),
    ROOM_ID: roomId,
    REGION: region,
    SIGNALING_URL: hostSide,
  });
}

describe('a host and a client that know nothing of each other', () => {
  it('find each other through the matchmaker and talk over WebRTC, on different signaling instances', async () => {
    const region = uniqueId('region');
    const roomId = uniqueId('room');
    await startHost(region, roomId).until('ready');

    const client = startProgram('streaming-client', {
      REGION: region,
      SIGNALING_URL: clientSide,
      MESSAGES: '100',
    });

    expect(await client.until('match')).toMatchObject({ roomId });
    expect(await client.until('done')).toMatchObject({ echoed: 100 });
    expect(await client.exited).toBe(0);
  });

  it('talk on the instance that the match names, too', async () => {
    const region = uniqueId('region');
    await startHost(region).until('ready');

    const client = startProgram('streaming-client', { REGION: region, MESSAGES: '100' });

    expect(await client.until('done')).toMatchObject({ echoed: 100 });
  });

  it('talk when the client came first and the host later', async () => {
    const roomId = uniqueId('room');
    const client = startProgram('streaming-client', { ROOM_ID: roomId, SIGNALING_URL: clientSide });
    await client.until('match');

    startHost(uniqueId('region'), roomId);

    expect(await client.until('done')).toMatchObject({ echoed: 100 });
  });
});

describe('what a client says before its host is there', () => {
  it('reaches the host in order, offer first, on whichever instance it joins', async () => {
    const roomId = uniqueId('room');
    const client = await openSocket(`${clientSide}/?roomId=${roomId}`);
    const candidates = Array.from({ length: 5 }, (_, index) => ({
      type: 'candidate',
      candidate: `candidate:${index} 1 udp 2122260223 127.0.0.1 ${50_000 + index} typ host`,
      sdpMid: '0',
      sdpMLineIndex: 0,
    }));
    const sent = [{ type: 'offer', sdp: 'v=0\r\n' }, ...candidates];
    for (const message of sent) client.send(message);

    const host = await openSocket(`${hostSide}/?roomId=${roomId}`);
    const received = [];
    while (received.length < sent.length) received.push(await host.next());

    expect(received).toEqual(sent);
    await Promise.all([client.close(), host.close()]);
  });
});
