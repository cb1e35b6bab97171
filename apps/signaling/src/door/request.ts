import type { IncomingMessage } from 'node:http';
import { ROOM_ID_PATTERN, closes, type Close } from '@parley/protocol';

/** What a client asks for, read from its upgrade request. */
export interface JoinRequest {
  readonly roomId: string;
  readonly isBrowser: boolean;
}

export type ReadRequest =
  { readonly ok: true; readonly request: JoinRequest } | { readonly ok: false; readonly close: Close };

/** Read `/?roomId=ID[&token=JWT]`, any path (contract §1). Never throws. */
export function readJoinRequest(
  { url, headers }: Pick<IncomingMessage, 'url' | 'headers'>,
  roomIdMaxLength: number,
): ReadRequest {
  const target = url ?? '';
  // A URL of its own would take `//x` for a host; only the query matters here.
  const at = target.indexOf('?');
  if (!target.startsWith('/')) return { ok: false, close: closes.malformedRequest };
  const query = new URLSearchParams(at < 0 ? '' : target.slice(at + 1));
  const roomId = query.get('roomId') ?? '';
  if (roomId.length > roomIdMaxLength || !ROOM_ID_PATTERN.test(roomId)) {
    return { ok: false, close: closes.invalidRoomId };
  }
  return { ok: true, request: { roomId, isBrowser: headers.origin !== undefined } };
}
