import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { es2FunctionNames } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { progressInfo } from '../../../src/main/engine/wire/es2plus/schemas.ts';
import { judge, progressBody } from '../../../src/main/engine/outgoing/progress.ts';
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
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '401', '403', '404', '405', '413', '415', '429', '503']));
    expect(document['security']).toEqual([{ mutualTls: [] }]);
  });

  test('the webhook has the body we send, and says of every answer what we make of it', () => {
    const { post } = (document['webhooks'] as Record<string, { post: { responses: Record<string, { description: string }> } }>)['handleDownloadProgressInfo']!;
    const header = { functionRequesterIdentifier: '2.999.10', functionCallIdentifier: 'A' };
    const status = { status: 'Failed', statusCodeData: { subjectCode: '8.2.6', reasonCode: '3.8', message: 'Refused' } };
    const payload = { brandId: 1, eid: '8'.repeat(32), iccid: '8988001000000000001', profileType: 'x', timestamp: '2026-01-15T12:00:00Z', notificationPointId: 1, notificationPointStatus: status, resultData: 'MAA=' };
    expect(progressInfo.safeParse(progressBody(payload, header)).error).toBeUndefined();
    expect(progressInfo.safeParse({ ...progressBody(payload, header), more: 1 }).success).toBe(false);
    for (const code of [200, 202, 204, 302, 400, 404, 408, 409, 429, 500, 502, 503]) {
      const outcome = judge({ ok: true, status: code, text: '' });
      const said = (post.responses[String(code)] ?? post.responses[`${String(code)[0]}XX`] ?? post.responses['200'])!.description;
      expect([code, /Sent again/.test(said), /dead at once\.|dead at once\. /.test(said) && !said.startsWith('Taken')]).toEqual([code, !outcome.done && outcome.permanent !== true, !outcome.done && outcome.permanent === true]);
    }
  });
});
