import type { Grant, HostBook } from './books.js';

/** The promises that are checked (invariants of the architecture). */
export const PROMISES = {
  P1: 'leases and sessions never exceed the capacity of a host',
  P2: 'a host that always says idle is not handed out while somebody is there',
  P3: 'nothing is promised on a host that was silent for its TTL',
  P4: 'nobody is told "no hosts" while an eligible slot is free',
  P5: 'a party gets all its seats on one host, or none',
  P6: 'a streaming host that left its room is not handed out',
} as const;

export type PromiseName = keyof typeof PROMISES;

/** A promise that was broken for certain, and what shows it. */
export interface Violation {
  readonly promise: PromiseName;
  readonly atMs: number;
  readonly hostId: string;
  readonly evidence: string;
}

const seconds = (ms: number | undefined) => (ms === undefined ? '–' : (ms / 1_000).toFixed(3));

/** A host in words. */
export function describeHost({ hostId, kind, says, slots, region }: HostBook): string {
  return `${hostId} (${kind}, ${slots} slots, ${region}, ${says === 'idle' ? 'always says idle' : 'tells the truth'})`;
}

/** A promised slot in words; times in seconds since the start. */
export function describeGrant(grant: Grant): string {
  return [
    `${grant.clientId} ${grant.seats} seat(s) lease ${grant.leaseId}`,
    `asked ${seconds(grant.sentAtMs)} got ${seconds(grant.receivedAtMs)} expires ${seconds(grant.expiresAtMs)}`,
    `came ${seconds(grant.arrivedAtMs)} leaving ${seconds(grant.leavingAtMs)} gone ${seconds(grant.leftAtMs)}`,
  ].join(', ');
}

/** The end of a host's heartbeats around a time, in words. */
export function describeBeats({ beats }: HostBook, atMs: number): string {
  const last = beats.filter(({ sentAtMs }) => sentAtMs <= atMs).slice(-3);
  return last
    .map((beat) => `${seconds(beat.sentAtMs)}–${seconds(beat.endedAtMs)}${beat.ok ? '' : ' (failed)'}`)
    .join(' ');
}
