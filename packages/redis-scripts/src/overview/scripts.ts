import { defineScript } from '../script/define.js';

const keys = ['placed', 'open', 'migrating', 'counts'] as const;

export const noteRoomsScript = defineScript('gateway-note-rooms', { keys, argv: ['state', 'forMs'] });
export const countRoomsScript = defineScript('gateway-count-rooms', { keys, argv: [] });
export const countRegionScript = defineScript('gateway-count-region', {
  keys: ['hosts', 'leases', 'totals'],
  argv: [],
});
export const countMembersScript = defineScript('gateway-count-members', {
  keys: ['leases', 'members'],
  argv: [],
});
