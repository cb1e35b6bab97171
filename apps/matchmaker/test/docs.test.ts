import { loadConfig, matchmakerSettings } from '@parley/config';
import { useRedis } from '@parley/testkit';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useMatchmakers } from './support.js';

const redis = useRedis();
const matchmaker = useMatchmakers();
const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const page = read('services/matchmaker.md');

/** Settings that other pages explain: those of all services, of Redis, of traces, of STUN and TURN, and of the provisioner. */
const ELSEWHERE =
  /^(NODE_ENV|PORT|BIND_ADDRESS|HEALTH_PORT|LOG_LEVEL|PRETTY_LOGS|DRAIN_TIMEOUT_MS|TRUST_PROXY)$|^(REDIS|CB|STUN|TURN|METERED|ICE|OTEL)_|^PROVISIONER/;

const PROVISIONER = /^PROVISIONER/;

/** The settings in a page's table, with their defaults. */
function documentedIn(text: string) {
  const rows = [...text.matchAll(/^\| `([A-Z][A-Z0-9_]+)` +\| (?:`(.*?)`)? *\|/gm)];
  return Object.fromEntries(rows.map(([, variable, value]) => [variable, value]));
}

/** Those that the matchmaker knows. */
function defaultsOf(isMeant: (variable: string) => boolean) {
  const config: Record<string, unknown> = { ...loadConfig(matchmakerSettings, {}) };
  const variables = Object.keys(matchmakerSettings.shape).filter(isMeant);
  return Object.fromEntries(variables.map((name) => [name, config[name]?.toString()]));
}

describe('docs/operating/autoscaling.md', () => {
  const autoscaling = read('operating/autoscaling.md');

  it('has every setting of the provisioner with its default, and no other', () => {
    expect(documentedIn(autoscaling)).toEqual(defaultsOf((name) => PROVISIONER.test(name)));
  });

  it('has plans that are taken', () => {
    const json = /```json\n([^`]+)```/.exec(autoscaling)?.[1] ?? '';
    const lines = [...autoscaling.matchAll(/^PROVISIONER_REGIONS=(.+)$/gm)].map(([, text]) => text ?? '');
    expect(lines).toHaveLength(2);
    for (const text of [json, ...lines])
      expect(
        loadConfig(matchmakerSettings, { PROVISIONER_REGIONS: text }).PROVISIONER_REGIONS?.size,
      ).toBeGreaterThan(0);
  });
});

describe('docs/services/matchmaker.md', () => {
  it('has every other setting of the matchmaker alone with its default, and no other', () => {
    expect(documentedIn(page)).toEqual(defaultsOf((name) => !ELSEWHERE.test(name)));
  });

  it('has every metric of the matchmaker alone', async () => {
    const { ask } = await matchmaker({ ...redis.env });
    const { text } = await ask('GET', '/metrics');
    const names = [...text.matchAll(/^# HELP (cloudgaming_(?!redis|circuit|ice|rate|drain)\w+)/gm)];
    expect(names.length).toBeGreaterThan(0);
    expect(names.map(([, name = '']) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
