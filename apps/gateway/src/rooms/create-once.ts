import { setTimeout as delay } from 'node:timers/promises';
import type { CreateClaims, Room, RoomStore } from '@parley/redis-scripts';
import { ownerHash, ownerTokenOf, randomText } from './owner-token.js';
import type { Placement, RoomPlacer } from './place-room.js';
import { newRoomId } from './room-id.js';

/** A room, and the token of its owner. */
interface Created {
  readonly room: Room;
  readonly ownerToken: string;
}

/** What creating a room came to; `key-reused` and `gone` only with an Idempotency-Key. */
export type CreateResult = Created | 'none' | 'key-reused' | 'gone';

type Wishes = Omit<Placement, 'roomId' | 'ownerHash'>;

/** How long a retry waits for a first request that is still running, before it does the same work itself. */
const WAIT_MS = 500;
const POLL_MS = 20;

/** Creates rooms, with an Idempotency-Key at most one for each key. */
export class RoomCreator {
  constructor(
    private readonly placer: RoomPlacer,
    private readonly rooms: RoomStore,
    private readonly claims: CreateClaims,
  ) {}

  async create(wishes: Wishes): Promise<CreateResult> {
    const ownerToken = randomText();
    const placed = await this.placer.place({
      ...wishes,
      roomId: newRoomId(),
      ownerHash: ownerHash(ownerToken),
    });
    if (placed.outcome === 'none') return 'none';
    if (placed.outcome !== 'placed')
      throw new Error('a new room name was taken: the random source repeats itself');
    return { room: placed.room, ownerToken };
  }

  /**
   * Create the room that this key stands for, unless it stands already. The key fixes the room's name and its owner's
   * token before anything else, and of several that try at once only one can write the record: whoever runs, on
   * whichever gateway, and whoever dies, the answer is the same room.
   */
  async createOnce(key: string, wishes: Wishes): Promise<CreateResult> {
    const startedAt = performance.now();
    const claim = await this.claims.claim(key, JSON.stringify(wishes), {
      roomId: newRoomId(),
      salt: randomText(),
    });
    if (claim.outcome === 'other') return 'key-reused';
    const { roomId } = claim;
    const ownerToken = ownerTokenOf(key, claim.salt);
    if (claim.outcome !== 'new') {
      const room = await (claim.outcome === 'done' ? this.rooms.get(roomId) : this.#waitFor(roomId));
      if (room) return this.#existing(room, ownerToken);
      if (claim.outcome === 'done') return 'gone';
    }
    const placed = await this.placer.place({ ...wishes, roomId, ownerHash: ownerHash(ownerToken) });
    if (placed.outcome === 'placed') {
      // Without it a retry finds the record itself; only one that comes after the room's end would create it anew.
      await this.claims.finish(key).catch(() => undefined);
      return { room: placed.room, ownerToken };
    }
    // Another gateway was faster, and may have the last slot, but not written the room yet. Others begin only after a wait.
    const isAlone = claim.outcome === 'new' && performance.now() - startedAt < WAIT_MS;
    const room = await (isAlone ? this.rooms.get(roomId) : this.#waitFor(roomId));
    return room ? this.#existing(room, ownerToken) : 'none';
  }

  /** The gateway that wrote it may have died before its host was told, or before it was listed. */
  async #existing(room: Room, ownerToken: string): Promise<Created> {
    await this.placer.announce(room);
    return { room, ownerToken };
  }

  /** Whoever asked was gone before the answer: nobody knows the room's name. */
  async undo({ roomId, epoch }: Room): Promise<void> {
    await this.placer.remove(roomId, epoch);
  }

  async #waitFor(roomId: string): Promise<Room | undefined> {
    for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += POLL_MS) {
      const room = await this.rooms.get(roomId);
      if (room) return room;
      await delay(POLL_MS);
    }
    return undefined;
  }
}
