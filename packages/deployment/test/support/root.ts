import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** A file of the repository, by its path from the root. */
export const read = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');
