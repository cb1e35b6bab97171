import { expect, it } from 'vitest';
import { ConfigError, loadConfig, matchmakerSettings } from '../src/index.js';

const load = (headers: string) =>
  loadConfig(matchmakerSettings, { OTEL_EXPORTER_OTLP_HEADERS: headers }).OTEL_EXPORTER_OTLP_HEADERS;

it.each(['x-key=a%20secret', 'authorization=Basic dXNlcjo=,x-tenant=%C3%A9'])(
  'headers for the collector may be %s',
  (headers) => {
    expect(load(headers)).toBe(headers);
  },
);

it.each([
  ['half an escape', 'x-key=my-secret%2'],
  ['no text', 'x-key=my-secret%ff'],
  ['an end of line', 'x-key=my-secret%0d%0ax-other:1'],
  ['no name', '=my-secret'],
  ['a name that headers cannot have', 'x(key)=my-secret'],
])('headers for the collector are refused with %s, and are not told', (_, headers) => {
  expect(() => load(headers)).toThrow(ConfigError);
  expect(() => load(headers)).toThrow(/OTEL_EXPORTER_OTLP_HEADERS.*name=value/);
  expect(() => load(headers)).not.toThrow(/my-secret/);
});
