import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Books, HostBook } from './books.js';
import type { Violation } from './violation.js';

const FILE = fileURLToPath(new URL('../../results/simulate-evidence.json', import.meta.url));

/** Write down all that the books say of the hosts that promises were broken on. @returns the file */
export function keepEvidence(
  books: Books,
  violations: readonly Violation[],
  missed: readonly HostBook[],
): string {
  const broken = violations.map(({ hostId }) => books.hosts.get(hostId));
  const hosts = [...new Set([...broken, ...missed])];
  mkdirSync(new URL('.', `file://${FILE}`), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ violations, hosts, lostFinds: books.lostFinds }, null, 1)}\n`);
  return FILE;
}
