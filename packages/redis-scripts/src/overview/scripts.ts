import { defineScript } from '../script/define.js';

export const noteRoomsScript = defineScript('gateway-note-rooms', {
  keys: ['placed', 'open', 'migrating', 'over', 'moves', 'counts'],
  argv: ['state', 'forMs'],
});
export const countRoomsScript = defineScript('gateway-count-rooms', {
  keys: ['placed', 'open', 'migrating', 'counts'],
  argv: [],
});
export const countMembersScript = defineScript('gateway-count-members', {
  keys: ['leases', 'members'],
  argv: [],
});
