import { gatewaySettings, loadConfig } from '@parley/config';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../../docs/services/gateway.md', import.meta.url), 'utf8');

/** Settings that other pages explain: those of all services, of Redis, of traces, and of STUN and TURN. */
const ELSEWHERE =
  /^(NODE_ENV|PORT|BIND_ADDRESS|HEALTH_PORT|LOG_LEVEL|PRETTY_LOGS|DRAIN_TIMEOUT_MS|TRUST_PROXY)$|^(REDIS|CB|STUN|TURN|METERED|ICE|OTEL)_/;

it('docs/services/gateway.md has every setting of the gateway alone with its default, and no other', () => {
  const config: Record<string, unknown> = { ...loadConfig(gatewaySettings, {}) };
  const rows = [...page.matchAll(/^\| `([A-Z][A-Z0-9_]+)` +\| (?:`(.*?)`)? *\|/gm)];
  const documented = Object.fromEntries(rows.map(([, variable, value]) => [variable, value]));
  const variables = Object.keys(gatewaySettings.shape).filter((name) => !ELSEWHERE.test(name));
  expect(documented).toEqual(Object.fromEntries(variables.map((name) => [name, config[name]?.toString()])));
});
