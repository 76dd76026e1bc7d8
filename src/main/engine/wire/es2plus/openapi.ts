/** Description of ES2+ as OpenAPI 3.1, derived from the schemas that check its requests and from the table of status codes. */
import { z } from 'zod';
import { es2FunctionNames, statusCodesOf } from './codes.ts';
import type { Es2FunctionName } from './codes.ts';
import { defaultProgressPoints } from '../../../../shared/contract/brands.ts';
import { es2Replies, es2Requests, failedReply, progressInfo, requestHeader } from './schemas.ts';

type Json = Record<string, unknown>;

const summaries: Readonly<Record<Es2FunctionName, string>> = {
  downloadOrder: 'Reserves a profile by ICCID or profile type (SGP.22 v2.2, 5.3.1)',
  confirmOrder: 'Confirms a reserved profile and gives it its MatchingID (SGP.22 v2.2, 5.3.2)',
  cancelOrder: 'Cancels an order that was not downloaded (SGP.22 v2.2, 5.3.3)',
  releaseProfile: 'Makes a confirmed profile downloadable (SGP.22 v2.2, 5.3.4)',
  getProfileStatus: 'State of profiles the caller may see; not part of SGP.22',
};

/** A schema without the dialect's address, which the document names once. Requests tolerate members they do not know. */
function schemaOf(schema: z.ZodType, direction: 'request' | 'reply'): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: direction === 'request' ? 'input' : 'output', target: 'draft-2020-12' }) as Json;
  return json;
}

const requestOf = (name: Es2FunctionName): Json => schemaOf(z.object({ header: requestHeader, ...es2Requests[name].shape }), 'request');

const responseHeaders = {
  'X-Admin-Protocol': { description: 'Highest version of SGP.22 supported', schema: { type: 'string', const: 'gsma/rsp/v2.2.0' } },
};
const httpError = (description: string): Json => ({
  description, headers: responseHeaders,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/HttpError' } } },
});

function operation(name: Es2FunctionName): Json {
  const codes = statusCodesOf(name).map((status) => ({ subjectCode: status.subject, reasonCode: status.reason, message: status.message }));
  const required = name === 'downloadOrder' ? { anyOf: [{ required: ['iccid'] }, { required: ['profileType'] }] } : {};
  return {
    operationId: name, summary: summaries[name],
    parameters: [{ $ref: '#/components/parameters/AdminProtocol' }],
    requestBody: { required: true, content: { 'application/json': { schema: { ...requestOf(name), ...required } } } },
    responses: {
      200: {
        description: `The function was executed or has failed. Status codes:\n${codes.map((one) => `- ${one.subjectCode} / ${one.reasonCode}: ${one.message}`).join('\n')}`,
        headers: responseHeaders,
        content: { 'application/json': { schema: { oneOf: [{ $ref: `#/components/schemas/${name}Reply` }, { $ref: '#/components/schemas/FailedReply' }] } } },
        'x-status-codes': codes,
      },
      400: { $ref: '#/components/responses/BadRequest' }, 401: { $ref: '#/components/responses/NoCertificate' }, 403: { $ref: '#/components/responses/UnknownClient' },
      404: { $ref: '#/components/responses/NoFunction' }, 405: { $ref: '#/components/responses/PostOnly' },
      413: { $ref: '#/components/responses/TooLarge' }, 415: { $ref: '#/components/responses/WrongType' }, 429: { $ref: '#/components/responses/TooMany' }, 503: { $ref: '#/components/responses/Busy' },
    },
  };
}

