/** What a note needs of the index that it goes to. */
interface Index {
  note(roomId: string): Promise<void>;
  flush(): void;
}

interface NotedRoom {
  readonly id: string;
  note: Note | undefined;
}

/**
 * That an instance has members in a room, for those who may find it dead: on its way to Redis together with the first join,
 * and before it, as one connection keeps the order.
 */
export class Note {
  /** Not there where it failed: whoever joins next writes it again. */
  #written: Promise<void> | undefined;

  constructor(
    private readonly room: NotedRoom,
    private readonly index: Index,
  ) {
    this.#written = this.#write();
  }

  /** Ask for a place right after it. @throws RedisUnavailableError when either failed: the place may have been given */
  async withFirst<T>(ask: () => Promise<T>): Promise<T> {
    this.#written ??= this.#write();
    this.index.flush();
    const [answer] = await Promise.all([ask(), this.#written]);
    return answer;
  }

  #write(): Promise<void> {
    const written = this.index.note(this.room.id);
    const end = (isWritten: boolean) => () => {
      if (!isWritten) this.#written = undefined;
      else if (this.room.note === this) this.room.note = undefined;
    };
    written.then(end(true), end(false));
    return written;
  }
}
