/** What the supervisor is started with: the whole server command, and the variables it needs beside the inherited ones. */
export interface SupervisedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the supervisor tells its parent. Any message from the parent means: stop the server. */
export type SupervisorReport =
  | { readonly type: 'started'; readonly pid: number; readonly workFolder: string }
  | { readonly type: 'exited'; readonly reason: string; readonly output: string };

/** An empty configuration file that the supervisor lays into the server's working folder. */
export const CONFIG_FILE = 'redis.conf';

/** How long a server may take to end by itself before it is killed: it has nothing to save. */
export const STOP_GRACE_MS = 2_000;
