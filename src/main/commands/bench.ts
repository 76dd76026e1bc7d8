/** bench: figures as ratios, measured and reference side by side in one run. */
import type { Command } from 'commander';
import { benches, type Figure } from '../../../bench/index.ts';
import { createOutput, table } from './output.ts';
import { addCommand, type Options, usage } from './program.ts';

export function addBenchCommand(program: Command): void {
  addCommand(program, 'bench', 'measure and print figures')
    .option('--only <name>', `one of: ${Object.keys(benches).join(', ')}`)
    .action(async (options: Options<{ only?: string }>) => {
      const output = createOutput(options.json ?? false);
      const names = options.only === undefined ? Object.keys(benches) : [options.only];
      const figures: Figure[] = [];
      for (const name of names) {
        const load = benches[name];
        if (!load) usage(`there is no bench "${name}"; there are ${Object.keys(benches).join(', ')}`);
        output.note(`${name} …`);
        figures.push(...(await (await load()).run()));
      }
      output.result({ figures }, () => table(['figure', 'value', 'unit', 'ratio', 'to'], figures.map((f) => [f.name, round(f.value), f.unit, round(f.ratio), f.reference])));
    });
}

const round = (value: number) => (Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));
