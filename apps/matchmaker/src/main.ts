import { matchmakerSettings } from '@parley/config';
import { runService } from '@parley/runtime';
import { createMatchmaker } from './matchmaker.js';

await runService('matchmaker', matchmakerSettings, createMatchmaker);
