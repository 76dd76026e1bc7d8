/** demo: the whole chain, chapter by chapter, in a temporary workspace. Exit 0 only when every device holds its profile and all is proven. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { createOutput, refuse } from './output.ts';
import { chapters, type ChapterName, prepareDemo } from './demo-chapters.ts';
import { addCommandWithoutWorkspace, collect, type Options, usage } from './program.ts';

export interface DemoStep { readonly chapter: ChapterName; readonly step: string; readonly ms: number; readonly result: string }

export function addDemoCommand(program: Command): void {
  const names = Object.keys(chapters) as ChapterName[];
  addCommandWithoutWorkspace(program, 'demo', 'run the whole chain in a temporary workspace')
    .option('--only <chapter>', `one of: ${names.join(', ')}; may be repeated`, collect((name: string) => name))
    .action(async (options: Options<{ only?: string[] }>) => {
      const output = createOutput(options.json ?? false);
      const wanted = names.filter((name) => options.only === undefined || options.only.includes(name));
      const unknown = options.only?.find((name) => !names.includes(name as ChapterName));
      if (unknown !== undefined) usage(`there is no chapter "${unknown}"; there are ${names.join(', ')}`);
      const workspace = mkdtempSync(join(tmpdir(), 'mvne-desk-demo-'));
      const steps: DemoStep[] = [];
      try {
        let chapter: ChapterName = 'chain';
        const timed = async <T>(step: string, work: () => Promise<T>, say: (done: T) => string): Promise<T> => {
          const from = performance.now();
          const done = await work();
          const entry = { chapter, step, ms: Math.round((performance.now() - from) * 10) / 10, result: say(done) };
          steps.push(entry);
          if (!output.json) output.note(`${entry.ms.toFixed(0).padStart(6)} ms  ${step}: ${entry.result}`);
          return done;
        };
        const demo = await prepareDemo({ ...options, workspace }, wanted, timed);
        try {
          for (chapter of wanted) {
            if (!output.json) output.note(`\n${chapters[chapter].title}`);
            await chapters[chapter].run(demo);
          }
          const chain = await timed('verify the audit chain', () => demo.session.call(contract.audit.verify, {}), (result) => `${result.records} records`);
          if (!chain.verified) refuse('DEMO_FAILED', `The audit chain is broken at record ${chain.firstBad}`);
        } finally {
          await demo.close();
        }
        output.result({ ok: true, steps }, 'The chain holds: every profile is in its device, every order says Installed, the audit chain verifies.');
      } finally {
        rmSync(workspace, { recursive: true, force: true });
      }
    });
}
