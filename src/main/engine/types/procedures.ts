import { types } from '../../../shared/contract/types.ts';
import { checkPackage, hasErrors } from '../../saip/index.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { createType, listTypes } from './catalogue.ts';
import { draftTemplate, listTemplates, readTemplate, storeTemplate, templateView } from './templates.ts';

/** This area's part of the contract. */
export function procedures(): Implemented[] {
  return [
    query(types.templates, async (ctx) => ({ rows: await listTemplates(ctx.reader) })),
    query(types.checkTemplate, async (ctx, input) => {
      const file = ctx.uploads.take(input.file);
      try {
        const view = readTemplate(file);
        const findings = checkPackage(file);
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
          return draftTemplate(file, input.keepAlgorithm);
        } finally {
          file.fill(0);
        }
      },
      run: async (tx, ctx, input, draft) => {
        const row = await storeTemplate(tx, draft, input.name, ctx.clock.now());
        return { template: templateView(row), findings: [...draft.findings] };
      },
      object: (_input, output) => ({ type: 'template', id: output.template.id }),
      changes: ['types'],
    }),
    query(types.list, async (ctx) => ({ rows: await listTypes(ctx.reader) })),
    command(types.create, {
      before: async (ctx, input) => (input.icon === undefined ? undefined : ctx.uploads.take(input.icon)),
      run: (tx, ctx, input, icon) => createType(tx, ctx, input, icon),
      object: (_input, output) => ({ type: 'type', id: output.name }),
      changes: ['types', 'workspace'],
    }),
  ];
}
