import { describe, expect, it } from 'vitest';
import { Books, type Grant, type HostBook } from '../simulate/books.js';
import { judge } from '../simulate/judge.js';

const TIMES = { hostTtlMs: 3_000, leaseTtlMs: 3_000, beatMs: 1_000, inFlightMs: 1_000, clockSkewMs: 5 };

/** A host that heartbeats every second from 0 to `untilMs`, each taking 10 ms, and is there all the time. */
function addHost(books: Books, more: Partial<HostBook> = {}, untilMs = 20_000): HostBook {
  const book = books.addHost({
    hostId: 'host-1',
    kind: 'game',
    region: 'eu',
    says: 'truth',
    slots: 1,
    ...more,
  });
  for (let at = 0; at <= untilMs; at += 1_000) {
    book.beats.push({ sentAtMs: at, endedAtMs: at + 10, ok: true, players: 0 });
  }
  book.stays.push({ soughtMs: 0, fromMs: 0 });
  return book;
}

/** A slot asked for at a time and got 10 ms later. */
function grant(sentAtMs: number, more: Partial<Grant> = {}): Grant {
  return {
    clientId: `client-${sentAtMs}`,
    leaseId: `lease-${sentAtMs}`,
    seats: 1,
    sentAtMs,
    receivedAtMs: sentAtMs + 10,
    expiresAtMs: sentAtMs + 3_005,
    ...more,
  };
}

/** Came soon, in time to be heard of. */
function session(sentAtMs: number, leavingAtMs: number | undefined, more: Partial<Grant> = {}): Grant {
  const left = leavingAtMs === undefined ? {} : { leavingAtMs, leftAtMs: leavingAtMs + 10 };
  return grant(sentAtMs, { arrivedAtMs: sentAtMs + 100, ...left, ...more });
}

function refuse(books: Books, sentAtMs: number, more: { seats?: number; regions?: string[] } = {}): void {
  books.refusals.push({
    clientId: 'client-x',
    kind: 'game',
    seats: 1,
    sentAtMs,
    receivedAtMs: sentAtMs + 10,
    ...more,
  });
}

const broken = (books: Books) => judge(books, TIMES).violations.map(({ promise }) => promise);

describe('P1, P2, P5: capacity', () => {
  it('two unexpired leases on one slot break P1', () => {
    const books = new Books();
    addHost(books).grants.push(grant(5_000), grant(6_000));
    expect(broken(books)).toEqual(['P1']);
  });

  it('a slot may be promised again once its lease is over, or while its client leaves', () => {
    const books = new Books();
    addHost(books).grants.push(grant(5_000), session(8_001, 9_000), grant(9_000));
    expect(broken(books)).toEqual([]);
  });

  it('a lease on the slot of somebody who is there breaks P2 where the host always says idle', () => {
    const books = new Books();
    const idle = addHost(books, { kind: 'streaming', says: 'idle' });
    idle.grants.push(session(5_000, 12_000), grant(9_000));
    expect(broken(books)).toEqual(['P2']);
  });

  it('a party that does not fit on its host breaks P5', () => {
    const books = new Books();
    addHost(books, { slots: 4 }).grants.push(grant(5_000, { seats: 2 }), grant(5_500, { seats: 3 }));
    expect(broken(books)).toEqual(['P5']);
  });

  it('a client that came when its lease was over is counted, and its host not judged meanwhile', () => {
    const books = new Books();
    const host = addHost(books);
    host.grants.push(grant(5_000, { arrivedAtMs: 8_500, leavingAtMs: 9_500, leftAtMs: 9_500 }), grant(8_200));
    refuse(books, 9_800);
    expect(judge(books, TIMES)).toMatchObject({ violations: [], late: 1 });
  });
});

describe('P3, P6: hosts that are gone', () => {
  it('a promise on a host that is silent for its TTL breaks P3, and one just before does not', () => {
    const books = new Books();
    addHost(books, { slots: 2 }, 5_000).grants.push(grant(8_005), grant(8_020));
    expect(broken(books)).toEqual(['P3']);
  });

  it('a heartbeat that is under way may count already', () => {
    const books = new Books();
    const host = addHost(books, {}, 5_000);
    host.beats.push({ sentAtMs: 9_000, players: 0 });
    host.grants.push(grant(9_001));
    expect(broken(books)).toEqual([]);
  });

  it('a promise on a streaming host that left its room breaks P6 once the pool must know', () => {
    const books = new Books();
    const host = addHost(books, { kind: 'streaming', slots: 2 });
    host.stays.splice(0, 1, { soughtMs: 0, fromMs: 0, toMs: 5_000 });
    host.grants.push(grant(5_900), grant(6_100));
    expect(broken(books)).toEqual(['P6']);
  });
});

describe('P4: refusals', () => {
  it('a refusal while a slot is free breaks P4', () => {
    const books = new Books();
    addHost(books);
    refuse(books, 5_000);
    expect(broken(books)).toEqual(['P4']);
  });

  it.each([
    ['is asked for elsewhere', { regions: ['us'] }],
    ['is too small for the party', { seats: 2 }],
  ])('no P4 where the only host %s', (_, wish) => {
    const books = new Books();
    addHost(books);
    refuse(books, 5_000, wish);
    expect(broken(books)).toEqual([]);
  });

  it('no P4 where the slot may be taken at some moment of the request', () => {
    const books = new Books();
    addHost(books).grants.push(grant(5_005));
    refuse(books, 5_000);
    expect(broken(books)).toEqual([]);
  });

  it('a lease that nobody took up must come back', () => {
    const books = new Books();
    addHost(books).grants.push(grant(5_000));
    refuse(books, 7_990);
    refuse(books, 8_020);
    expect(judge(books, TIMES).violations).toMatchObject([{ promise: 'P4', atMs: 8_030 }]);
  });

  it('a slot whose player left is free when the host has said so, not before', () => {
    const books = new Books();
    const host = addHost(books);
    for (const beat of host.beats.filter(({ sentAtMs }) => sentAtMs === 6_000))
      Object.assign(beat, { players: 1 });
    host.grants.push(session(5_500, 6_500));
    refuse(books, 6_900);
    refuse(books, 7_100);
    expect(judge(books, TIMES).violations).toMatchObject([{ promise: 'P4', atMs: 7_110 }]);
  });

  it('no P4 on a host that may be dead, or while an answer that was lost may hold the slot', () => {
    const books = new Books();
    addHost(books, {}, 5_000);
    refuse(books, 8_100);
    books.lostFinds.push({ seats: 1, sentAtMs: 3_000, endedAtMs: 3_500, why: 'reset' });
    refuse(books, 5_100);
    expect(broken(books)).toEqual([]);
  });

  it('a streaming host that is back counts when the pool must know, later if a promise stands', () => {
    const books = new Books();
    const host = addHost(books, { kind: 'streaming', slots: 2 });
    host.stays.push({ soughtMs: 9_990, fromMs: 10_000 });
    host.stays.splice(0, 1, { soughtMs: 0, fromMs: 0, toMs: 8_000 });
    host.grants.push(grant(7_900));
    const ask = (at: number) =>
      books.refusals.push({ clientId: 'x', kind: 'streaming', seats: 1, sentAtMs: at, receivedAtMs: at + 1 });
    ask(14_900);
    expect(broken(books)).toEqual([]);
    ask(15_100);
    expect(broken(books)).toEqual(['P4']);
  });
});
