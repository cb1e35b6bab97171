#!/usr/bin/env node
// `npm test`: needs nothing but Node; the rest is installed and built first.
import { refuseOldNode } from './bootstrap/node-version.js';

if (!refuseOldNode()) void import('./bootstrap/enter.js').then(({ enter }) => enter('verify'));
