import { renewScript } from '../pool/scripts.js';
import { defineScript } from '../script/define.js';

/** Every script of a room's life works on the same keys and shares their functions. */
const roomScript = <const Arg extends string>(name: string, argv: readonly Arg[]) =>
  defineScript(name, { keys: ['record', 'seats', 'events', 'members'], argv, shared: ['room-life'] });

export const createRoomScript = roomScript('gateway-create-room', [
  'hostId',
  'region',
  'hostRoomId',
  'address',
  'leaseId',
  'maxPlayers',
  'ownerHash',
  'where',
  'visibility',
  'metadata',
  'creator',
  'expiresAtMs',
]);
export const readRoomScript = roomScript('gateway-read-room', []);
export const joinRoomScript = roomScript('gateway-join-room', ['seatTtlMs', 'creator']);
export const deleteRoomScript = roomScript('gateway-delete-room', ['epoch', 'reason']);
export const patchRoomScript = roomScript('gateway-patch-room', [
  'maxPlayers',
  'visibility',
  'metadata',
  'locked',
]);
export const reportRoomScript = roomScript('gateway-report-room', [
  'hostId',
  'players',
  'keepMs',
  'emptyMs',
  'seatTtlMs',
  'region',
  'address',
  'hostRoomId',
  'version',
]);
/** Takes the fields and values of the record after its arguments. */
export const recallRoomScript = roomScript('gateway-recall-room', [
  'address',
  'isReported',
  'leftMs',
  'seats',
  'seatsForMs',
]);
export const beginMoveScript = roomScript('gateway-begin-move', ['hostId', 'keepMs']);
export const finishMoveScript = roomScript('gateway-finish-move', [
  'epoch',
  'hostId',
  'region',
  'hostRoomId',
  'address',
  'leaseId',
  'leaseEndsAtMs',
]);

export const dueHostsScript = defineScript('gateway-due-hosts', {
  keys: ['due'],
  argv: ['count', 'claimMs'],
});
export const assignRoomScript = defineScript('gateway-assign-room', {
  keys: ['rooms'],
  argv: ['roomId', 'state', 'forgetMs'],
});
export const settleHostScript = defineScript('gateway-settle-host', {
  keys: ['due'],
  argv: ['hostId', 'claim', 'retryMs'],
});
export const expectHostScript = defineScript('gateway-expect-host', {
  keys: ['due'],
  argv: ['hostId', 'silenceMs'],
});

export const sayGoodbyeScript = defineScript('gateway-say-goodbye', { keys: ['rooms'], argv: ['forgetMs'] });

/** On the keys of a region's pool. */
export const retakeSlotScript = defineScript('gateway-retake-slot', {
  keys: renewScript.keys,
  argv: ['leaseId', 'hostId', 'ttlMs', 'left'],
  shared: renewScript.shared,
});

export const claimKeyScript = defineScript('gateway-claim-key', {
  keys: ['claim'],
  argv: ['roomId', 'salt', 'request', 'ttlMs'],
});
export const finishKeyScript = defineScript('gateway-finish-key', { keys: ['claim'], argv: [] });
