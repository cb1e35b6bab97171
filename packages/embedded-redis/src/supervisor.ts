// A process of its own between a program and the server that it started. It stops the server when it is told to,
// and also when the program is gone, however it went: the channel to it then closes. Run by supervise.ts only.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SupervisedCommand, SupervisorReport } from './supervisor-protocol.js';
import { STOP_GRACE_MS } from './supervisor-protocol.js';
import { TextTail } from './text-tail.js';

// The time in which what a dead server printed last is still read.
const LAST_OUTPUT_MS = 200;

const { command, args, env, files } = JSON.parse(process.argv[2] ?? '') as SupervisedCommand;
const workFolder = mkdtempSync(join(tmpdir(), 'parley-server-'));
for (const [name, text] of Object.entries(files)) writeFileSync(join(workFolder, name), text);

const output = new TextTail();
const server = spawn(command, args, {
  cwd: workFolder,
  env: { ...process.env, ...env },
  stdio: ['ignore', 'pipe', 'pipe'],
});
server.stdout.on('data', (chunk: Buffer) => output.add(chunk));
server.stderr.on('data', (chunk: Buffer) => output.add(chunk));
server.once('spawn', () => report({ type: 'started', pid: server.pid ?? 0, workFolder }));
server.once('error', (error) => finish(`cannot be run: ${error.message}`));
server.once('exit', (code, signal) => {
  const reason = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  // A forked child of the server may hold its output open for longer than it lived.
  const lastOutput = setTimeout(() => server.emit('close'), LAST_OUTPUT_MS);
  server.once('close', () => {
    clearTimeout(lastOutput);
    finish(reason);
  });
});

process.on('message', stopServer);
process.on('disconnect', stopServer);
process.on('SIGTERM', stopServer);
// The parent decides what an interrupt means; if it ends by it, the channel says so.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
if (!process.connected) stopServer();

function stopServer(): void {
  server.kill('SIGTERM');
  setTimeout(() => server.kill('SIGKILL'), STOP_GRACE_MS).unref();
}

function finish(reason: string): void {
  rmSync(workFolder, { recursive: true, force: true });
  report({ type: 'exited', reason, output: output.text }, () => process.connected && process.disconnect());
}

function report(message: SupervisorReport, sent = () => {}): void {
  // Without a parent there is nobody to tell.
  if (process.connected) process.send?.(message, sent);
}
