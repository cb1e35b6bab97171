import { defineScript } from '../script/define.js';

/** Keys of one room, in the order in which every script of a room takes them. */
const roomKeys = ['members', 'state', 'log', 'held', 'host', 'channel'] as const;
const shared = ['room'];

export const roomJoin = defineScript('room-join', {
  keys: roomKeys,
  argv: ['publish', 'aliveMs', 'ttlMs', 'instanceId', 'capacity', 'since', 'heldTtlMs', 'count'],
  shared,
});

export const roomLeave = defineScript('room-leave', {
  keys: roomKeys,
  argv: ['publish', 'aliveMs', 'ttlMs'],
  shared,
});

export const roomRetire = defineScript('room-retire', {
  keys: roomKeys,
  argv: ['publish', 'aliveMs', 'ttlMs', 'instanceId'],
  shared,
});

export const roomSend = defineScript('room-send', {
  keys: roomKeys,
  argv: ['publish', 'aliveMs', 'body', 'heldMaxMessages', 'heldMaxBytes', 'heldTtlMs'],
  shared,
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
