import type { Presence, SignalingStore, V1Store } from '@parley/redis-scripts';
import type { Limits } from '../limits/limits.js';
import type { SignalingMetrics } from '../metrics.js';
import type { OperationQueue } from './queue.js';
import type { Room } from './room.js';

/** What all rooms of an instance share. */
export interface RoomContext {
  readonly store: SignalingStore;
  readonly v1: V1Store;
  /** How long the place of a member of `parley.v1` that is away is kept. */
  readonly graceMs: number;
  /** An absence in a room ends in so many ms. */
  readonly absences: { expect(roomId: string, inMs: number): void };
  /** Retire the members of a dead instance. */
  readonly retire: (roomId: string, instanceId: string) => Promise<unknown>;
  /** Let go of a member that resumes elsewhere. */
  readonly release: (roomId: string, memberId: string) => void;
  /** Hear nothing of a room for now; whoever joins it opens it again. */
  readonly leaveChannel: (room: Room) => void;
  /** Ask something of another instance. @returns false when it does not listen */
  readonly ask: (instanceId: string, request: string) => Promise<boolean>;
  /** Note that this instance has members in a room: its survivors look there. */
  readonly index: { add(roomId: string): Promise<void> };
  readonly limits: Pick<Limits, 'withJoin'>;
  readonly metrics: SignalingMetrics;
  /** Whether this instance has been alive for long enough to judge which others are not. */
  readonly mayJudge: () => boolean;
  /** Which instances are dead, and of which it will be known shortly. */
  readonly judge: (instanceIds: readonly string[]) => Promise<{ dead: string[]; suspects: string[] }>;
  /** Redis has lost what it was told. */
  readonly onLoss: () => void;
  readonly onPresence: (presence: Presence) => void;
  /** Run a room's queue at the end of this tick, so that what comes in one tick goes out together. */
  readonly schedule: (queue: OperationQueue) => void;
  readonly onIdle: (room: Room) => void;
  readonly onStalled: (room: Room, isOutage: boolean) => void;
  readonly onDefect: (error: unknown, room: Room, operation: string) => void;
  readonly outboxMaxBytes: number;
}
