import { defineScript } from '../script/define.js';

/** The keys of one region's pool, in the order in which `lua/shared/pool.lua` reads them. */
const keys = [
  'hosts',
  'state',
  'freeStreaming',
  'loadStreaming',
  'freeGame',
  'loadGame',
  'leases',
  'leaseHosts',
  'hostLeases',
  'totals',
] as const;

const shared = ['pool', 'pool-leases'] as const;

const report = [
  'hostId',
  'roomId',
  'address',
  'status',
  'capacity',
  'reported',
  'told',
  'opened',
  'hostTtlMs',
  'leaseTtlMs',
  'canBind',
] as const;

export const heartbeatScript = defineScript('pool-heartbeat', {
  keys,
  argv: report,
  shared: [...shared, 'pool-report'],
});

export const registerScript = defineScript('pool-register', {
  keys: [...keys, 'claim'],
  argv: [...report, 'claim', 'seen', 'others', 'knownForMs'],
  shared: [...shared, 'pool-report', 'pool-claim', 'pool-seen'],
});

export const allocateScript = defineScript('pool-allocate', {
  keys,
  argv: ['hostId', 'kinds', 'strategy', 'seats', 'leaseTtlMs', 'suffix', 'draw', 'avoid'],
  shared,
});

export const releaseScript = defineScript('pool-release', { keys, argv: ['leaseId'], shared });

export const renewScript = defineScript('pool-renew', { keys, argv: ['leaseId', 'ttlMs'], shared });

export const removeScript = defineScript('pool-remove', {
  keys: [...keys, 'claim'],
  argv: ['hostId', 'leases', 'claim'],
  shared: [...shared, 'pool-claim'],
});

export const claimScript = defineScript('pool-claim', { keys: ['home'], argv: ['region', 'ttlMs', 'past'] });

export const settleScript = defineScript('pool-settle', { keys: ['home'], argv: ['claim'] });

export const statusScript = defineScript('pool-status', { keys, argv: ['hostId', 'status'], shared });

export const presenceScript = defineScript('pool-presence', {
  keys,
  argv: ['hostId', 'roomId', 'version', 'recheckMs'],
  shared: [...shared, 'pool-seen'],
});

export const noteScript = defineScript('pool-note', { keys: ['home'], argv: ['seen'] });

export const listScript = defineScript('pool-list', { keys, argv: ['fromMs', 'fromId', 'limit'], shared });

export const reapScript = defineScript('pool-reap', { keys, argv: ['term'], shared });

export const countRegionScript = defineScript('gateway-count-region', {
  keys,
  argv: [],
  shared: [...shared, 'pool-count'],
});

export const lookScript = defineScript('provision-look', {
  keys,
  argv: ['sample'],
  shared: [...shared, 'pool-count'],
});

export const regionScript = defineScript('pool-region', { keys: ['regions'], argv: ['region', 'keepMs'] });
