import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDebianPrograms, findFreePort, findNginx, waitFor } from '@parley/testkit';
import { read } from './root.js';
import { defaultPort, SERVICES, type ServiceName } from './services.js';

/** Where the services of a test listen on 127.0.0.1. */
export type Ports = Readonly<Record<ServiceName, number>>;

interface RunningBalancer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export type FoundBalancer =
  | { readonly ok: true; readonly start: (ports: Ports) => Promise<RunningBalancer> }
  | { readonly ok: false; readonly reason: string };

/** nginx with the file that docker-compose mounts; only its addresses and folders are the test's. */
export async function findOurNginx(): Promise<FoundBalancer> {
  const nginx = await findNginx();
  if (!nginx.ok) return nginx;
  const textFor = (ports: Ports) => (port: number, ownPath: string) => {
    const moved = SERVICES.reduce(
      (text, name) => text.replaceAll(`${name}:${defaultPort(name)};`, `127.0.0.1:${ports[name]};`),
      read('deploy/nginx/nginx.conf'),
    );
    return `daemon off;\nmaster_process off;\n${moved}`
      .replaceAll('/tmp/', '')
      .replace('worker_connections 8192', 'worker_connections 512')
      .replace('listen 8080;', `listen 127.0.0.1:${port};\nlocation = ${ownPath} { return 204; }`);
  };
  return { ok: true, start: (ports) => nginx.start({ text: textFor(ports) }) };
}

/** HAProxy with deploy/haproxy/haproxy.cfg, without the certificate that it would need. */
export async function findOurHaproxy(): Promise<
  | { readonly ok: true; readonly start: (ports: Ports, ofSecondCopies?: Ports) => Promise<RunningBalancer> }
  | { readonly ok: false; readonly reason: string }
> {
  const found = await findDebianPrograms({
    name: 'haproxy',
    packages: ['haproxy'],
    programs: ['usr/sbin/haproxy'],
  });
  if (!found.ok) return found;
  const [program = ''] = found.paths;
  const env = { ...process.env, ...found.env };
  return {
    ok: true,
    start: (ports, ofSecondCopies = ports) => startHaproxy(program, env, [ports, ofSecondCopies]),
  };
}

async function startHaproxy(
  program: string,
  env: NodeJS.ProcessEnv,
  [ports, ofSecondCopies]: readonly [Ports, Ports],
): Promise<RunningBalancer> {
  const port = await findFreePort();
  const moved = SERVICES.reduce(
    (text, name) =>
      text
        .replaceAll(`10.0.0.11:${defaultPort(name)}\n`, `127.0.0.1:${ports[name]}\n`)
        .replaceAll(`10.0.0.12:${defaultPort(name)}\n`, `127.0.0.1:${ofSecondCopies[name]}\n`),
    read('deploy/haproxy/haproxy.cfg'),
  );
  const folder = await mkdtemp(join(tmpdir(), 'parley-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  await writeFile(
    file,
    moved.replace(/^ {2}bind .*$/m, `  bind 127.0.0.1:${port}`).replace('maxconn 20000', 'maxconn 200'),
  );
  const child = spawn(program, ['-db', '-f', file], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const exited = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const answers = async () => (await fetch(`${url}/nowhere`)).status === 404;
  await Promise.race([
    waitFor(answers, 'HAProxy answers'),
    exited.then(() => Promise.reject(new Error(said))),
  ]);
  exited.catch(() => undefined);
  return {
    url,
    async stop() {
      process.off('exit', killAtExit);
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
