import type { ChildProcess } from 'node:child_process';

// What the plain JavaScript in bin/, which runs before anything is installed, hands over to the built launcher.

/** One thing that is being done, shown to the user. */
export interface Step {
  /** The latest news of it; the last one is shown. */
  readonly note: (text: string) => void;
  readonly done: (detail?: string) => void;
  readonly failed: (detail?: string) => void;
}

/** What the user sees: one line a step, with its time. */
export interface Progress {
  /** Begins a step; one at a time. */
  readonly step: (name: string) => Step;
  readonly line: (text: string) => void;
  /** Stops drawing, so that something else can be written. */
  readonly stop: () => void;
}

export interface SpawnOptions {
  readonly cwd: string;
  /** On top of this process' environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly ok: boolean;
  /** What it printed, at most its last 2,000 lines. */
  readonly output: string;
}

/** The ports of `npm start`, each free a moment ago. */
export interface Ports {
  readonly matchmaker: number;
  readonly gateway: number;
  readonly signaling: number;
  readonly signaling2: number;
}

export interface Bootstrap {
  /** Root of the checkout. */
  readonly root: string;
  readonly progress: Progress;
  /** Resolves when the npm that started all this was killed; never, when it was not started by npm. */
  readonly npmIsGone: Promise<string>;
  /**
   * Starts a command that ends with this process, also when that is killed. Send it `stop` to end it (killed after
   * `graceMs`), or `kill`.
   */
  readonly spawnLeashed: (
    command: string,
    args: readonly string[],
    options: SpawnOptions & { readonly graceMs: number },
  ) => ChildProcess;
  /** Runs a command to its end; `onLine` gets each line that is not empty, without colours. */
  readonly runCommand: (
    command: string,
    args: readonly string[],
    options: SpawnOptions & { readonly onLine?: (line: string) => void },
  ) => Promise<CommandResult>;
}
