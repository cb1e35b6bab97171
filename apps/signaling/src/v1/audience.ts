import { encodeUser, type RelayedMessage } from '@parley/redis-scripts';
import type { Member } from '../member/member.js';
import { V1Member } from './v1-member.js';

/** `RelayedMessage.to` of what all that speak `parley.v1` get, its sender, too. */
export const EVERYBODY = '#';

/** `RelayedMessage.to` of what the members of a user get. */
export function membersOf(userId: string): string {
  return encodeUser(userId);
}

/** Whether a text is what members get as it is: it is the server's, and names its sender itself. */
export function isFinished(to: string | undefined): boolean {
  return to !== undefined && (to === EVERYBODY || to.startsWith('@'));
}

/** Whether a message is for a member. */
export function isFor(
  { id, userId }: { readonly id: string; readonly userId: string | undefined },
  { from, to }: { readonly from: string; readonly to?: string | undefined },
): boolean {
  if (to === EVERYBODY) return true;
  if (id === from) return false;
  if (to === undefined || to === id) return true;
  return userId !== undefined && to === membersOf(userId);
}

/**
 * Hand a message to a member if it is for it.
 * @param message its text, or the same in UTF-8 as it came
 */
export function hand(
  member: Member,
  { from, n, to }: Omit<RelayedMessage, 'text'>,
  message: string | Buffer,
): void {
  const isV1 = member instanceof V1Member;
  if (!isFor({ id: member.id, userId: isV1 ? member.userId : undefined }, { from, to })) return;
  if (!isFinished(to)) member.deliver(from, n, message);
  else if (isV1) member.deliverFinished(from, n, message as string);
}
