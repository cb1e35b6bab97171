import { defineScript } from '../script/define.js';

export const createRoomScript = defineScript('gateway-create-room', {
  keys: ['record'],
  argv: ['hostId', 'region', 'hostRoomId', 'address', 'leaseId', 'maxPlayers', 'ownerHash', 'expiresAtMs'],
});

export const joinRoomScript = defineScript('gateway-join-room', { keys: ['record'], argv: [] });

export const deleteRoomScript = defineScript('gateway-delete-room', { keys: ['record'], argv: ['leaseId'] });
