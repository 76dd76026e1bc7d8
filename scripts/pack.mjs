// Packs the desktop application for this platform into dist/. `--runtime FOLDER --runtime-version V` packs an Electron that is
// already on this machine (the tests do), otherwise the one of package.json is downloaded.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runtime: { type: 'string' }, 'runtime-version': { type: 'string' }, output: { type: 'string' } } });
const version = values['runtime-version'] ?? '25.1.1';
const args = ['node_modules/electron-builder/out/cli/cli.js', '--dir', '--publish', 'never', '--config', 'electron-builder.config.cjs'];
if (values.runtime) args.push(`-c.electronDist=${values.runtime}`, `-c.electronVersion=${version}`);
const env = { ...process.env, ...(values.output ? { MVNE_DESK_PACK_OUTPUT: values.output } : {}), ...(values.runtime ? { MVNE_DESK_PACK_RUNTIME_MAJOR: version.split('.')[0] } : {}) };
const built = spawnSync(process.execPath, ['./mvne-desk', 'build'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(1);
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1);
