import type { ClientMessage } from '@parley/protocol';
import type { CandidateInit, Description } from './peer-connection.js';

/** A candidate as members send it. */
export type CandidateMessage = Extract<ClientMessage, { type: 'candidate' | 'ice-candidate' }>;

/** As browsers take it; hosts may send the candidate nested. An empty one is the end of candidates. */
export function candidateInit(message: CandidateMessage): CandidateInit {
  const nested = typeof message.candidate === 'object' ? message.candidate : undefined;
  const { candidate, ...rest } = { ...message, ...nested };
  const { sdpMid, sdpMLineIndex, usernameFragment } = rest;
  const init = { candidate: typeof candidate === 'string' ? candidate : '', usernameFragment };
  // Some name neither: then it is for the first, which all are bundled with.
  const isNowhere = (sdpMid ?? undefined) === undefined && (sdpMLineIndex ?? undefined) === undefined;
  return { ...init, ...(isNowhere ? { sdpMLineIndex: 0 } : { sdpMid, sdpMLineIndex }) } as CandidateInit;
}

/** Whether a candidate says that it belongs to another description: of another connection, or of an offer that is over. */
export function isForeign({ usernameFragment }: CandidateInit, { sdp }: Description): boolean {
  return Boolean(usernameFragment) && !sdp.includes(`a=ice-ufrag:${usernameFragment}`);
}

/** A candidate of ours as a message; without one it is their end. */
export function candidateMessage(candidate: CandidateInit | null | undefined): CandidateMessage {
  const { candidate: text = '', sdpMid = null, sdpMLineIndex = null, usernameFragment } = candidate ?? {};
  return {
    type: 'candidate',
    candidate: text,
    sdpMid: sdpMid ?? (text === '' ? '0' : null),
    sdpMLineIndex: sdpMLineIndex ?? (text === '' ? 0 : null),
    ...(usernameFragment && { usernameFragment }),
  };
}
