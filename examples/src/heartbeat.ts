import { messageOf } from './events.js';
import { requestJson } from './http.js';

/** Until the matchmaker has accepted one, heartbeats come at least this often: it may still be starting. */
const firstRetryMs = 1000;

export interface HeartbeatOptions {
  readonly matchmakerUrl: string;
  readonly hostSecret: string;
  readonly intervalMs: number;
  /** What to report, asked for each heartbeat anew. */
  report(): object;
  /** Called with the answer to each accepted heartbeat. */
  accepted(answer: Record<string, unknown>): void;
  /** Called with the reason when one was refused or not answered; the next one comes regardless. */
  failed(message: string): void;
}

export interface Heartbeats {
  /** Sends one at once, for news that should not wait for the next interval. */
  now(): void;
  /** Ends them; resolves when none is under way. */
  stop(): Promise<void>;
}

/** Tells the matchmaker every `intervalMs` that this host is alive (contract, section 2: `POST /api/host/heartbeat`). */
export function startHeartbeats(options: HeartbeatOptions): Heartbeats {
  let wasAccepted = false;
  let stopped = false;
  let newsWaits = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;

  const beat = async (): Promise<void> => {
    newsWaits = false;
    const answer = await sendHeartbeat(options);
    if (stopped) return;
    if (answer) wasAccepted = true;
    if (answer) options.accepted(answer);
  };
  const next = (): void => {
    clearTimeout(timer);
    underWay = beat().then(() => {
      underWay = undefined;
      if (stopped) return;
      const waitMs = wasAccepted ? options.intervalMs : Math.min(firstRetryMs, options.intervalMs);
      timer = setTimeout(next, newsWaits ? 0 : waitMs);
    });
  };
  next();

  return {
    now: () => {
      if (underWay) newsWaits = true;
      else if (!stopped) next();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}

async function sendHeartbeat(options: HeartbeatOptions): Promise<Record<string, unknown> | undefined> {
  try {
    const url = `${options.matchmakerUrl}/api/host/heartbeat`;
    const { status, body } = await requestJson('POST', url, options.report(), options.hostSecret);
    if (status === 200) return body;
    options.failed(`heartbeat refused with ${status}: ${JSON.stringify(body)}`);
  } catch (error) {
    options.failed(`heartbeat not answered: ${messageOf(error)}`);
  }
  return undefined;
}
