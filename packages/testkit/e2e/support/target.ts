import { inject } from 'vitest';
import type { Target } from './target-from-env.js';

/** The deployment under test, from inside a test file. */
export const target: Target = inject('target');
