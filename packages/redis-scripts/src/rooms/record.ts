import type { Room } from './types.js';

/** Read a room's record, as its scripts answer it: field, value, field, value… */
export function decodeRoom(roomId: string, flat: readonly string[]): Room {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] ?? '', flat[i + 1] ?? '');
  const text = (name: string) => fields.get(name) ?? '';
  return {
    roomId,
    hostId: text('hostId'),
    region: text('region'),
    hostRoomId: text('hostRoomId'),
    ...(text('address') && { address: text('address') }),
    leaseId: text('leaseId'),
    maxPlayers: Number(text('maxPlayers')),
    ownerHash: text('ownerHash'),
    expiresAtMs: Number(text('expiresAtMs')),
    state: text('state') as Room['state'],
    ...(text('creator') && { creator: text('creator') }),
    epoch: Number(text('epoch')),
    moves: Number(text('moves')),
    players: Number(text('taken')),
    visibility: text('visibility') as Room['visibility'],
    metadata: JSON.parse(text('metadata')) as Room['metadata'],
    locked: text('locked') === '1',
    createdAtMs: Number(text('createdAtMs')),
  };
}
