// What the tests need from Debian: installed when this runs as root, else named in one command.
import { spawnSync } from 'node:child_process';

export const packages = ['softhsm2', 'chromium', 'xvfb', 'xauth', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'fonts-dejavu-core'];

const isInstalled = (name) => {
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' });
  return status === 0 && stdout.endsWith('install ok installed');
};

/** Makes sure that they are there; ends the process with the exact command when it cannot. */
export function needDebianPackages() {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid() !== 0) {
    console.error(`The tests need Debian packages that are not installed. Run as root:\n  ${command}`);
    process.exit(1);
  }
  console.log(`Installing ${missing.join(', ')}`);
  const { status } = spawnSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  const still = packages.filter((name) => !isInstalled(name));
  if (status !== 0 || still.length > 0) {
    console.error(`Debian packages could not be installed: ${still.join(', ')}`);
    process.exit(1);
  }
}
