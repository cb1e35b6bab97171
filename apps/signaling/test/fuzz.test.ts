import { once } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientMessage } from '@parley/protocol';
import { openSocket, startService, uniqueId, useStore, waitFor } from '@parley/testkit';
import { answer, offer } from './support/messages.js';
import { generousLimits } from './support/signaling.js';

const FRAMES = 100_000;
const store = useStore();

const proto = '{"type":"ping","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const nested = `{"type":"control","action":"x","payload":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`;

const frame = fc.oneof(
  fc.string({ maxLength: 200, unit: 'binary' }),
  fc.json({ maxDepth: 4 }),
  fc.constantFrom(
    proto,
    deep,
    nested,
    '',
    'null',
    '{}',
    '[]',
    '"offer"',
    '{"type":"offer"}',
    '{"type":["offer"]}',
  ),
  fc
    .record({
      type: fc.constantFrom('offer', 'answer', 'candidate', 'control', 'ping', 'video-metrics', '__proto__'),
      sdp: fc.anything(),
      candidate: fc.anything(),
      action: fc.anything(),
    })
    .map((value) => JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v))),
  fc.uint8Array({ maxLength: 200 }),
);

describe('whatever a client sends', () => {
  it(
    'harms nobody: no crash, nothing relayed that the schema refuses, no growing memory',
    { timeout: 180_000 },
    async () => {
      const service = await startService('signaling', { ...generousLimits, ...store.env });
      const room = uniqueId('room');
      const url = `ws://127.0.0.1:${service.port}/?roomId=${room}`;
      const [peer, fuzzer] = [await openSocket(url), await openSocket(url)];
      const strange: string[] = [];
      let relayed = 0;
      peer.socket.removeAllListeners('message');
      peer.socket.on('message', (data: Buffer) => {
        relayed += 1;
        const text = data.toString();
        if (!clientMessage.safeParse(JSON.parse(text)).success || !text.startsWith('{"type":"'))
          strange.push(text);
      });
      let refused = 0;
      fuzzer.socket.removeAllListeners('message');
      fuzzer.socket.on('message', () => (refused += 1));

      const frames = fc.sample(frame, 2_000);
      const memory = async () => {
        const body = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
        return Number(/^process_resident_memory_bytes (\S+)/m.exec(body)?.[1]);
      };
      let early = 0;
      for (let sent = 0; sent < FRAMES; sent += frames.length) {
        for (const each of frames) fuzzer.socket.send(each, { binary: typeof each !== 'string' });
        await waitFor(() => relayed + refused >= sent + frames.length, 'all are answered or relayed', 30_000);
        if (sent === FRAMES / 2) early = await memory();
      }
      expect(strange).toEqual([]);
      expect(relayed).toBeGreaterThan(0);
      expect(fuzzer.closed).toBeUndefined();
      expect(await memory()).toBeLessThan(early * 1.5);
      expect(service.process.exitCode).toBeNull();
      await service.stop();
    },
  );

  it('in pieces, is put together; what breaks the protocol ends only its own connection', async () => {
    const service = await startService('signaling', { ...generousLimits, ...store.env });
    const room = uniqueId('room');
    const url = `ws://127.0.0.1:${service.port}/?roomId=${room}`;
    const [peer, sender] = [await openSocket(url), await openSocket(url)];
    const text = JSON.stringify(offer);
    for (let i = 0; i < text.length; i += 1) {
      sender.socket.send(text.charAt(i), { fin: i === text.length - 1, binary: false });
    }
    expect(await peer.next()).toEqual(offer);
    for (const bytes of [
      [0xff, 0xff, 0xff],
      [0x81, 0x05, 1, 2, 3, 4, 5],
      [0x81, 0x83, 0, 0, 0, 0, 0xff, 0xfe, 0xfd],
    ]) {
      const broken = await openSocket(`ws://127.0.0.1:${service.port}/?roomId=${uniqueId('room')}`);
      const raw = Reflect.get(broken.socket, '_socket') as NodeJS.WritableStream;
      raw.write(Buffer.from(bytes));
      await once(broken.socket, 'close');
      expect([1002, 1007]).toContain(broken.closed?.code);
    }
    peer.send(answer);
    expect(await sender.next()).toEqual(answer);
    await service.stop();
  });
});
