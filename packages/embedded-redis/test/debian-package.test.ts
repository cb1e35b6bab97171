import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readDistribution, systemName } from '../src/cache-folder.js';
import { findRedisServer, startRedis, type RedisBinary } from '../src/index.js';
import { firstJsonLine, runFixture, sawOnStderr } from './helpers/fixture.js';
import { pathWithoutRedis, tempFolder } from './helpers/folders.js';
import { hasDeathSignal } from './helpers/liveness.js';

const { isDebianLike } = await readDistribution();
const entryName = await systemName();
const NOBODY = 65_534;
const FETCH_TIMEOUT_MS = 120_000;

function envWithoutRedis(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: pathWithoutRedis() };
}

function canBecomeNobody(): boolean {
  if (process.getuid?.() !== 0) return false;
  return spawnSync(process.execPath, ['--version'], { uid: NOBODY, gid: NOBODY, cwd: '/' }).status === 0;
}

/** Copies the built package into a folder, for a user who cannot read this checkout; returns the fixture's path there. */
function copyOfPackage(folder: string): string {
  for (const part of ['dist', 'package.json', join('test', 'fixtures')]) {
    cpSync(fileURLToPath(new URL(`../${part}`, import.meta.url)), join(folder, part), { recursive: true });
  }
  return join(folder, 'test', 'fixtures', 'find.mjs');
}

function runsHere({ serverPath, env }: RedisBinary): string {
  return execFileSync(serverPath, ['--version'], { env, encoding: 'utf8' });
}

