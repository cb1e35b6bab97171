import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NESTING_MAX, clientMessage, parseClientMessage, type ClientMessage } from '../src/index.js';

/** What is relayed of a text; undefined when it is refused. */
function relayed(text: string): string | undefined {
  const parsed = parseClientMessage(text);
  return parsed.ok ? parsed.text : undefined;
}

describe('a message of a plain client', () => {
  it.each([
    '{"type":"offer","sdp":"v=0\\r\\n"}',
    '{"type":"answer","sdp":""}',
    '{"type":"candidate","candidate":"","sdpMid":null,"sdpMLineIndex":null}',
    '{"type":"candidate","candidate":null}',
    '{"type":"candidate","candidate":"c","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"u"}',
    '{"type":"ice-candidate","candidate":"c"}',
    '{"type":"ice-candidate","candidate":{"candidate":"c","sdpMid":"0","sdpMLineIndex":0}}',
    '{"type":"control","action":"a","payload":{"b":[1,2,{"c":null}]}}',
    '{"type":"ping","timestamp":1,"anything":["x"]}',
    '{"type":"pong"}',
  ])('is relayed as it is: %s', (text) => {
    expect(relayed(text)).toBe(text);
  });

  it.each([
    ['{"sdp":"x","type":"offer"}', '{"type":"offer","sdp":"x"}'],
    [' { "type" : "offer" , "sdp" : "x" } ', '{"type":"offer","sdp":"x"}'],
    ['{"type":"offer","sdp":"x","type2":"y"}', '{"type":"offer","sdp":"x"}'],
    ['{"type":"chat","type":"offer","sdp":"x"}', '{"type":"offer","sdp":"x"}'],
    ['{"type":"offer","sdp":"x","sdp":"y"}', '{"type":"offer","sdp":"y"}'],
    [
      '{"type":"candidate","candidate":"c","sdpMid":"0","sdpMid":"1"}',
      '{"type":"candidate","candidate":"c","sdpMid":"1"}',
    ],
    [
      '{"type":"candidate","sdpMid":"0","candidate":"c"}',
      '{"type":"candidate","candidate":"c","sdpMid":"0"}',
    ],
    ['{"type":"candidate","candidate":"c\\u0022"}', '{"type":"candidate","candidate":"c\\""}'],
    ['{"type":"offer","sdp":"a\\"b"}', '{"type":"offer","sdp":"a\\"b"}'],
    ['{"nested":{"type":"bye"},"type":"control","action":"a"}', '{"type":"control","action":"a"}'],
  ])('has its type first, and no field that is unknown or there twice: %s', (text, expected) => {
    expect(relayed(text)).toBe(expected);
  });

  const valid: Record<ClientMessage['type'], Record<string, unknown>> = {
    offer: { sdp: 'x' },
    answer: { sdp: 'x' },
    candidate: { candidate: 'c' },
    'ice-candidate': { candidate: { candidate: 'c' } },
    control: { action: 'a', payload: { type: 'bye' } },
    ping: { timestamp: 1 },
    pong: {},
  };
  const types = Object.keys(valid) as ClientMessage['type'][];

  it.each(types)('has its type before any other in the text, whatever the fields are called: %s', (type) => {
    const text = JSON.stringify({ 1: { type: 'bye' }, '"type"': 1, ...valid[type], type });
    expect(text.indexOf('"type"')).toBeLessThan(text.indexOf(`"type":"${type}"`));
    const sent = relayed(text);
    expect(sent?.startsWith(`{"type":"${type}"`)).toBe(true);
    expect(JSON.parse(sent ?? '')).toMatchObject({ type, ...valid[type] });
  });

  // What else a ping or pong carries is between page and host.
  it.each(types.filter((type) => type !== 'ping' && type !== 'pong'))('has no unknown field: %s', (type) => {
    for (const unknown of [{ extra: 'x' }, { 1: { type: 'bye' } }, { from: 'x' }, { to: 'x' }]) {
      const message = { type, ...valid[type] };
      expect(relayed(JSON.stringify({ ...message, ...unknown }))).toBe(JSON.stringify(message));
    }
  });

  it('has no unknown field in a nested candidate', () => {
    const sent = relayed('{"type":"ice-candidate","candidate":{"candidate":"c","type":"bye"}}');
    expect(sent).toBe('{"type":"ice-candidate","candidate":{"candidate":"c"}}');
  });

  it.each([
    '',
    '{',
    'null',
    '{"type":"offer"}',
    '{"type":"offer","sdp":1}',
    '{"type":"offer","sdp":"x"',
    '{"type":"offer","sdp":"\\x"}',
    '{"type":"offer","sdp":"\\"}',
    '{"type":"offer","sdp":"a\nb"}',
    '{"type":"offer","sdp":"x"}}',
    '{"type":"offer","sdp":"x","type":"chat"}',
    '{"type":"chat","text":"x"}',
    '{"type":"candidate","candidate":1}',
    '{"type":"candidate","candidate":"c","sdpMLineIndex":00}',
    '{"type":"candidate","candidate":"c\n"}',
    '{"type":"candidate","candidate":"c"}\n{',
    '{"type":"control"}',
    `{"type":"control","action":"a","payload":${'['.repeat(NESTING_MAX + 1)}${']'.repeat(NESTING_MAX + 1)}}`,
    `{"type":"ping","deep":${'{"a":'.repeat(NESTING_MAX)}1${'}'.repeat(NESTING_MAX)}}`,
  ])('is refused: %s', (text) => {
    expect(relayed(text)).toBeUndefined();
  });

  it('is read the same the quick way as by the schema, whatever the text', () => {
    const piece = fc.constantFrom(
      '{"type":"offer","sdp":"',
      '"}',
      '"',
      '\\',
      '\\"',
      ',',
      '"sdp":',
      'v=0',
      '\n',
      '{',
      '\\u0022',
    );
    const text = fc.tuple(
      fc.constant('{"type":"offer","sdp":"'),
      fc.array(piece, { maxLength: 5 }),
      fc.constant('"}'),
    );
    fc.assert(
      fc.property(text, ([start, middle, end]) => {
        const whole = start + middle.join('') + end;
        let expected: string | undefined;
        try {
          const parsed = clientMessage.safeParse(JSON.parse(whole));
          expected = parsed.success ? JSON.stringify(parsed.data) : undefined;
        } catch {
          expected = undefined;
        }
        const quick = relayed(whole);
        expect(quick === undefined ? quick : JSON.parse(quick)).toEqual(
          expected === undefined ? expected : JSON.parse(expected),
        );
      }),
      { numRuns: 5_000 },
    );
  });
});
