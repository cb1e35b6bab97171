import { describe, expect, it } from 'vitest';
import { readTraceparent, writeTraceparent } from '../src/trace/traceparent.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent (W3C Trace Context §3.2)', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, 1],
    [`00-${TRACE}-${SPAN}-00`, 0],
    [`00-${TRACE}-${SPAN}-ff`, 1],
    [`cc-${TRACE}-${SPAN}-01`, 1],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-is-like`, 1],
  ])('is read: %s', (text, traceFlags) => {
    const read = readTraceparent(text);
    expect(read).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
    expect(read && writeTraceparent(read)).toBe(`00-${TRACE}-${SPAN}-0${traceFlags}`);
  });

  it.each([
    undefined,
    '',
    'anything',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-011`,
    `cc-${TRACE}-${SPAN}-011`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `cc-${TRACE}-${SPAN}-01-${'x'.repeat(10_000)}`,
    [`00-${TRACE}-${SPAN}-01`],
  ])('is left alone where it is none: %j', (text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });
});
