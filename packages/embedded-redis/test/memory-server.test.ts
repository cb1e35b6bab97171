import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { memoryServer } from '../src/memory-server.js';
import { missingOnPath } from '../src/on-path.js';
import { tempFolder } from './helpers/folders.js';

const missingTools = await missingOnPath(['openssl', 'make', 'cc'], process.env);

/** The URL of a server whose certificate nobody vouches for, and how many requests it got. */
async function untrustedMirror(): Promise<{ url: string; requests: () => number }> {
  const folder = tempFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '1'];
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  let requests = 0;
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
    requests++;
    response.writeHead(404).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

describe('building from source', () => {
  // Needs what a build needs, and openssl for the certificate.
  it.skipIf(missingTools.length > 0)(
    `verifies TLS certificates, whatever the environment says (needs openssl, make, cc)`,
    async () => {
      const mirror = await untrustedMirror();
      const env = {
        ...process.env,
        REDISMS_DOWNLOAD_MIRROR: mirror.url,
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
        npm_config_strict_ssl: 'false',
      };
      const context = { env, minVersion: '6.2.0', onProgress: () => {} };
      const fetched = await memoryServer.fetch(tempFolder(), context);
      expect(fetched).toMatchObject({
        ok: false,
        reason: expect.stringContaining('self-signed certificate'),
      });
      expect(mirror.requests()).toBe(0);
    },
  );

  it('says which tool it lacks', async () => {
    const context = { env: { PATH: '' }, minVersion: '6.2.0', onProgress: () => {} };
    const fetched = await memoryServer.fetch(tempFolder(), context);
    expect(fetched).toEqual({ ok: false, reason: 'not on PATH: make, a C compiler (cc, gcc or clang)' });
  });
});
