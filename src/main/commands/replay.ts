/** rsp replay: rebuilds a recorded, deterministic ES9+ session and writes its bound profile package. */
import { createHash } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { REPLAY_FILES, REPLAY_KEY_FILES, type ReplayFiles, type ReplayKeys, replaySession } from '../rsp/index.ts';
import { createOutput, refuse } from './output.ts';
import { addCommand, group, type Options } from './program.ts';
import { readFileOrRefuse } from './session.ts';

export function addReplayCommand(program: Command): void {
  const rsp = group(program, 'rsp', 'SGP.22 tools');
  addCommand(rsp, 'replay <folder>', 'rebuild a recorded session byte for byte')
    .requiredOption('--keys <folder>', 'certificates and keys of the session')
    .requiredOption('--out <file>', 'where the bound profile package goes')
    .action((folder: string, options: Options<{ keys: string; out: string }>) => {
      const output = createOutput(options.json ?? false);
      const replayed = replaySession({ files: readSessionFiles(folder), keys: readKeyFiles(options.keys) });
      // Never a half-written result.
      const draft = `${options.out}.part`;
      try {
        writeFileSync(draft, replayed.boundPackage);
        renameSync(draft, options.out);
      } catch (error) {
        refuse('FILE_UNWRITABLE', `${options.out} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
      }
      const sha256 = createHash('sha256').update(replayed.boundPackage).digest('hex');
      const data = { out: options.out, bytes: replayed.boundPackage.length, sha256, ok: replayed.ok, eid: replayed.eid, checks: replayed.checks };
      const text = () => [
        ...replayed.checks.map((check) => `${check.ok ? 'ok  ' : 'FAIL'} ${check.name}: ${check.detail}`),
        `${replayed.boundPackage.length} octets written to ${options.out}, SHA-256 ${sha256}`,
      ].join('\n');
      if (replayed.ok) output.result(data, text);
      else output.refused(data, { code: 'REPLAY_MISMATCH', message: 'The recording does not agree with what was rebuilt from it' }, text);
    });
}

function readSessionFiles(folder: string): ReplayFiles {
  const files: Partial<Record<keyof ReplayFiles, Uint8Array>> = {};
  for (const [name, { file, required }] of Object.entries(REPLAY_FILES) as [keyof ReplayFiles, { file: string; required: boolean }][]) {
    const path = join(folder, file);
    if (required || existsSync(path)) files[name] = readFileOrRefuse(path);
  }
  return files as ReplayFiles;
}

function readKeyFiles(folder: string): ReplayKeys {
  const one = (name: keyof ReplayKeys) => readFileOrRefuse(join(folder, REPLAY_KEY_FILES[name][0] ?? name));
  const ci = REPLAY_KEY_FILES.ci.map((file) => join(folder, file)).filter((path) => existsSync(path));
  if (ci.length === 0) refuse('FILE_UNREADABLE', `There is no CI certificate (${REPLAY_KEY_FILES.ci.join(' or ')}) in ${folder}`);
  return { dpauth: one('dpauth'), dpauthKey: one('dpauthKey'), dppb: one('dppb'), dppbKey: one('dppbKey'), ci: ci.map((path) => readFileOrRefuse(path)) };
}
