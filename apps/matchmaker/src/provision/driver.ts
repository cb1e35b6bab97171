import type { RegionPlan } from '@parley/config';
import type { Reason } from './decide.js';

/** What went wrong, in a few words that metrics can be labelled with. */
export const FAILURES = [
  'unreachable',
  'timeout',
  'unavailable',
  'unauthorized',
  'not-found',
  'conflict',
  'refused',
  'invalid',
] as const;
export type FailureKind = (typeof FAILURES)[number];

/** The platform did not do what it was asked. */
export interface Failure {
  readonly outcome: 'failed';
  readonly kind: FailureKind;
  /** For operators; without secrets. */
  readonly detail: string;
  /** Whether the same request may succeed in a moment. */
  readonly retry: boolean;
}

/** How many hosts a region is to have as things stand. */
export interface Reading {
  readonly outcome: 'read';
  readonly current: number;
  /** What a write has to name, so that it is refused where somebody else has written since. */
  readonly version?: string;
}

/** It cannot be known yet: look again later. */
export interface Unknown {
  readonly outcome: 'unknown';
}

/** What the platform is told of a region. */
export interface Order {
  readonly region: string;
  readonly desired: number;
  readonly current: number;
  readonly hosts: number;
  readonly used: number;
  readonly free: number;
  readonly reason: Reason;
  /** Of the provisioner that says so: a higher one is later. */
  readonly term: string;
  /** Of the order, in its term: the same for each try, and higher than that of any order before. */
  readonly number: number;
}

/** What a driver may look at to know how many hosts there are to be. */
export interface Situation {
  readonly region: string;
  readonly plan: RegionPlan;
  /** Hosts that heartbeat. */
  readonly hosts: number;
  /** For how long the region has been watched without a break. */
  readonly watchedMs: number;
}

/** A platform that runs hosts. Nothing of it throws but RedisUnavailableError. */
export interface Driver {
  readonly name: 'webhook' | 'kubernetes';
  /** It does not say how many hosts it runs: it is told again until as many heartbeat. */
  readonly remind: boolean;
  /** Another one leads: note what it tells, should Redis lose that. */
  follow?(region: string): Promise<void>;
  read(situation: Situation, signal: AbortSignal): Promise<Reading | Unknown | Failure>;
  write(
    order: Order,
    target: { readonly plan: RegionPlan; readonly reading: Reading },
    signal: AbortSignal,
  ): Promise<{ readonly outcome: 'written' } | Failure>;
}
