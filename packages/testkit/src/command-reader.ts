import { createHash } from 'node:crypto';

/** One command as it was sent. */
export interface SentCommand {
  readonly bytes: Buffer;
  /** Its name and its arguments. */
  readonly parts: readonly Buffer[];
}

/** Tells the commands of a connection to Redis apart (RESP arrays of bulk strings), however they are cut to pieces. */
export class CommandReader {
  #left: Buffer = Buffer.alloc(0);

  /** @returns the commands that this piece completes */
  read(chunk: Buffer): SentCommand[] {
    this.#left = Buffer.concat([this.#left, chunk]);
    const commands: SentCommand[] = [];
    for (let next = this.#next(); next; next = this.#next()) commands.push(next);
    return commands;
  }

  #next(): SentCommand | undefined {
    const data = this.#left;
    const parts: Buffer[] = [];
    let at = 0;
    const header = (kind: string): number | undefined => {
      const end = data.indexOf('\r\n', at);
      if (end < 0) return undefined;
      const line = data.toString('latin1', at, end);
      if (!line.startsWith(kind)) throw new Error(`no command of RESP: ${line.slice(0, 40)}`);
      at = end + 2;
      return Number(line.slice(1));
    };
    const count = header('*');
    if (count === undefined) return undefined;
    for (let part = 0; part < count; part++) {
      const length = header('$');
      if (length === undefined || data.length < at + length + 2) return undefined;
      parts.push(data.subarray(at, at + length));
      at += length + 2;
    }
    this.#left = data.subarray(at);
    return { bytes: data.subarray(0, at), parts };
  }
}

/** A command's name; for a script its digest, whether it was sent by that or as text. */
export function commandName([first, second]: readonly Buffer[]): string {
  const name = String(first).toUpperCase();
  if (second === undefined) return name;
  if (name === 'EVALSHA') return `script ${String(second)}`;
  return name === 'EVAL' ? `script ${createHash('sha1').update(second).digest('hex')}` : name;
}
