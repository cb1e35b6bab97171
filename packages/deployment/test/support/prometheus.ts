import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, waitFor } from '@parley/testkit';
import { stringify } from 'yaml';
import { ROOT } from './root.js';
import { SERVICES, type ServiceName } from './services.js';
import { findPrometheus } from './tools.js';

/** A real Prometheus with our rules, which asks the services of a test every second. */
export interface RunningPrometheus {
  /** How many series an expression has right now. @throws with what Prometheus says if it is wrong */
  count(expression: string): Promise<number>;
  /** Rules that could not be evaluated. */
  failedRules(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startPrometheus(
  ports: Readonly<Record<ServiceName, number>>,
): Promise<RunningPrometheus> {
  const found = await findPrometheus();
  if (!found.ok) throw new Error(found.reason);
  const folder = await mkdtemp(join(tmpdir(), 'parley-prometheus-'));
  await cp(`${ROOT}/deploy/monitoring/rules`, join(folder, 'rules'), { recursive: true });
  await writeFile(join(folder, 'prometheus.yml'), configuration(ports));
  const port = await findFreePort();
  const args = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn(found.paths[1] ?? '', args, {
    env: { ...process.env, ...found.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_096)));
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const exited = once(child, 'exit');
  const ask = async (path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).json() as Promise<Answer>;
  const isReady = async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
  const ended = exited.then(() => Promise.reject(new Error(said)));
  await Promise.race([waitFor(isReady, 'Prometheus is ready'), ended]);
  ended.catch(() => undefined);
  return {
    async count(expression) {
      const { data, error } = await ask(`/api/v1/query?query=${encodeURIComponent(expression)}`);
      if (error !== undefined) throw new Error(`${expression}: ${error}`);
      return data.result?.length ?? 0;
    },
    async failedRules() {
      const { data } = await ask('/api/v1/rules');
      const rules = data.groups?.flatMap((group) => group.rules) ?? [];
      return rules
        .filter(({ health }) => health === 'err')
        .map(({ name, lastError }) => `${name}: ${lastError}`);
    },
    async stop() {
      process.off('exit', killAtExit);
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Answer {
  readonly error?: string;
  readonly data: {
    readonly result?: readonly object[];
    readonly groups?: readonly { rules: readonly { name: string; health: string; lastError?: string }[] }[];
  };
}

/** As deploy/monitoring/prometheus.yml, but at fixed addresses and every second. */
function configuration(ports: Readonly<Record<ServiceName, number>>): string {
  return stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules/*.yml'],
    scrape_configs: SERVICES.map((name) => ({
      job_name: name,
      static_configs: [{ targets: [`127.0.0.1:${ports[name]}`] }],
    })),
  });
}
