import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRedisServer, RedisUnavailableError } from '../src/index.js';
import { folderWithServer, tempFolder } from './helpers/folders.js';

// One that runs, from wherever this machine has it.
const real = await findRedisServer();

describe('a server on PATH', () => {
  it.each(['redis-server', 'valkey-server'])('is taken before anything else: %s', async (name) => {
    const folder = folderWithServer(real, name);
    const cli = join(folder, name.replace('server', 'cli'));
    writeFileSync(cli, '#!/bin/sh\n', { mode: 0o755 });
    const found = await findRedisServer({ env: { PATH: folder } });
    expect(found).toEqual({
      serverPath: join(folder, name),
      cliPath: cli,
      env: {},
      version: real.version,
      source: 'path',
    });
  });

  it('is taken before valkey-server when it is redis-server', async () => {
    const redis = folderWithServer(real, 'redis-server');
    const valkey = folderWithServer(real, 'valkey-server');
    const found = await findRedisServer({ env: { PATH: `${valkey}:${redis}` } });
    expect(found.serverPath).toBe(join(redis, 'redis-server'));
  });

  it('is passed over when it does not run', async () => {
    const broken = tempFolder();
    writeFileSync(join(broken, 'redis-server'), 'not a program');
    chmodSync(join(broken, 'redis-server'), 0o755);
    const valkey = folderWithServer(real, 'valkey-server');
    const found = await findRedisServer({ env: { PATH: `${broken}:${valkey}` } });
    expect(found.serverPath).toBe(join(valkey, 'valkey-server'));
  });
});

describe('no server to be had', () => {
  async function failure(path: string, minVersion?: string): Promise<RedisUnavailableError> {
    const options = { env: { PATH: path }, cacheDir: tempFolder(), allowBuild: false };
    const outcome = findRedisServer(minVersion === undefined ? options : { ...options, minVersion });
    return await outcome.then(
      () => expect.unreachable('a server was found'),
      (error: RedisUnavailableError) => error,
    );
  }

  it('is one error that says the three ways out and what was tried', async () => {
    const error = await failure('');
    expect(error).toBeInstanceOf(RedisUnavailableError);
    expect(error.message).toMatch(/1\. set REDIS_URL/);
    expect(error.message).toMatch(/2\. install redis-server or valkey-server/);
    expect(error.message).toMatch(/3\. be online: on Debian and Ubuntu .* C compiler/);
    expect(error.attempts.map(({ step }) => step)).toEqual(['PATH', 'cache folder', 'distribution package']);
    for (const { reason } of error.attempts) expect(error.message).toContain(reason);
  });

  it('is also said of one that is too old', async () => {
    const error = await failure(folderWithServer(real, 'redis-server'), '99.0.0');
    expect(error.message).toContain(`is version ${real.version}, older than 99.0.0`);
  });

  it('is also said when the cache folder cannot be made', async () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    await expect(
      findRedisServer({ env: { PATH: '' }, cacheDir: join(file, 'cache'), allowBuild: false }),
    ).rejects.toThrow(/cannot be filled/);
  });
});
