import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const RUNTIME = fileURLToPath(new URL('../dist/index.js', import.meta.url));

/** What a process that logs `fields` writes. */
async function written(fields: object, pretty = false): Promise<string> {
  const code = `
    import { createLogger } from ${JSON.stringify(RUNTIME)};
    createLogger('test', { LOG_LEVEL: 'info', PRETTY_LOGS: ${pretty} }).info(${JSON.stringify(fields)}, 'said');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
  return stdout;
}

const SECRET = 'hunter2-hunter2';

describe('the log', () => {
  it.each([
    { token: SECRET },
    { query: { token: SECRET, resumeToken: SECRET } },
    { request: { headers: { authorization: SECRET } } },
    { config: { HOST_SECRET: SECRET, REDIS_URL: SECRET, JWT_SECRET: SECRET, ADMIN_TOKEN: SECRET } },
    { room: { ownerToken: SECRET }, ice: [{ credential: SECRET }] },
    { err: { message: 'WRONGPASS', command: { name: 'hello', args: ['3', 'AUTH', 'default', SECRET] } } },
    {
      err: { message: 'no node', lastNodeError: { message: 'x', command: { name: 'auth', args: [SECRET] } } },
    },
    { err: { message: 'all', errors: [{ message: 'one', command: { args: [SECRET] } }] } },
    {
      err: { message: 'a request', config: { url: SECRET }, cause: { message: 'b', headers: { a: SECRET } } },
    },
    { err: { anything: SECRET } },
  ])('never has a secret in it: %j', async (fields) => {
    for (const pretty of [false, true]) {
      const text = await written({ ...fields, roomId: 'lobby' }, pretty);
      expect(text).not.toContain(SECRET);
      expect(text).toContain('lobby');
    }
  });

  it('says of an error what it is, where, and what it comes from', async () => {
    const inner = { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED', port: 6379 };
    const err = {
      message: 'no node answers',
      command: { name: 'hello' },
      lastNodeError: inner,
      errors: [inner],
    };
    expect(JSON.parse(await written({ err }))).toMatchObject({
      err: { message: 'no node answers', command: 'hello', lastNodeError: [inner], errors: [inner] },
    });
  });

  it('is one JSON object a line, with the level as a word', async () => {
    const line = JSON.parse(await written({ port: 1 })) as object;
    expect(line).toMatchObject({ level: 'info', name: 'test', msg: 'said', port: 1 });
  });
});
