// Writes docs/states.md from the state tables: `node scripts/states-doc.mjs` (needs Node 24). A test fails when it is stale.
import { writeFileSync } from 'node:fs';
import { axes, besideStageOf, guards, stageOf, startStates, tables } from '../src/main/engine/profiles/rules.ts';

const titles = {
  order: ['Order', 'What the SM-DP+ promised to whom (SGP.22 v2.2, 3.1.6).'],
  network: ['Network', 'What the home network knows of the subscription.'],
  stock: ['Stock', 'What the business may do with the profile.'],
  device: ['Device evidence', 'What a device said last, with source and time. It never moves the order.'],
};

const conditions = {
  never_delivered: 'no package was ever delivered', delivered: 'a package was delivered', prepared: 'slots are sealed', not_prepared: 'no slots yet',
  eid_given: 'the EID is known', same_eid: 'not another EID', not_on_order: 'the order axis is available', on_live_order: 'an order is alive',
};

function picture(axis) {
  const lines = ['```mermaid', 'stateDiagram-v2', '  direction LR'];
  for (const state of new Set(Object.values(startStates).map((start) => start[axis]))) lines.push(`  [*] --> ${state}`);
  const arrows = new Map();
  for (const rule of tables[axis]) {
    const key = `${rule.from} --> ${rule.to}`;
    arrows.set(key, [...new Set([...(arrows.get(key) ?? []), rule.event])]);
  }
  for (const [key, events] of arrows) lines.push(`  ${key} : ${events.join(', ')}`);
  return [...lines, '```'];
}

function table(axis) {
  const lines = ['| From | Event | To | Only when |', '|---|---|---|---|'];
  for (const rule of tables[axis]) {
    lines.push(`| ${rule.from} | ${rule.event} | ${rule.to} | ${(rule.guards ?? []).map((name) => conditions[name]).join('; ')} |`);
  }
  return lines;
}

/** The whole page as text. */
export function statesDocument() {
  const missing = Object.keys(guards).filter((name) => conditions[name] === undefined);
  if (missing.length > 0) throw new Error(`say in scripts/states-doc.mjs what these guards mean: ${missing.join(', ')}`);
  const lines = [
    '# States of a profile', '',
    'Made by `node scripts/states-doc.mjs` from `src/main/engine/profiles/rules.ts`; do not edit by hand.', '',
    'A profile has four independent axes. An event concerns an axis when it has rows in that axis\'s table; it is refused as a',
    'whole when one of those axes has no row for the present state whose condition holds. `transition()` is the only writer.', '',
    'Once a package was delivered, a profile is never `available` again; the database refuses such a row as well.', '',
  ];
  for (const axis of axes) lines.push(`## ${titles[axis][0]}`, '', titles[axis][1], '', ...picture(axis), '', ...table(axis), '');
  lines.push('## Beginnings', '', '| Origin | Order | Network | Stock | Device |', '|---|---|---|---|---|');
  for (const [origin, state] of Object.entries(startStates)) {
    lines.push(`| ${origin === 'import' ? 'stock file, or added singly' : 'number range, at preparation'} | ${state.order} | ${state.network} | ${state.stock} | ${state.device} |`);
  }
  lines.push('', '## Stages in the activation stream', '', '| Event | Stage |', '|---|---|');
  for (const [event, stage] of Object.entries({ ...stageOf, ...besideStageOf })) lines.push(`| ${event} | ${stage} |`);
  return `${lines.join('\n')}\n`;
}

if (process.argv[1]?.endsWith('states-doc.mjs')) writeFileSync(new URL('../docs/states.md', import.meta.url), statesDocument());
