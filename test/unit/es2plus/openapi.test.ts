import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { es2FunctionNames } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { es2plusOpenApi } from '../../../src/main/engine/wire/es2plus/openapi.ts';

const document = es2plusOpenApi();

describe('docs/es2plus.openapi.json', () => {
  test('is what the schemas say (node scripts/es2plus-openapi.mjs)', () => {
    const written = readFileSync(join(import.meta.dirname, '../../../docs/es2plus.openapi.json'), 'utf8');
    expect(written).toBe(`${JSON.stringify(document, undefined, 2)}\n`);
  });

  test('every reference leads somewhere', () => {
    const visit = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return;
      const ref = (value as { $ref?: string }).$ref;
      if (ref !== undefined) {
        let at: unknown = document;
        for (const key of ref.slice(2).split('/')) at = (at as Record<string, unknown>)[key];
        expect(at, ref).toBeDefined();
      }
      Object.values(value).forEach(visit);
    };
    visit(document);
  });

  test.each(es2FunctionNames)('%s: mutual TLS, header in the request, header and status codes in the reply', (name) => {
    const { post } = (document['paths'] as Record<string, { post: Record<string, never> }>)[`/gsma/rsp2/es2plus/${name}`]!;
    const operation = post as unknown as {
      requestBody: { content: { 'application/json': { schema: { required: string[]; properties: { header: { required: string[] } } } } } };
      responses: Record<string, { 'x-status-codes'?: { subjectCode: string }[]; headers?: object }>;
    };
    const { schema } = operation.requestBody.content['application/json'];
    expect(schema.required).toContain('header');
    expect(schema.properties.header.required).toEqual(['functionRequesterIdentifier', 'functionCallIdentifier']);
    expect(operation.responses['200']!['x-status-codes']!.length).toBeGreaterThan(2);
    expect(operation.responses['200']!.headers).toHaveProperty('X-Admin-Protocol');
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '401', '403', '413', '415', '503']));
    expect(document['security']).toEqual([{ mutualTls: [] }]);
  });
});
