import { closes, type Close, type ReconnectPolicy } from '@parley/protocol/close-codes';
import { backoffMs, type Backoff } from '../util/backoff.js';

/** A close of the server by its name in the protocol's table. */
export type CloseName = keyof typeof closes;

/**
 * Why a session is over: `closed` by its own side, `aborted` by its signal, `gave-up` after `giveUpAfterMs`, `no-token`:
 * the function that gives one threw; `bad-url`: no WebSocket goes to such a URL; a name of the protocol's table; or `refused` for a terminal close that is not in it.
 */
export type StopReason = 'closed' | 'aborted' | 'gave-up' | 'no-token' | 'bad-url' | 'refused' | CloseName;

/** What is known when a connection has ended. */
export interface Ended {
  readonly code: number;
  readonly reason: string;
  /** Connections that failed in a row, this one included. */
  readonly failures: number;
  /** From a `draining` message on this connection. */
  readonly retryAfterMs?: number | undefined;
  /** It was in this room a moment ago, so a full room may be full of itself. */
  readonly wasMember: boolean;
  /** The token may be another one next time. */
  readonly hasFreshToken: boolean;
}

/** What to do then. `isPaced`: the server had a say in when; a network that is back is no reason to come sooner. */
export type Decision =
  | { readonly retry: true; readonly waitMs: number; readonly isPaced: boolean }
  | { readonly retry: false; readonly reason: StopReason };

const named = Object.entries(closes) as [CloseName, Close][];

/** The close of the protocol's table; by its code alone where proxies took the reason away and only one has it. */
export function closeName(code: number, reason: string): CloseName | undefined {
  const sameCode = named.filter(([, close]) => close.code === code);
  const exact = sameCode.find(([, close]) => close.reason === reason);
  return (exact ?? (sameCode.length === 1 ? sameCode[0] : undefined))?.[0];
}

/** Codes that are not in the table with this reason (RFC 6455 §7.4.1): 1002, 1003, 1007, 1010 will not get better. */
function policyOf(code: number, name: CloseName | undefined): ReconnectPolicy {
  if (name) return closes[name].reconnect;
  if (code === 1001 || code === 1012) return 'elsewhere';
  return [1000, 1002, 1003, 1007, 1008, 1010].includes(code) ? 'terminal' : 'later';
}

/** What to do after a close, by the protocol's table (docs/protocol.md, "Closes"). */
export function decide(ended: Ended, backoff: Backoff): Decision {
  const { code, failures, retryAfterMs } = ended;
  const name = closeName(code, ended.reason);
  const policy = policyOf(code, name);
  const isWorthAnotherTry =
    (name === 'roomFull' && ended.wasMember) || (name === 'unauthorized' && ended.hasFreshToken);
  if (policy === 'terminal' && !isWorthAnotherTry) return { retry: false, reason: name ?? 'refused' };
  // Whoever drains has asked each of its clients to come after a time of its own.
  if (policy === 'elsewhere' && retryAfterMs !== undefined) {
    const waitMs = Math.max(retryAfterMs, failures > 1 ? backoffMs(failures, backoff) : 0);
    return { retry: true, waitMs, isPaced: true };
  }
  const isAtOnce = failures === 1 && (policy === 'elsewhere' || code === 1006 || name === 'unauthorized');
  const isPaced = policy !== 'later' || name !== undefined;
  return { retry: true, waitMs: isAtOnce ? 0 : backoffMs(failures, backoff), isPaced };
}
