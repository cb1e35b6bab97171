/** What the supervisor is started with: the whole server command, and the variables it needs beside the inherited ones. */
export interface SupervisedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Laid into the server's working folder before it starts: name and text. */
  readonly files: Readonly<Record<string, string>>;
}

/** What the supervisor tells its parent. Any message from the parent means: stop the server. */
export type SupervisorReport =
  | { readonly type: 'started'; readonly pid: number; readonly workFolder: string }
  | { readonly type: 'exited'; readonly reason: string; readonly output: string };

/** How long a server may take to end by itself before it is killed: it has nothing to save. */
export const STOP_GRACE_MS = 2_000;
