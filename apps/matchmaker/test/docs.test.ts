import { loadConfig, matchmakerSettings } from '@parley/config';
import { useRedis } from '@parley/testkit';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useMatchmakers } from './support.js';

const redis = useRedis();
const matchmaker = useMatchmakers();
const page = readFileSync(new URL('../../../docs/services/matchmaker.md', import.meta.url), 'utf8');

/** Settings that other pages explain: those of all services, of Redis, of traces, and of STUN and TURN. */
const ELSEWHERE =
  /^(NODE_ENV|PORT|BIND_ADDRESS|HEALTH_PORT|LOG_LEVEL|PRETTY_LOGS|DRAIN_TIMEOUT_MS|TRUST_PROXY)$|^(REDIS|CB|STUN|TURN|METERED|ICE|OTEL)_/;

describe('docs/services/matchmaker.md', () => {
  it('has every setting of the matchmaker alone with its default, and no other', () => {
    const config: Record<string, unknown> = { ...loadConfig(matchmakerSettings, {}) };
    const rows = [...page.matchAll(/^\| `([A-Z][A-Z0-9_]+)` +\| (?:`(.*?)`)? *\|/gm)];
    const documented = Object.fromEntries(rows.map(([, variable, value]) => [variable, value]));
    const variables = Object.keys(matchmakerSettings.shape).filter((name) => !ELSEWHERE.test(name));
    const expected = variables.map((name) => [name, config[name]?.toString()]);
    expect(documented).toEqual(Object.fromEntries(expected));
  });

  it('has every metric of the matchmaker alone', async () => {
    const { ask } = await matchmaker({ ...redis.env });
    const { text } = await ask('GET', '/metrics');
    const names = [...text.matchAll(/^# HELP (cloudgaming_(?!redis|circuit|ice|rate|drain)\w+)/gm)];
    expect(names.length).toBeGreaterThan(0);
    expect(names.map(([, name = '']) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
