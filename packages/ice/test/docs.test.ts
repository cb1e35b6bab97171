import { readFileSync } from 'node:fs';
import { loadConfig, matchmakerSettings } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { iceProvider } from './support/provider.js';

const page = readFileSync(new URL('../../../docs/services/ice.md', import.meta.url), 'utf8');

describe('docs/services/ice.md', () => {
  it('has every STUN and TURN setting with its default', () => {
    const config: Record<string, unknown> = { ...loadConfig(matchmakerSettings, {}) };
    const variables = Object.keys(matchmakerSettings.shape).filter((name) =>
      /^(STUN|TURN|METERED|ICE)_/.test(name),
    );
    expect(variables).toHaveLength(10);
    for (const variable of variables) {
      const value = [config[variable] ?? []].flat().map(String).join(',');
      const cell = value === '' ? '' : `\`${value}\``;
      expect(page).toMatch(new RegExp(`^\\| \`${variable}\` +\\| ${cell} *\\|`, 'm'));
    }
  });

  it('has every metric', async () => {
    const names = (await iceProvider({}).metricsText()).matchAll(/^# HELP (cloudgaming_ice_\w+)/gm);
    const missing = [...names].map(([, name = '']) => name).filter((name) => !page.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });
});
