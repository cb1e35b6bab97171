import { defineScript } from '../script/define.js';

export const confirmScript = defineScript('provision-confirm', {
  keys: ['leader', 'term', 'told'],
  argv: ['owner', 'term', 'ttlMs', 'region', 'hosts', 'keepMs'],
});
