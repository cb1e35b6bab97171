import type { Membership, RelayedMessage, V1Entered } from '@parley/redis-scripts';
import type { Member } from '../member/member.js';
import type { V1Member } from '../v1/v1-member.js';
import type { V1Room } from '../v1/v1-room.js';
import type { RoomContext } from './context.js';
import type { Feed } from './feed.js';
import type { OperationQueue } from './queue.js';

/** In place of its instance, for a member that is not here: one that is away has none. */
export const ELSEWHERE = '-';

/** What a room shows to its own parts. */
export interface RoomInside {
  readonly id: string;
  readonly instanceId: string;
  readonly context: RoomContext;
  readonly queue: OperationQueue;
  readonly feed: Feed;
  /** What came through the channel while nobody of this instance was in the room, but about to be. */
  readonly heard: () => readonly RelayedMessage[];
  readonly locals: Map<string, Member>;
  /** Members on other instances, and those that are away. */
  readonly remotes: () => ReadonlySet<string>;
  /**
   * Its part that speaks `parley.v1`, while somebody does. No getter: V8 makes a hidden class for each literal with one,
   * which keeps all that the room's part refers to until the next major collection (measured: 2.5 KB a connection).
   */
  readonly v1: () => V1Room | undefined;
  /** The same; there from now on. */
  readonly speak: () => V1Room;
  readonly hasMember: (memberId: string) => boolean;
  /** @param seq number of the last entry before which it joined, for those who are to be told of it */
  readonly addRemote: (memberId: string, instanceId: string, seq?: number) => void;
  /** It has left; those here are told. */
  readonly removeRemote: (memberId: string) => void;
  /** It is here now. */
  readonly forgetRemote: (memberId: string) => void;
  readonly confirm: () => void;
  /**
   * Ask Redis for a place. What tells others to look here, should this instance die, goes before it in the same write.
   * @throws RedisUnavailableError when either failed: the place may have been given
   */
  readonly askForPlace: <T>(ask: () => Promise<T>) => Promise<T>;
  /** Let in who has entered: what it has to get goes in one go. */
  readonly admit: (member: V1Member, entered: V1Entered) => void;
  /** A room is full: retire those of its members whose instances are dead. */
  readonly bury: (members: readonly Membership[]) => Promise<'retired' | 'perhaps' | 'none'>;
}