// The package is fetched for real, so these run where its tools and its mirrors are at home.
describe.skipIf(!isDebianLike)(
  'the distribution package (only on Debian and Ubuntu)',
  { timeout: FETCH_TIMEOUT_MS },
  () => {
    it('is fetched with its libraries, starts, and is taken from the cache without a network afterwards', async () => {
      const cacheDir = tempFolder();
      const progress: string[] = [];
      const onProgress = (text: string): void => void progress.push(text);
      const fetched = await startRedis({
        ignoreUrl: true,
        env: envWithoutRedis(),
        cacheDir,
        allowBuild: false,
        onProgress,
      });
      await fetched.stop();
      expect(fetched.source).toBe('debian');
      expect(progress.join('\n')).toMatch(
        /PATH: no redis-server.*\n.*cache folder.*\n.*redis-server.* from the distribution/,
      );
      // With an empty PATH there is no apt-get, nor anything else that could fetch.
      const cached = await startRedis({ ignoreUrl: true, env: { PATH: '' }, cacheDir, allowBuild: false });
      await cached.stop();
      expect(cached).toMatchObject({ source: 'cache', version: fetched.version });
      expect(readdirSync(cacheDir)).toEqual([entryName]);
    });

    it('brings a redis-cli that runs', async () => {
      const cacheDir = tempFolder();
      const { cliPath, env } = await findRedisServer({ env: envWithoutRedis(), cacheDir, allowBuild: false });
      expect(execFileSync(cliPath!, ['--version'], { env, encoding: 'utf8' })).toMatch(/^redis-cli \d/);
    });

    it('is fetched with package lists of its own where the system has none', async () => {
      const folder = tempFolder();
      mkdirSync(join(folder, 'no-lists'));
      writeFileSync(join(folder, 'apt.conf'), `Dir::State::lists "${folder}/no-lists";\n`);
      const env = { ...envWithoutRedis(), APT_CONFIG: join(folder, 'apt.conf') };
      const found = await findRedisServer({ env, cacheDir: join(folder, 'cache'), allowBuild: false });
      expect(found.source).toBe('debian');
      expect(readdirSync(join(folder, 'no-lists'))).toEqual([]);
    });

    // Any other user proves it with each of the tests.
    it.skipIf(!canBecomeNobody())(
      'is fetched without root (only as root: others are without it)',
      async () => {
        const home = tempFolder();
        const script = copyOfPackage(home);
        chownSync(home, NOBODY, NOBODY);
        const path = pathWithoutRedis();
        chmodSync(path, 0o755);
        const env = { ...process.env, PATH: path, HOME: home };
        const child = runFixture(script, [join(home, 'cache')], { env, uid: NOBODY, gid: NOBODY, cwd: home });
        const found = await firstJsonLine<RedisBinary>(child);
        expect(found.source).toBe('debian');
        expect(runsHere(found)).toContain(found.version);
      },
    );

    it.each<[string, (entry: string, server: string) => void]>([
      ['its manifest never came', (entry) => rmSync(join(entry, 'entry.json'))],
      ['its manifest is of another kind', (entry) => writeFileSync(join(entry, 'entry.json'), '{}')],
      ['its server was cut off', (_, server) => truncateSync(server, 100_000)],
      [
        'its server is for another machine',
        (_, server) => writeFileSync(server, '\u007fELF\u0002\u0001\u0001 not for here'),
      ],
      ['its libraries are gone', (entry) => rmSync(join(entry, 'root', 'usr', 'lib'), { recursive: true })],
    ])('is fetched anew when the cache is of no use: %s', async (_, damage) => {
      const cacheDir = tempFolder();
      const env = envWithoutRedis();
      const first = await findRedisServer({ env, cacheDir, allowBuild: false });
      damage(join(cacheDir, entryName), first.serverPath);
      const second = await findRedisServer({ env, cacheDir, allowBuild: false });
      expect(second).toMatchObject({ source: 'debian', serverPath: first.serverPath });
      expect(runsHere(second)).toContain(second.version);
      expect(readdirSync(cacheDir)).toEqual([entryName]);
    });

    it('is fetched once when several processes need it at the same time', async () => {
      const cacheDir = tempFolder();
      const env = envWithoutRedis();
      const children = [1, 2, 3].map(() => runFixture('find.mjs', [cacheDir], { env }));
      const found = await Promise.all(children.map((child) => firstJsonLine<RedisBinary>(child)));
      expect(found.map(({ source }) => source).toSorted()).toEqual(['cache', 'cache', 'debian']);
      for (const binary of found) expect(runsHere(binary)).toContain(binary.version);
      expect(readdirSync(cacheDir)).toEqual([entryName]);
    });

    // Without util-linux' setpriv nothing can tell apt-get that the program was killed.
    it.skipIf(!hasDeathSignal)('is not waited for by anything once the program was killed', async () => {
      const mirror = createServer().listen(0, '127.0.0.1');
      onTestFinished(() => void mirror.close());
      await once(mirror, 'listening');
      const config = join(tempFolder(), 'apt.conf');
      const { port } = mirror.address() as AddressInfo;
      writeFileSync(
        config,
        `Acquire { http::Proxy "http://127.0.0.1:${port}"; https::Proxy "http://127.0.0.1:${port}"; };\n`,
      );
      const program = runFixture('find.mjs', [tempFolder()], {
        env: { ...envWithoutRedis(), APT_CONFIG: config },
      });
      const [download] = (await once(mirror, 'connection')) as [Socket];
      program.kill('SIGKILL');
      download.resume();
      // apt itself would wait for 20 s, three times over.
      await once(download, 'close', { signal: AbortSignal.timeout(10_000) });
    });

    it('is fetched at the next start when the first was killed in the middle', async () => {
      const cacheDir = tempFolder();
      const env = envWithoutRedis();
      const first = runFixture('find.mjs', [cacheDir], { env });
      await sawOnStderr(first, 'downloading the libraries');
      first.kill('SIGKILL');
      await once(first, 'exit');
      expect(readdirSync(cacheDir)).not.toContain(entryName);
      const progress: string[] = [];
      const onProgress = (text: string): void => void progress.push(text);
      const found = await findRedisServer({ env, cacheDir, allowBuild: false, onProgress });
      expect(found.source).toBe('debian');
      expect(readdirSync(cacheDir)).toEqual([entryName]);
    });
  },
);
