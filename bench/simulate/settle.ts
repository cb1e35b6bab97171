import type { HostBook, Stay, Tolerances } from './books.js';

/**
 * How long a host must have been where clients find it until the pool must know. A streaming host that enters its room
 * while a promise of it stands cannot be told from the client that was promised, until no such client can come any
 * more and it heartbeats again.
 */
export function settleMs(host: HostBook, stay: Stay, times: Tolerances): number {
  if (host.kind === 'game') return 0;
  const { inFlightMs, leaseTtlMs, beatMs } = times;
  const isAmbiguous = host.grants.some(
    ({ sentAtMs, expiresAtMs }) =>
      sentAtMs <= stay.fromMs + inFlightMs && expiresAtMs >= stay.fromMs - inFlightMs,
  );
  return inFlightMs + (isAmbiguous ? leaseTtlMs + beatMs : 0);
}
