// Loaded by whatever Node there is, so nothing in here may be newer than the oldest one that knows modules.
const oldestMajor = 20;
const oldestMinor = 19;

/** Whether this Node is too old; says so, and what to do. */
export function refuseOldNode() {
  const version = process.versions.node.split('.');
  const major = Number(version[0]);
  if (major > oldestMajor || (major === oldestMajor && Number(version[1]) >= oldestMinor)) return false;
  process.stderr.write(
    'Parley needs Node ' +
      oldestMajor +
      '.' +
      oldestMinor +
      ' or newer; this is ' +
      process.versions.node +
      '.\n' +
      'Install a newer one from https://nodejs.org/ or with your version manager, and run the same command again.\n',
  );
  process.exitCode = 1;
  return true;
}
