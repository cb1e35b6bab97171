import { describe, expect, it } from 'vitest';
import { markdownTable } from '@parley/testkit';
import { describedSettings, type DescribedSetting } from './settings-table.js';

// The pages are written by this test: after a change of a setting, `npm run docs` renews them.

const code = (text: string): string => `\`${text}\``;

function defaultCell({ defaults }: DescribedSetting): string {
  const values = [...new Set(defaults.values())];
  const shown = (value: string | undefined): string =>
    value === undefined || value === '' ? '' : code(value);
  if (values.length === 1) return shown(values[0]);
  return [...defaults].map(([service, value]) => `${shown(value)} ${service}`).join(', ');
}

/** An alias that only some of the variable's services take is said to be theirs. */
function spellings({ variable, aliases, services }: DescribedSetting): string {
  const others = aliases.map((alias) =>
    alias.services.length === services.length
      ? code(alias.name)
      : `${code(alias.name)} (${alias.services.join(', ')})`,
  );
  return [code(variable), ...others].join(', else ');
}

/** Services that share a `.env` cannot share a port, but each has a spelling of its own for it. */
function exampleLines({ variable, aliases, services, defaults }: DescribedSetting): string[] {
  const own = aliases.filter((alias) => alias.services.length < services.length);
  if (own.length === 0) return [`# ${variable}=${[...defaults.values()][0] ?? ''}`];
  return own.map(({ name, services: [service = ''] }) => `# ${name}=${defaults.get(service) ?? ''}`);
}

function settingsPage(): string {
  const settings = describedSettings();
  const rows = settings.map((setting) => [
    spellings(setting),
    setting.services.join(', '),
    defaultCell(setting),
    setting.meaning,
  ]);
  return `# Settings

Every setting is an environment variable. A service also reads a \`.env\` file in its working directory; what the
environment itself has wins. An empty value counts as not set. A service that finds a bad value names every bad variable
with what it expected, and exits with 1; with \`NODE_ENV=production\` it also refuses insecure defaults.

This page is held to the schemas in \`packages/config\` by a test, and so is \`.env.example\`. The few variables of
\`npm start\` itself are in [running.md](running.md).

${markdownTable(['Variable', 'Services', 'Default', 'Meaning'], rows)}
`;
}

function envExample(): string {
  const entries = describedSettings().map((setting) => {
    const comment = `# ${setting.meaning.replaceAll('`', '')} (${setting.services.join(', ')})`;
    return `${[comment, ...exampleLines(setting)].join('\n')}\n`;
  });
  return `# Copy to .env and take the # from what you change. All services and \`npm start\` read it; see docs/settings.md.\n\n${entries.join('\n')}`;
}

describe('the settings in the documentation', () => {
  it('each say what they mean', () => {
    expect(describedSettings().filter(({ meaning }) => meaning === '')).toEqual([]);
  });

  it('are those of the schemas: docs/settings.md', async () => {
    await expect(settingsPage()).toMatchFileSnapshot('../../../docs/settings.md');
  });

  it('are those of the schemas: .env.example', async () => {
    await expect(envExample()).toMatchFileSnapshot('../../../.env.example');
  });
});
