// node leash.js GRACE_MS COMMAND ARGUMENT…
// Runs a command that must not outlive the process that started it, however that one ended: the channel to it then
// closes, and the command's whole process group is ended. Leads a session of its own (see leashed.js), so neither a
// Ctrl-C in the terminal nor a signal to the starter's group reaches it.
import { spawn } from 'node:child_process';

const [, , graceMs, command = '', ...args] = process.argv;
const child = spawn(command, args, { stdio: 'inherit' });
let ending = false;

/** @param {NodeJS.Signals} signal */
function signalGroup(signal) {
  try {
    process.kill(-process.pid, signal);
  } catch {
    // No such group on this system.
    child.kill(signal);
  }
}

function end() {
  if (ending) return;
  ending = true;
  signalGroup('SIGTERM');
  setTimeout(() => signalGroup('SIGKILL'), Number(graceMs));
}

process.on('message', (message) => (message === 'kill' ? signalGroup('SIGKILL') : end()));
process.on('disconnect', end);
// They are meant for the command, which is in this group too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
child.on('error', (error) => {
  process.stderr.write(`${command} cannot be run: ${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code) => process.exit(code ?? 1));
if (!process.connected) end();
