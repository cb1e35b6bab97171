import { existsSync } from 'node:fs';
import { loadConfig } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { CONTAINERS, COMPOSE_TEXT, OURS, REQUIRED, type Container } from './support/compose-file.js';
import { read, ROOT } from './support/root.js';
import { ALL_VARIABLES, isSecret, SETTINGS, variablesOf, type ServiceName } from './support/services.js';
import { findCompose, use } from './support/tools.js';

const FILE = ['--file', `${ROOT}/docker-compose.yml`];
const PROFILES = ['--profile', 'turn', '--profile', 'monitoring'];

const compose = await findCompose(REQUIRED);
const why = compose.ok ? '' : ` (skipped, no docker-compose: ${compose.reason})`;

/** Where a container listens is decided by its image. */
const OF_THE_IMAGE = new Set(['PORT', 'BIND_ADDRESS']);
/** Variables of docker-compose.yml itself. */
const OF_COMPOSE = new Set(['PUBLIC_PORT', 'PARLEY_VERSION', 'STOP_GRACE_PERIOD', 'TURN_EXTERNAL_IP']);

const appOf = ({ build }: Container) => build?.args.APP as ServiceName;

describe.skipIf(!compose.ok)(`docker-compose${why}`, () => {
  it('takes the file, with every profile', async () => {
    const { code, stderr, stdout } = await use(compose)([...FILE, ...PROFILES, 'config']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of Object.keys(CONTAINERS)) expect(stdout).toContain(`\n  ${name}:\n`);
  });

  it.each(Object.keys(REQUIRED))('refuses to start anything without %s, and names it', async (variable) => {
    const without = await findCompose({ ...REQUIRED, [variable]: '' });
    const { code, stderr } = await use(without)([...FILE, 'config']);
    expect(code).not.toBe(0);
    expect(stderr).toContain(variable);
  });
});

describe('docker-compose.yml', () => {
  it('names only variables that a service knows', () => {
    const named = [...COMPOSE_TEXT.matchAll(/\$\{([A-Z_0-9]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !ALL_VARIABLES.has(name) && !OF_COMPOSE.has(name))).toEqual([]);
  });

  it.each(OURS)('%s can be given every setting of its service, and no other', (_, container) => {
    const given = Object.keys(container.environment ?? {}).toSorted();
    const wanted = variablesOf(appOf(container)).filter((name) => !OF_THE_IMAGE.has(name));
    expect(given).toEqual(wanted.toSorted());
  });

  it.each(OURS)('%s starts in production with what is required and nothing else', (_, container) => {
    const settings = SETTINGS[appOf(container)];
    const entries = Object.entries(container.environment ?? {});
    const env = Object.fromEntries(entries.map(([name, value]) => [name, substituted(value)]));
    expect(loadConfig(settings, env)).toMatchObject({ NODE_ENV: 'production' });
  });

  it('has no default for a secret', () => {
    const defaulted = [...COMPOSE_TEXT.matchAll(/\$\{([A-Z_0-9]+):?-[^}]+\}/g)].map(([, name = '']) => name);
    expect(defaulted.filter(isSecret)).toEqual([]);
    const literal = OURS.flatMap(([, { environment = {} }]) => Object.entries(environment));
    expect(
      literal.filter(([name, value]) => isSecret(name) && value !== null && !value.startsWith('${')),
    ).toEqual([]);
  });

  it('starts nothing before what it needs is healthy', () => {
    for (const [, { depends_on }] of OURS)
      expect(depends_on).toEqual({ redis: { condition: 'service_healthy' } });
    const healthy = Object.fromEntries(OURS.map(([name]) => [name, { condition: 'service_healthy' }]));
    expect(CONTAINERS['nginx']?.depends_on).toEqual(healthy);
    for (const name of ['redis', ...Object.keys(healthy)])
      expect(CONTAINERS[name]?.healthcheck).toBeDefined();
  });

  it.each(OURS)('%s has longer to stop than it may drain', (_, { environment, stop_grace_period = '' }) => {
    const drainMs = Number(substituted(environment?.['DRAIN_TIMEOUT_MS'] ?? null));
    expect(Number(/^(\d+)s$/.exec(substituted(stop_grace_period) ?? '')?.[1]) * 1000).toBeGreaterThan(
      drainMs,
    );
  });

  it('opens one port to the public', () => {
    const open = Object.entries(CONTAINERS).flatMap(([name, { ports = [] }]) =>
      ports.filter((port) => !port.startsWith('127.0.0.1:')).map((port) => [name, port]),
    );
    expect(open).toEqual([['nginx', '${PUBLIC_PORT:-8000}:8080']]);
  });

  it('mounts the dashboards where Grafana looks for them', () => {
    const { volumes = [], environment = {} } = CONTAINERS['grafana'] ?? {};
    const provider = read('deploy/monitoring/grafana/dashboards/parley.yml');
    const folder = /path: (\S+)/.exec(provider)?.[1];
    expect(volumes).toContain(`./deploy/monitoring/dashboards:${folder}:ro`);
    const home = environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
    expect(existsSync(`${ROOT}/deploy/monitoring/dashboards${home.replace(folder ?? '', '')}`)).toBe(true);
  });

  it('mounts only files that are there', () => {
    const mounted = Object.values(CONTAINERS).flatMap(({ volumes = [] }) => volumes);
    const files = mounted.map((volume) => volume.split(':')[0] ?? '').filter((path) => path.startsWith('./'));
    expect(files.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  });
});

/** A value as compose would fill it in, where only what is required is in the environment. */
function substituted(value: string | null): string | undefined {
  const filled = value
    ?.toString()
    .replace(/\$\{([A-Z_0-9]+)(?::([-?])([^}]*))?\}/g, (_, name: string, how?: string, text = '') =>
      name in REQUIRED ? REQUIRED[name as keyof typeof REQUIRED] : how === '-' ? text : '',
    );
  return filled || undefined;
}
