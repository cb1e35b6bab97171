import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findDebianPrograms, type ProgramsRequest } from '@parley/testkit';
import { run, type Run } from './run.js';

// The programs that read our files in earnest: on PATH, or fetched from the distribution without installing them.

/** Runs a tool with these arguments. */
export type Tool = (args: readonly string[], input?: string) => Promise<Run>;

export type FoundTool =
  { readonly ok: true; readonly run: Tool } | { readonly ok: false; readonly reason: string };

/** @throws where it was not found: a test that uses it is skipped then */
export function use(found: FoundTool): Tool {
  if (!found.ok) throw new Error(found.reason);
  return found.run;
}

const onBookworm = (): boolean =>
  existsSync('/etc/os-release') && readFileSync('/etc/os-release', 'utf8').includes('VERSION_ID="12"');

async function find(
  request: ProgramsRequest,
  env: Readonly<Record<string, string>> = {},
): Promise<FoundTool> {
  const found = await findDebianPrograms(request);
  if (!found.ok) return found;
  const [program = ''] = found.paths;
  const all = { ...process.env, ...found.env, ...env };
  return { ok: true, run: (args, input = '') => run(program, args, { env: all, input }) };
}

const PROMETHEUS: ProgramsRequest = {
  name: 'prometheus',
  packages: ['prometheus'],
  programs: ['usr/bin/promtool', 'usr/bin/prometheus'],
};

/** promtool, which reads Prometheus' configuration and rules as Prometheus does. */
export const findPromtool = (): Promise<FoundTool> => find(PROMETHEUS);

/** Prometheus itself: where its program is. */
export const findPrometheus = () => findDebianPrograms(PROMETHEUS);

/** kubectl; Debian 12 has that of Kubernetes 1.20. */
export const findKubectl = (): Promise<FoundTool> =>
  find({ name: 'kubectl', packages: ['kubernetes-client'], programs: ['usr/bin/kubectl'] });

const COMPOSE_1_MODULES =
  'attr cached-property certifi chardet charset-normalizer click distro distutils docker dockerpty docopt dotenv idna ' +
  'jsonschema pkg-resources pyrsistent requests six texttable urllib3 websocket yaml';
/** What docker-compose 1.29 needs: all of a Python, so that none has to be there. */
const COMPOSE_1_PACKAGES = [
  'docker-compose',
  'python3.11-minimal',
  'libpython3.11-minimal',
  'libpython3.11-stdlib',
  ...COMPOSE_1_MODULES.split(' ').map((name) => `python3-${name}`),
];

/** docker-compose: with `environment` only, and no file but those that it is given. */
export async function findCompose(environment: Readonly<Record<string, string>>): Promise<FoundTool> {
  const name = 'docker-compose';
  if (!onBookworm()) return find({ name, packages: [name], programs: [`usr/bin/${name}`] }, environment);
  const programs = [`usr/bin/${name}`, 'usr/bin/python3.11'];
  const found = await findDebianPrograms({ name, packages: COMPOSE_1_PACKAGES, programs });
  if (!found.ok) return found;
  const [compose = '', python = ''] = found.paths;
  const usr = dirname(dirname(python));
  const env = {
    ...found.env,
    ...environment,
    PATH: process.env['PATH'],
    PYTHONHOME: usr,
    PYTHONPATH: join(usr, 'lib', 'python3', 'dist-packages'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  return { ok: true, run: (args, input = '') => run(python, [compose, ...args], { env, input }) };
}
