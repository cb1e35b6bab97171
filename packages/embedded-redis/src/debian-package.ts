import { fetchDebianPackages } from './debian-fetch.js';
import type { Fetcher } from './fetcher.js';

const PACKAGES = ['redis-server', 'redis-tools'];
const PROGRAMS = ['usr/bin/redis-server', 'usr/bin/redis-cli'];

/** The distribution's own package, downloaded and unpacked but never installed. Works for any user. */
export const debianPackage: Fetcher = {
  step: 'distribution package',
  source: 'debian',
  async fetch(folder, { env, onProgress }) {
    const request = { packages: PACKAGES, programs: PROGRAMS, env, onProgress };
    const fetched = await fetchDebianPackages(folder, request);
    if (!fetched.ok) return fetched;
    const [server = '', cli = ''] = fetched.programs;
    return { ok: true, manifest: { server, cli, libraryDirs: fetched.libraryDirs } };
  },
};
