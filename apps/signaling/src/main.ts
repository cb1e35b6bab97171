import { signalingSettings } from '@parley/config';
import { runService } from '@parley/runtime';
import { createSignaling } from './signaling.js';

await runService('signaling', signalingSettings, createSignaling);
