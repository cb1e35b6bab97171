import { readFileSync } from 'node:fs';

/** What all pages look like, which each has before its own style: they bring everything along themselves. */
export const sharedStyle: string = readFileSync(new URL('../../assets/pages.css', import.meta.url), 'utf8');
