import { requestJson } from './http.js';
import type { PeerIceServer } from './peer.js';

/** Where a client meets its host. */
export interface Match {
  readonly roomId: string;
  readonly signalingUrl: string;
  readonly iceServers: PeerIceServer[];
  readonly token: string | undefined;
}

/**
 * Asks the matchmaker for a host (contract, section 2: `POST /api/match/find`).
 * @param region only hosts there, where given
 * @throws if there is none, or no answer
 */
export async function findMatch(matchmakerUrl: string, region: string | undefined): Promise<Match> {
  const { status, body } = await requestJson('POST', `${matchmakerUrl}/api/match/find`, { region });
  const { roomId, signalingUrl, iceServers = [], token } = body;
  if (status !== 200 || typeof roomId !== 'string' || typeof signalingUrl !== 'string') {
    throw new Error(`no match: ${status} ${JSON.stringify(body)}`);
  }
  return {
    roomId,
    signalingUrl,
    iceServers: iceServers as PeerIceServer[],
    token: typeof token === 'string' ? token : undefined,
  };
}
