import { describe, expect, it } from 'vitest';
import { closes, type Peer } from '@parley/protocol';
import { createEventReader } from '../src/http/event-stream.js';
import { Members } from '../src/session/members.js';
import { Outbox } from '../src/session/outbox.js';
import { closeName, decide, type Decision } from '../src/session/reconnect-policy.js';
import { backoffMs } from '../src/util/backoff.js';
import { Emitter } from '../src/util/emitter.js';

describe('backoff', () => {
  it('doubles its bound up to a maximum, and may be anything below', () => {
    const bounds = [1, 2, 3, 4, 5, 100].map((failures) =>
      backoffMs(failures, { firstMs: 100, maxMs: 1_000 }, 1),
    );
    expect(bounds).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(backoffMs(5, { firstMs: 100 }, 0)).toBe(0);
    expect(backoffMs(3, { firstMs: 100 }, 0.25)).toBe(100);
  });
});

describe('the reconnect policy', () => {
  const after = (code: number, reason: string, more = {}): Decision =>
    decide({ code, reason, failures: 1, wasMember: false, hasFreshToken: false, ...more }, { firstMs: 100 });

  it.each(Object.entries(closes))('is that of the protocol: %s', (name, { code, reason, reconnect }) => {
    expect(closeName(code, reason)).toBe(name);
    const decision = after(code, reason);
    if (reconnect === 'terminal') expect(decision).toEqual({ retry: false, reason: name });
    else if (reconnect === 'elsewhere') expect(decision).toEqual({ retry: true, waitMs: 0, isPaced: true });
    else expect(decision.retry).toBe(true);
  });

  it('comes back at once after a lost connection, and waits when that was not enough', () => {
    expect(after(1006, '')).toEqual({ retry: true, waitMs: 0, isPaced: false });
    const waits = Array.from({ length: 50 }, () => after(1006, '', { failures: 4 }));
    expect(Math.max(...waits.map((each) => (each.retry ? each.waitMs : 0)))).toBeGreaterThan(100);
  });

  it('lets a network that is back hurry only those whom no server told to wait', () => {
    for (const { code, reason } of Object.values(closes)) {
      expect(after(code, reason)).not.toMatchObject({ isPaced: false });
    }
    expect(after(1005, '', { failures: 3 })).toMatchObject({ isPaced: false });
  });

  it('comes back when a draining instance asked it to', () => {
    expect(after(1012, 'Server draining', { retryAfterMs: 700 })).toEqual({
      retry: true,
      waitMs: 700,
      isPaced: true,
    });
  });

  it('waits longer and longer for instances that drain one after the other, whatever they ask for', () => {
    const more = { retryAfterMs: 0, failures: 5 };
    const waits = Array.from({ length: 50 }, () => after(1012, 'Server draining', more));
    expect(Math.max(...waits.map((each) => (each.retry ? each.waitMs : 0)))).toBeGreaterThan(200);
  });

  it('takes a room that is full for full of itself, and a token for out of date, only where that can be', () => {
    expect(after(1000, 'Room is full', { wasMember: true }).retry).toBe(true);
    expect(after(1008, 'Unauthorized', { hasFreshToken: true })).toMatchObject({ retry: true, waitMs: 0 });
    expect(after(1008, 'Forbidden', { hasFreshToken: true }).retry).toBe(false);
  });

  it.each([
    [1000, '', false],
    [1008, 'a policy of a proxy', false],
    [1003, '', false],
    [1001, '', true],
    [1005, '', true],
    [1015, '', true],
    [4999, '', true],
  ])('has an answer for codes that are not in the table: %s %s', (code, reason, retry) => {
    expect(after(code, reason)).toMatchObject(retry ? { retry } : { retry, reason: 'refused' });
  });
});

