import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { findDebianPrograms, waitFor } from '@parley/testkit';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

/** A page in a headless Chromium, by the DevTools protocol. */
export interface Page {
  open(url: string): Promise<void>;
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  colorScheme(scheme: 'light' | 'dark'): Promise<void>;
  /** PNG. */
  screenshot(width: number, height: number): Promise<Buffer>;
  /** What the page logged as errors, and addresses that it asked for beside the services'. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** Where Chromium is on this machine (fetched without installing it where it has to be), or why it is not. */
export async function findChromium(): Promise<
  { ok: true; open: () => Promise<Page> } | { ok: false; reason: string }
> {
  const found = await findDebianPrograms({
    name: 'chromium',
    packages: ['chromium', 'chromium-common'],
    programs: ['usr/lib/chromium/chromium'],
  });
  if (!found.ok) return found;
  const [program = ''] = found.paths;
  return { ok: true, open: () => openPage(program, { ...process.env, ...found.env }) };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Commands and events over the pipe: JSON, each ended by a zero byte. */
class DevTools {
  readonly #waiting = new Map<number, (message: Message) => void>();
  #lastId = 0;
  #left = '';
  sessionId: string | undefined;

  constructor(
    private readonly to: Writable,
    from: Readable,
    private readonly onEvent: (message: Message) => void,
  ) {
    from.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (this.#left + chunk).split('\0');
      this.#left = parts.pop() ?? '';
      for (const part of parts) this.#take(JSON.parse(part) as Message);
    });
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = (this.#lastId += 1);
    const answered = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.to.write(`${JSON.stringify({ id, method, params, sessionId: this.sessionId })}\0`);
    const { result, error } = await answered;
    if (!result) throw new Error(`${method}: ${error?.message}`);
    return result;
  }

  #take(message: Message): void {
    if (message.id === undefined) this.onEvent(message);
    else this.#waiting.get(message.id)?.(message);
  }
}

/** What in an event is wrong with a page, if anything. */
function problemIn({ method, params = {} }: Message): string | undefined {
  if (method === 'Runtime.exceptionThrown') return JSON.stringify(params['exceptionDetails']);
  if (method !== 'Network.requestWillBeSent') return undefined;
  const { url = '' } = params['request'] as { url?: string };
  return /^(http:\/\/127\.0\.0\.1:|data:)/.test(url) ? undefined : `asked for ${url}`;
}

async function openPage(program: string, env: NodeJS.ProcessEnv): Promise<Page> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-chromium-'));
  const child: ChildProcess = spawn(program, [...FLAGS, `--user-data-dir=${folder}`, 'about:blank'], {
    env: { ...env, HOME: folder },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const problems: string[] = [];
  const tools = new DevTools(child.stdio[3] as Writable, child.stdio[4] as Readable, (event) => {
    const problem = problemIn(event);
    if (problem) problems.push(problem);
  });
  const { targetId } = await tools.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await tools.send('Target.attachToTarget', { targetId, flatten: true });
  tools.sessionId = String(sessionId);
  for (const domain of ['Page', 'Runtime', 'Network']) await tools.send(`${domain}.enable`);

  async function evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await tools.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  return {
    problems,
    evaluate,
    async open(url) {
      await tools.send('Page.navigate', { url });
      await waitFor(() => evaluate<boolean>("document.readyState === 'complete'"), `${url} is loaded`);
    },
    async colorScheme(scheme) {
      const features = [{ name: 'prefers-color-scheme', value: scheme }];
      await tools.send('Emulation.setEmulatedMedia', { features });
    },
    async screenshot(width, height) {
      const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
      await tools.send('Emulation.setDeviceMetricsOverride', metrics);
      const { data } = await tools.send('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(String(data), 'base64');
    },
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}
