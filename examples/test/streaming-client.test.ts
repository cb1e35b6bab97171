import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBareServices, type BareServices } from './bare-services.js';
import { runProgram, type Program } from './program.js';

let services: BareServices;
let client: Program;
beforeEach(async () => {
  services = await startBareServices();
  client = runProgram('streaming-client', {
    ROOM_ID: 'a-room',
    SIGNALING_URL: services.signalingUrl,
    TIMEOUT_MS: '20000',
  });
});
afterEach(async () => {
  await client.stop('SIGKILL');
  services.close();
});

describe('streaming client', () => {
  it('joins without Origin, subprotocol or extension, and sends its offer before anything else', async () => {
    const { request, received } = await services.members.take();
    expect(request.url).toBe('/?roomId=a-room');
    const {
      origin,
      'sec-websocket-protocol': subprotocol,
      'sec-websocket-extensions': extensions,
    } = request.headers;
    expect([origin, subprotocol, extensions]).toEqual([undefined, undefined, undefined]);
    const offer = await received.take();
    expect(offer.type).toBe('offer');
    expect(offer['sdp']).not.toContain('a=candidate');
  });

  it('trickles flat candidates, the end of candidates last', async () => {
    const { received } = await services.members.take();
    await received.takeUntil(({ type }) => type === 'offer');
    const first = await received.take();
    expect(first).toEqual({
      type: 'candidate',
      candidate: expect.stringMatching(/^candidate:/),
      sdpMid: '0',
      sdpMLineIndex: 0,
    });
    const last = await received.takeUntil(({ candidate }) => candidate === '');
    expect(last).toEqual({ type: 'candidate', candidate: '', sdpMid: '0', sdpMLineIndex: 0 });
  });

  it('says why it failed and exits with 1 when signaling refuses it', async () => {
    const { socket } = await services.members.take();
    socket.close(1000, 'Room is full');
    expect((await client.next('error'))['message']).toBe('signaling closed with 1000 Room is full');
    expect(await client.exited).toBe(1);
  });

  it('gives up after TIMEOUT_MS and says what it waited for', async () => {
    const env = { ROOM_ID: 'empty', SIGNALING_URL: services.signalingUrl, TIMEOUT_MS: '500' };
    const waiting = runProgram('streaming-client', env);
    expect((await waiting.next('error'))['message']).toBe(
      'timed out after 500 ms while waiting for an answer',
    );
    expect(await waiting.exited).toBe(1);
  });
});
