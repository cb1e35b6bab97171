import { randomId } from '../util/random-id.js';
import { fingerprintOf, type PeerConnection } from './peer-connection.js';

/**
 * Which connection wrote a description, and which offer an answer is for, as attributes of the description: whoever does
 * not know them ignores them (RFC 8866 §5.13). Signaling passes no other field on, and plain members would not, either.
 *
 * - `a=parley:C.N`, the N-th offer (or an answer) of connection C
 * - `a=parley-answers:C.N`, in an answer: that offer
 */
const OWN = /^a=parley:((\w+)\.\d+)\s*$/m;
const ANSWERS = /^a=parley-answers:(\w+\.\d+)\s*$/m;

/** The last description of each connection of ours, whatever session it is attached to. */
const ours = new WeakMap<PeerConnection, { readonly name: string; count: number }>();

/** The mark of what a connection of ours describes. @param more how many descriptions are new */
export function ownMark(pc: PeerConnection, more = 0): string {
  const own = ours.get(pc) ?? { name: randomId(), count: 0 };
  ours.set(pc, own);
  own.count += more;
  return `${own.name}.${own.count}`;
}

/** Write marks into a description, where what holds for all of it stands. @param answers mark of the offer */
export function withMarks(sdp: string, own: string, answers: string | undefined): string {
  const marks = `a=parley:${own}\r\n${answers === undefined ? '' : `a=parley-answers:${answers}\r\n`}`;
  return sdp.replace(/^m=/m, () => `${marks}m=`);
}

/** The mark of an offer; undefined where its sender makes none. */
export const markOf = (sdp: string): string | undefined => OWN.exec(sdp)?.[1];

/** The mark of the offer that an answer is for; undefined where its sender makes none. */
export const answeredBy = (sdp: string): string | undefined => ANSWERS.exec(sdp)?.[1];

/**
 * The end of a connection that wrote a description: the same for all that it writes. By its certificate, which nobody else
 * can use, and its name, because several connections may share a certificate.
 */
export function writerOf(sdp: string): string {
  return `${OWN.exec(sdp)?.[2] ?? ''} ${fingerprintOf(sdp) ?? ''}`;
}
