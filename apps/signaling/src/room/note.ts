/** What a note needs of the index that it goes to. */
interface Index {
  note(roomId: string): Promise<void>;
  flush(): void;
}

interface NotedRoom {
  readonly id: string;
  isOpen: boolean;
  note: Note | undefined;
}

/**
 * That an instance has members in a room, for those who may find it dead: on its way to Redis together with the first join,
 * and before it, as one connection keeps the order.
 */
export class Note {
  readonly #written: Promise<void>;

  constructor(
    room: NotedRoom,
    private readonly index: Index,
  ) {
    this.#written = index.note(room.id);
    const end = (isOpen: boolean) => () => {
      room.note = undefined;
      // The next join writes it again.
      room.isOpen &&= isOpen;
    };
    this.#written.then(end(true), end(false));
  }

  /** Ask for a place right after it. @throws RedisUnavailableError when either failed: the place may have been given */
  async withFirst<T>(ask: () => Promise<T>): Promise<T> {
    this.index.flush();
    const [answer] = await Promise.all([ask(), this.#written]);
    return answer;
  }
}
