import { types } from '../../../shared/contract/types.ts';
import type { TemplateEdit } from '../../saip/index.ts';
import { buildSampleTemplate, hasErrors } from '../../saip/index.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { changeType, createType, listTypes } from './catalogue.ts';
import { diffTemplates, draftEdit, retireTemplate, storeEdit, templateDetail, tryEdits } from './editing.ts';
import { demandTemplate, draftFindings, draftTemplate, fileFindings, listTemplates, readTemplate, storeTemplate, templateUses, templateView, withEstimates } from './templates.ts';

/** This area's part of the contract. */
export function procedures(): Implemented[] {
  return [
    query(types.templates, async (ctx) => ({ rows: await withEstimates(ctx.reader, await listTemplates(ctx.reader)) })),
    query(types.checkTemplate, async (ctx, input) => {
      const file = ctx.uploads.take(input.file);
      try {
        const view = readTemplate(file);
        const findings = fileFindings(file);
        return {
          valid: !hasErrors(findings), sizeBytes: view.size, findings,
          elements: view.elements.map((element, index) => ({ index, name: element.name, bytes: element.bytes })),
        };
      } finally {
        file.fill(0);
      }
    }),
    command(types.importTemplate, {
      before: async (ctx, input) => {
        const file = ctx.uploads.take(input.file);
        try {
          return draftTemplate(file, input.keepAlgorithm, input.accept);
        } finally {
          file.fill(0);
        }
      },
      run: async (tx, ctx, input, draft, call) => {
        const row = await storeTemplate(tx, draft, input.name, ctx.clock.now(), { actor: call.actor, note: input.note });
        return { template: templateView(row, await templateUses(tx)), findings: draftFindings(draft) };
      },
      object: (_input, output) => ({ type: 'template', id: output.template.id }),
      changes: ['types'],
    }),
    command(types.addSampleTemplate, {
      before: async (_ctx, input) => draftTemplate(buildSampleTemplate(input.ims ? { isim: 'own' } : {}), true),
      run: async (tx, ctx, input, draft, call) => {
        const row = await storeTemplate(tx, draft, input.name, ctx.clock.now(), { actor: call.actor });
        return { template: templateView(row, await templateUses(tx)), findings: draftFindings(draft) };
      },
      object: (_input, output) => ({ type: 'template', id: output.template.id }),
      changes: ['types'],
    }),
    query(types.list, async (ctx) => ({ rows: await listTypes(ctx.reader) })),
    command(types.create, {
      before: async (ctx, input) => (input.icon === undefined ? undefined : ctx.uploads.take(input.icon)),
      run: (tx, ctx, input, icon, call) => createType(tx, ctx, input, icon, call),
      object: (_input, output) => ({ type: 'type', id: output.name }),
      changes: ['types', 'workspace'],
    }),
    command(types.change, {
      before: async (ctx, input) => (typeof input.icon === 'string' ? ctx.uploads.take(input.icon) : input.icon),
      run: (tx, ctx, { name, ...input }, icon, call) => changeType(tx, ctx, name, { ...input, icon }, call),
      object: (_input, output) => ({ type: 'type', id: output.name }),
      changes: ['types', 'workspace'],
    }),
    query(types.template, (ctx, input) => templateDetail(ctx.reader, input.id)),
    query(types.diffTemplates, (ctx, input) => diffTemplates(ctx.reader, input.before, input.after)),
    query(types.tryEdits, (ctx, input) => tryEdits(ctx.reader, input.id, input.edits as readonly TemplateEdit[])),
    command(types.editTemplate, {
      before: (ctx, input) => draftEdit(ctx, input.id, input.edits as readonly TemplateEdit[]),
      run: (tx, ctx, input, made, call) => storeEdit(tx, ctx, made, input, call),
      object: (_input, output) => ({ type: 'template', id: output.template.id }),
      changes: ['types'],
    }),
    command(types.exportTemplate, {
      run: async (tx, ctx, input) => {
        const row = await demandTemplate(tx, input.id);
        return ctx.files.offer({ name: `${row.name}-v${row.version}.der`, type: 'application/octet-stream', bytes: row.der.length, open: () => [row.der] });
      },
      object: (input) => ({ type: 'template', id: input.id }),
      changes: [],
    }),
    command(types.retireTemplate, {
      run: (tx, ctx, input) => retireTemplate(tx, input.id, input.retired ? ctx.clock.now() : null),
      object: (input) => ({ type: 'template', id: input.id }),
      changes: ['types'],
    }),
  ];
}
