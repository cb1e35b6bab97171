import type { SpanContext } from '@opentelemetry/api';

/** Ids of zeros alone, and version ff, are no ids (W3C Trace Context §3.2.2). */
const TRACEPARENT =
  /^(?:00|(?!ff)[0-9a-f]{2}(?=.{53}(?:-|$)))-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;

const LENGTH = 55;

/** Read what a client sent as `traceparent`. @returns undefined for what is none */
export function readTraceparent(given: string | string[] | undefined): SpanContext | undefined {
  if (typeof given !== 'string' || given.length > 2 * LENGTH) return undefined;
  if (given.startsWith('00') && given.length !== LENGTH) return undefined;
  const [, traceId, spanId, flags = ''] = TRACEPARENT.exec(given) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

/** Write it for those who continue. */
export function writeTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 1).toString(16).padStart(2, '0')}`;
}