describe('the outbox', () => {
  const flushed = (box: Outbox, isNumbered = true): unknown[] => {
    const texts: string[] = [];
    box.flush((text) => texts.push(text), isNumbered);
    return texts.map((text) => JSON.parse(text) as unknown);
  };

  it('writes each message once, with its number', () => {
    const box = new Outbox();
    box.add({ type: 'a' });
    box.add({ type: 'b' });
    expect(flushed(box)).toEqual([
      { type: 'a', seq: 1 },
      { type: 'b', seq: 2 },
    ]);
    expect(flushed(box)).toEqual([]);
  });

  it('writes again what the server did not take, before what waits', () => {
    const box = new Outbox();
    for (const type of ['a', 'b', 'c']) box.add({ type });
    flushed(box);
    box.add({ type: 'd' });
    expect(box.resume(1)).toBe(true);
    expect(flushed(box)).toEqual([
      { type: 'b', seq: 2 },
      { type: 'c', seq: 3 },
      { type: 'd', seq: 4 },
    ]);
  });

  it('writes nothing again where the server cannot tell what it took, but what was never written', () => {
    const box = new Outbox();
    for (const type of ['a', 'b']) box.add({ type });
    flushed(box);
    box.add({ type: 'c' });
    expect(box.giveUpWritten()).toEqual([{ type: 'a' }, { type: 'b' }]);
    expect(flushed(box)).toEqual([{ type: 'c', seq: 3 }]);
  });

  it('gives another member numbers of its own, and hands back what may have been taken', () => {
    const box = new Outbox();
    box.add({ type: 'a' });
    flushed(box);
    box.add({ type: 'b' });
    expect(box.restart(false)).toEqual([{ type: 'a' }]);
    expect(flushed(box)).toEqual([{ type: 'b', seq: 1 }]);
    expect(box.restart(true)).toEqual([]);
    expect(flushed(box)).toEqual([{ type: 'b', seq: 1 }]);
  });

  it('forgets what was written, oldest first, refuses what would wait too long, and says when something is missing', () => {
    const box = new Outbox({ maxMessages: 3 });
    for (const type of ['a', 'b', 'c']) expect(box.add({ type })).toBe(true);
    expect(box.add({ type: 'd' })).toBe(false);
    flushed(box);
    expect(box.add({ type: 'd' })).toBe(true);
    expect(box.resume(0)).toBe(false);
    expect(box.resume(1)).toBe(true);
    expect(new Outbox({ maxChars: 20 }).add({ type: 'x'.repeat(20) })).toBe(false);
  });

  it('makes room when the server says what it has', () => {
    const box = new Outbox({ maxMessages: 4 });
    for (const type of ['a', 'b']) box.add({ type });
    flushed(box);
    expect(box.isHalfFull).toBe(true);
    box.taken(2);
    expect(box.isHalfFull).toBe(false);
    expect(box.resume(2)).toBe(true);
  });
});

describe('the members of a room', () => {
  it('are compared with those who are there after an absence, as if it had been told', () => {
    const members = new Members();
    members.replace(
      [
        { memberId: 'stays', userId: 'own' },
        { memberId: 'leaves', userId: 'ann' },
        { memberId: 'second', userId: 'own' },
        { memberId: 'returns', away: true },
        { memberId: 'goes' },
      ],
      'own',
    );
    const now: Peer[] = [
      { memberId: 'stays', userId: 'own' },
      { memberId: 'returns' },
      { memberId: 'goes', away: true },
      { memberId: 'comes', userId: 'bob', away: true },
    ];
    expect(members.replace(now, 'own')).toEqual([
      ['peer-disconnected', { memberId: 'leaves' }],
      ['peer-disconnected', { memberId: 'second' }],
      ['user-left', { userId: 'ann' }],
      ['peer-joined', { memberId: 'returns', resumed: true }],
      ['peer-away', { memberId: 'goes' }],
      ['peer-joined', { memberId: 'comes', userId: 'bob' }],
      ['peer-away', { memberId: 'comes' }],
      ['user-joined', { userId: 'bob' }],
    ]);
    expect([...members.values()]).toEqual(now);
    expect([...members.gone]).toEqual(['leaves', 'second']);
    expect(members.replace(now, 'own')).toEqual([]);
  });
});

describe('reading server-sent events', () => {
  it('puts pieces together wherever they were cut', () => {
    const text = 'retry: 70\r\n\r\n:\n\nid: 1-0\nevent: a\ndata: {"x":\ndata: 1}\n\rdata:b\n\n';
    const whole = createEventReader(() => {})(text);
    expect(whole).toEqual([
      { id: '1-0', type: 'a', data: '{"x":\n1}' },
      { id: '1-0', type: 'message', data: 'b' },
    ]);
    for (let cut = 1; cut < text.length; cut += 1) {
      const retries: number[] = [];
      const read = createEventReader((ms) => retries.push(ms));
      expect([...read(text.slice(0, cut)), ...read(text.slice(cut))]).toEqual(whole);
      expect(retries).toEqual([70]);
    }
  });
});

describe('events', () => {
  class Bell extends Emitter<{ ring: number }> {
    ring(n: number): void {
      this.emit('ring', n);
    }
  }

  it('reach listeners until they stop, also when one of them throws', async () => {
    const bell = new Bell();
    const heard: string[] = [];
    const thrown = new Promise((resolve) => {
      const [first] = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        if (first) process.on('uncaughtException', first);
        resolve(error);
      });
    });
    bell.once('ring', () => {
      throw new Error('mine');
    });
    bell.once('ring', (n) => heard.push(`once ${n}`));
    const off = bell.on('ring', (n) => heard.push(`on ${n}`));
    bell.ring(1);
    bell.ring(2);
    off();
    bell.ring(3);
    expect(heard).toEqual(['once 1', 'on 1', 'on 2']);
    expect(await thrown).toMatchObject({ message: 'mine' });
  });
});
