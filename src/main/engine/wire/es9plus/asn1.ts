/**
 * ASN.1 binding of ES9+ (SGP.22 v2.2, 6.6 and annex H). The module is AUTOMATIC TAGS, which X.680 leaves out in a type that
 * has a tag written by hand; so a CHOICE without written tags answers `A0` or `81`, the notification stands in an explicit
 * `A0`, and in CancelSessionRequestEs9 the automatic [1] takes the place of `BF41`.
 *
 * Reading goes down a fixed number of levels whatever the body holds, and every part is a view of the body, not a copy.
 */
import { fromHex, integerBytes, readAll, readOne, readUtf8, tlv, TlvError, toHex } from '../../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../../shared/tlv/index.ts';
import { BodyError } from '../https-listener.ts';
import { asn1Code, UNDEFINED_ERROR } from './asn1-codes.ts';
import type { AnsweredName, Es9Call, Es9Name, Es9Outcome } from './functions.ts';

export const ASN1_TYPE = 'application/x-gsma-rsp-asn1';

/** RemoteProfileProvisioningRequest and -Response: [2] of a CHOICE, so explicit. */
const OUTER = 0xa2;
const TAGS: Readonly<Record<Es9Name, number>> = {
  initiateAuthentication: 0xbf39, authenticateClient: 0xbf3b, getBoundProfilePackage: 0xbf3a, cancelSession: 0xbf41, handleNotification: 0xbf3d,
};
const names = new Map(Object.entries(TAGS).map(([name, tag]) => [tag, name as Es9Name]));

/** More elements side by side than any of these structures has. */
const MOST_MEMBERS = 16;

function members(node: TlvNode): (name: string, ...tags: readonly number[]) => TlvNode {
  const nodes = readAll(node.value);
  if (nodes.length > MOST_MEMBERS) throw new TlvError('TLV_TOO_MANY_NODES', `more than ${MOST_MEMBERS} members`);
  let at = 0;
  return (name, ...tags) => {
    const next = nodes[at++];
    if (next === undefined || !tags.includes(next.tag)) throw new TlvError('TLV_UNEXPECTED_TAG', `${name} is missing`);
    return next;
  };
}

/** What names no session by its size is answered as unknown, like in the JSON binding. */
const transactionText = (node: TlvNode): string => toHex(node.value.subarray(0, 17)).toUpperCase();

function readCall(name: Es9Name, node: TlvNode): Es9Call {
  const take = members(node);
  switch (name) {
    case 'initiateAuthentication': {
      const euiccChallenge = take('euiccChallenge', 0x81).value;
      const smdpAddress = readUtf8(take('smdpAddress', 0x83).value);
      return { name, request: { euiccChallenge, smdpAddress, euiccInfo1: take('euiccInfo1', 0xbf20).raw } };
    }
    case 'authenticateClient': {
      const transactionId = transactionText(take('transactionId', 0x80));
      return { name, request: { transactionId, authenticateServerResponse: take('authenticateServerResponse', 0xbf38).raw } };
    }
    case 'getBoundProfilePackage': {
      const transactionId = transactionText(take('transactionId', 0x80));
      return { name, request: { transactionId, prepareDownloadResponse: take('prepareDownloadResponse', 0xbf21).raw } };
    }
    case 'cancelSession': {
      const transactionId = transactionText(take('transactionId', 0x80));
      return { name, request: { transactionId, cancelSessionResponse: cancelResponse(take('cancelSessionResponse', 0xa1, 0xbf41)) } };
    }
    case 'handleNotification': {
      const given = take('pendingNotification', 0xa0, 0xbf37, 0x30);
      return { name, request: { pendingNotification: given.tag === 0xa0 ? readOne(given.value).raw : given.raw } };
    }
  }
}

/** The TLV the eUICC answered: [1] replaced its tag. Peers that keep `BF41`, alone or inside [1], are understood as well. */
function cancelResponse(node: TlvNode): Uint8Array {
  if (node.tag === 0xbf41) return node.raw;
  return node.value[0] === 0xbf && node.value[1] === 0x41 ? node.value : tlv(0xbf41, node.value);
}

/** Reads one request. What is not DER, or not this structure, throws {@link BodyError} 400. */
export function readAsn1Call(body: Uint8Array): Es9Call {
  try {
    const inner = readOne(readOne(body, OUTER).value);
    const name = names.get(inner.tag);
    if (name === undefined) throw new TlvError('TLV_UNEXPECTED_TAG', 'no such function');
    return readCall(name, inner);
  } catch (error) {
    if (error instanceof TlvError) throw new BodyError(400, 'the body is not a RemoteProfileProvisioningRequest');
    throw error;
  }
}

const answerOf = (name: AnsweredName, arm: Uint8Array): Uint8Array => tlv(OUTER, tlv(TAGS[name], arm));
const errorArm = (code: number): Uint8Array => tlv(0x81, integerBytes(code));

/** RemoteProfileProvisioningResponse of an outcome; undefined for a notification, which has none. */
export function writeAsn1(outcome: Es9Outcome): Uint8Array | undefined {
  if (outcome.name === 'handleNotification') return undefined;
  if ('failed' in outcome.answer) return answerOf(outcome.name, errorArm(asn1Code(outcome.name, outcome.answer.failed)));
  return answerOf(outcome.name, okArm(outcome));
}

function okArm(outcome: Es9Outcome): Uint8Array {
  if (outcome.name === 'handleNotification' || !('ok' in outcome.answer)) throw new TypeError('not a successful answer');
  const transactionId = 'transactionId' in outcome.answer.ok ? tlv(0x80, fromHex(outcome.answer.ok.transactionId as string)) : undefined;
  switch (outcome.name) {
    case 'initiateAuthentication': {
      const { ok } = outcome.answer as Extract<typeof outcome.answer, { ok: unknown }>;
      return tlv(0xa0, transactionId!, ok.serverSigned1, ok.serverSignature1, ok.euiccCiPKIdToBeUsed, ok.serverCertificate);
    }
    case 'authenticateClient': {
      const { ok } = outcome.answer as Extract<typeof outcome.answer, { ok: unknown }>;
      return tlv(0xa0, transactionId!, ok.profileMetadata, ok.smdpSigned2, ok.smdpSignature2, ok.smdpCertificate);
    }
    case 'getBoundProfilePackage': {
      const { ok } = outcome.answer as Extract<typeof outcome.answer, { ok: unknown }>;
      return tlv(0xa0, transactionId!, ok.boundProfilePackage);
    }
    case 'cancelSession': return tlv(0xa0);
  }
}

/** The function could not be finished for a reason of ours. */
export const asn1Fault = (name: AnsweredName): Uint8Array => answerOf(name, errorArm(UNDEFINED_ERROR));