/** What we post to the brand. What each answer makes of the message is decided in outgoing/progress.ts. */
function progressWebhook(): Json {
  const points = Object.entries(defaultProgressPoints).map(([point, number]) => `${number} ${point}`).join(', ');
  const retried = 'Sent again, first after seconds, then with growing pauses up to 10 minutes; Retry-After is heeded.';
  return {
    operationId: 'handleDownloadProgressInfo', summary: 'Progress of a download, posted to the brand\'s callback (SGP.22 v2.2, 5.3.5 and 6.5.2.5)',
    description: [
      'Posted to the callback URL of the brand. Where that names only a host (https://bss.example), /gsma/rsp2/es2plus/handleDownloadProgressInfo is the path; a URL with a path is used as it is given.',
      'We show the TLS certificate of our identity as client certificate.',
      `Points, unless the brand has numbers of its own: ${points}. 1 to 4 are those of SGP.22; each can be switched off. The point confirmation is sent when a confirmation code was wrong, never for a right one.`,
      'Messages of one order come one behind the other. A message that was not taken is given up after 48 hours, or after 12 answers that were errors of its own; it then waits for a person.',
    ].join('\n\n'),
    parameters: [{ name: 'X-Admin-Protocol', in: 'header', required: true, schema: { type: 'string', const: 'gsma/rsp/v2.2.0' } }],
    requestBody: { required: true, content: { 'application/json': { schema: schemaOf(progressInfo, 'reply') } } },
    responses: {
      204: { description: 'Taken: the answer SGP.22 asks for.' },
      200: {
        description: 'Taken, unless the body holds a function execution status Failed or Expired: then the message is dead at once. Any other 2xx means taken too.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/FailedReply' } } },
      },
      408: { description: retried },
      429: { description: `${retried} Nothing else is sent to this receiver meanwhile.` },
      '3XX': { description: 'Not followed: the message is dead at once. Give the final address as callback.' },
      '4XX': { description: 'Any other than 408 and 429: refused for good, the message is dead at once.' },
      '5XX': { description: `${retried} With 502, 503 and 504, as without any answer, nothing else is sent to this receiver meanwhile.` },
    },
  };
}

/** The document, ready to be written as JSON. */
export function es2plusOpenApi(): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'MVNE Desk ES2+', version: '2.2.0', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'ES2+ of SGP.22 v2.2 in its JSON binding, over mutual TLS: a brand is recognised by its client certificate. Every function answers HTTP 200, success and failure alike; other HTTP codes say that HTTP, JSON or the TLS identity was wrong.',
    },
    servers: [{ url: 'https://{host}:{port}', variables: { host: { default: 'localhost' }, port: { default: '8444' } } }],
    security: [{ mutualTls: [] }],
    webhooks: { handleDownloadProgressInfo: { post: progressWebhook() } },
    paths: Object.fromEntries(es2FunctionNames.map((name) => [`/gsma/rsp2/es2plus/${name}`, { post: operation(name) }])),
    components: {
      securitySchemes: { mutualTls: { type: 'mutualTLS', description: 'Certificate of the brand, or of a CA of the brand' } },
      parameters: {
        AdminProtocol: { name: 'X-Admin-Protocol', in: 'header', required: false, description: 'Version of SGP.22 the caller supports: any 2.x', schema: { type: 'string', pattern: '^gsma/rsp/v2\\.' } },
      },
      schemas: {
        ...Object.fromEntries(es2FunctionNames.map((name) => [`${name}Reply`, schemaOf(es2Replies[name], 'reply')])),
        FailedReply: schemaOf(failedReply, 'reply'),
        HttpError: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'], additionalProperties: false },
      },
      responses: {
        BadRequest: httpError('The body is not a JSON object, or X-Admin-Protocol is not gsma/rsp/v2.'),
        NoCertificate: httpError('No client certificate was shown'),
        UnknownClient: httpError('The client certificate is not known, or its brand is suspended'),
        NoFunction: httpError('No such function'),
        PostOnly: { ...httpError('Another method than POST'), headers: { ...responseHeaders, Allow: { schema: { type: 'string', const: 'POST' } } } },
        TooMany: httpError('Too many requests of clients that are not recognised from this address; see Retry-After'),
        TooLarge: httpError('The body is too large'),
        WrongType: httpError('The body is not application/json'),
        Busy: httpError('Too many calls of this brand at once; see Retry-After'),
      },
    },
  };
}
