import type { Room } from './types.js';

/** Read a room's hash, as field, value, field, value…; undefined when there is no such room. */
export function decodeRoom(roomId: string, flat: readonly string[]): Room | undefined {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] ?? '', flat[i + 1] ?? '');
  if (fields.size === 0) return undefined;
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
    players: Number(text('players')),
  };
}
