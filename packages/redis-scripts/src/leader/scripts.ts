import { defineScript } from '../script/define.js';

export const leadScript = defineScript('leader-lead', {
  keys: ['leader', 'term'],
  argv: ['owner', 'ttlMs'],
});

export const resignScript = defineScript('leader-resign', { keys: ['leader'], argv: ['owner'] });
