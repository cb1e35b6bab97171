// A process of its own that downloads and compiles Redis into the folder it is given and tells its parent where the
// server is. Apart from the parent, because the package reads its settings from the environment and prints as it likes.
// Run by memory-server.ts only.

/** The last line of Redis under the BSD licence. */
const VERSION = '7.2.12';

// The parent is gone: so are make and the compilers, which share this process group.
const abandon = (): void => void process.kill(-process.pid, 'SIGKILL');
process.on('disconnect', abandon);

try {
  const { RedisBinary } = await import('redis-memory-server');
  const downloadDir = process.argv[2] ?? '';
  const serverPath = await RedisBinary.getPath({
    version: VERSION,
    downloadDir,
    ignoreDownloadCache: true,
    // Not a server from elsewhere, whatever the settings say: those on PATH were looked at already.
    systemBinary: '',
  });
  process.send?.(serverPath, done);
} catch (error) {
  process.exitCode = 1;
  process.stderr.write((error as Error).message, done);
}

function done(): void {
  process.off('disconnect', abandon);
  process.disconnect();
}
