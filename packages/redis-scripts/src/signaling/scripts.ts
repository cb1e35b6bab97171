import { defineScript } from '../script/define.js';

/** Keys of one room, in the order in which every script of a room takes them. */
const roomKeys = ['members', 'state', 'log', 'held', 'host', 'channel'] as const;
const shared = ['room'];

/** The same of a room in which somebody speaks `parley.v1`. */
const v1Keys = [...roomKeys, 'v1', 'backlog', 'gaps', 'away', 'chat'] as const;
const sharedV1 = [...shared, 'room-v1'];
const common = ['publish', 'aliveMs', 'ttlMs'] as const;

export const roomJoin = defineScript('room-join', {
  keys: [...roomKeys, 'grants'],
  argv: ['publish', 'aliveMs', 'ttlMs', 'instanceId', 'capacity', 'since', 'heldTtlMs', 'count', 'draw'],
  shared: [...shared, 'limit'],
});

export const roomLeave = defineScript('room-leave', {
  keys: roomKeys,
  argv: ['publish', 'aliveMs', 'ttlMs'],
  shared,
});

export const roomHanded = defineScript('room-handed', { keys: roomKeys, argv: ['memberId'], shared });

export const roomRetire = defineScript('room-retire', {
  keys: v1Keys,
  argv: ['publish', 'aliveMs', 'ttlMs', 'instanceId', 'awayUntilMs'],
  shared: sharedV1,
});

export const roomSend = defineScript('room-send', {
  keys: roomKeys,
  argv: ['publish', 'aliveMs', 'body', 'heldMaxMessages', 'heldMaxBytes', 'heldTtlMs'],
  shared: [...shared, 'room-send'],
});

/** Its keys may be given again for further rooms, each with one more body at the end. */
export const roomPublish = defineScript('room-publish', {
  keys: ['members', 'state', 'log', 'channel'],
  argv: ['publish', 'aliveMs'],
});

export const roomEvidence = defineScript('room-evidence', {
  keys: roomKeys,
  argv: ['memberId', 'evidence'],
  shared,
});

export const roomBindHost = defineScript('room-bind-host', {
  keys: roomKeys,
  argv: ['host', 'ttlMs'],
  shared,
});

export const roomV1Enter = defineScript('room-v1-enter', {
  keys: v1Keys,
  argv: [
    ...common,
    'instanceId',
    'capacity',
    'heldTtlMs',
    'memberId',
    'evidence',
    'user',
    'tokenHash',
    'presented',
    'presentedHash',
    'force',
  ],
  shared: sharedV1,
});

export const roomV1Send = defineScript('room-v1-send', {
  keys: v1Keys,
  argv: [...common, 'body', 'heldMaxMessages', 'heldMaxBytes', 'heldTtlMs'],
  shared: [...sharedV1, 'room-send'],
});

export const roomV1Log = defineScript('room-v1-log', {
  keys: v1Keys,
  argv: [...common, 'instanceId', 'graceMs', 'index', 'awayCount', 'gapCount'],
  shared: sharedV1,
});

export const roomV1Unlog = defineScript('room-v1-unlog', { keys: ['v1'], argv: ['instanceId'] });

export const roomV1Leave = defineScript('room-v1-leave', {
  keys: v1Keys,
  argv: [...common, 'instanceId'],
  shared: sharedV1,
});

export const roomV1Expire = defineScript('room-v1-expire', { keys: v1Keys, argv: common, shared: sharedV1 });

export const roomV1Token = defineScript('room-v1-token', { keys: ['v1'], argv: ['memberId', 'tokenHash'] });

export const roomV1Reclaim = defineScript('room-v1-reclaim', {
  keys: v1Keys,
  argv: [...common, 'instanceId'],
  shared: sharedV1,
});

export const roomV1Chat = defineScript('room-v1-chat', {
  keys: v1Keys,
  argv: [...common, 'memberId', 'n', 'rest', 'maxEntries', 'maxBytes'],
  shared: sharedV1,
});

export const instanceBeat = defineScript('instance-beat', {
  keys: ['leases', 'members'],
  argv: ['instanceId', 'leaseMs', 'deadMax', 'members'],
});

export const instanceStates = defineScript('instance-states', {
  keys: ['leases'],
  argv: ['publish', 'channels', 'leaseMs', 'overdueMs'],
});

export const instanceForget = defineScript('instance-forget', {
  keys: ['leases', 'members'],
  argv: ['instanceId', 'stops'],
});
