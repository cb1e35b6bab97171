import {
  dieWithParent,
  findDebianPrograms,
  findFreePort,
  supervise,
  type SupervisedCommand,
} from '@parley/embedded-redis';
import { uniqueId } from './ids.js';
import { waitFor } from './wait-for.js';

const TRIES = 3;
const CONFIG_FILE = 'nginx.conf';
const TEMPORARY_FILES = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** What nginx stands in front of. */
export interface NginxOptions {
  /** Ports on 127.0.0.1; requests go round robin. */
  readonly instances: readonly number[];
  /** What it says in `X-Forwarded-Proto`: how it was asked, or as if TLS ended at it. */
  readonly forwardedProto?: '$scheme' | 'https';
}

/** A configuration of one's own. */
export interface NginxText {
  /**
   * The whole of it, for one process in the foreground that writes below its own folder only.
   * @param port it has to listen on this port of 127.0.0.1
   * @param ownPath it has to answer 204 there
   */
  readonly text: (port: number, ownPath: string) => string;
}

/** A real nginx on loopback. */
export interface RunningNginx {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export type FoundNginx =
  | { readonly ok: true; readonly start: (options: NginxOptions | NginxText) => Promise<RunningNginx> }
  | { readonly ok: false; readonly reason: string };

/** Where nginx is on this machine (fetched without installing it where it has to be), or why it is not. */
export async function findNginx(): Promise<FoundNginx> {
  const found = await findDebianPrograms({
    name: 'nginx',
    packages: ['nginx'],
    programs: ['usr/sbin/nginx'],
  });
  if (!found.ok) return found;
  const [path = ''] = found.paths;
  const prefix = await dieWithParent([path, '-v'], { ...process.env, ...found.env });
  return { ok: true, start: (options) => startNginx([...prefix, path], found.env, options) };
}

/** nginx ends with this process, however that goes; its files are in a folder that goes with it. */
async function startNginx(
  program: readonly string[],
  env: Readonly<Record<string, string>>,
  options: NginxOptions | NginxText,
): Promise<RunningNginx> {
  const nginxArgs = ['-p', './', '-c', CONFIG_FILE, '-e', 'stderr'];
  const [command = '', ...args] = [...program, ...nginxArgs];
  for (let tried = 1; ; tried++) {
    const port = await findFreePort();
    // Nobody else who listens on the port answers there.
    const ownPath = `/${uniqueId('nginx')}`;
    const text = 'text' in options ? options.text(port, ownPath) : configuration(port, ownPath, options);
    const files = { [CONFIG_FILE]: text };
    const running = await run({ command, args, env, files }, `http://127.0.0.1:${port}`, ownPath);
    if ('url' in running) return running;
    const taken = running.failure.includes('Address already in use');
    if (!taken || tried === TRIES) throw new Error(`nginx does not start: ${running.failure}`);
  }
}

async function run(
  command: SupervisedCommand,
  url: string,
  ownPath: string,
): Promise<RunningNginx | { failure: string }> {
  const nginx = supervise(command, process.env);
  const ended = nginx.exited.then(({ reason, output }) => `${reason}: ${output}`);
  const answers = waitFor(async () => (await fetch(`${url}${ownPath}`)).status === 204, 'nginx answers');
  const failure = await Promise.race([ended, answers.then(() => undefined, String)]);
  if (failure === undefined) {
    nginx.release();
    return { url, stop: nginx.stop };
  }
  await nginx.stop();
  return { failure };
}

/** One process, so that the turns are exact; every file below its own folder; loopback only. */
function configuration(port: number, ownPath: string, options: NginxOptions): string {
  const { instances, forwardedProto = '$scheme' } = options;
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
  access_log off;
  ${TEMPORARY_FILES.map((each) => `${each}_temp_path ${each};`).join(' ')}
  upstream signaling { ${instances.map((each) => `server 127.0.0.1:${each};`).join(' ')} }
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port};
    location = ${ownPath} { return 204; }
    location / {
      proxy_pass http://signaling;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto ${forwardedProto};
      proxy_read_timeout 90s;
    }
  }
}
`;
}
