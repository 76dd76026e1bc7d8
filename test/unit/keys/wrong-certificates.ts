/** Every wrong certificate there is, with what each of our two gates says: import of our own, and chains that eUICCs present. */
import { generateLabKey } from '../../../src/main/lab/pki/index.ts';
import type { Curve } from '../../../src/main/rsp/index.ts';
import { oidTlv } from '../../../src/main/rsp/asn1.ts';
import { children, fromHex, readOne, tlv } from '../../../src/shared/tlv/index.ts';
import { keyId, testScalar } from '../rsp/support/make-certificate.ts';
import type { Recipe } from '../rsp/support/make-certificate.ts';

export const privateKeyOf = (recipe: Recipe): Uint8Array => generateLabKey(recipe.curve, () => Uint8Array.from(recipe.scalar)).privateKeyPkcs8;

/** What each gate answers; absent where the case does not exist for it. */
export interface Verdicts {
  /** pki.import of DPauth and DPpb, of TLS, of an EUM certificate: error code or `accepted`. */
  readonly own?: string;
  readonly tls?: string;
  readonly eumImport?: string;
  /** checkEuiccChain with such an EUM, with such an eUICC: status code or `accepted`. */
  readonly eum?: string;
  readonly euicc?: string;
}

export interface WrongCase extends Verdicts {
  readonly what: string;
  readonly change: Partial<Recipe> | ((recipe: Recipe) => Partial<Recipe>);
}

const everywhere = (imported: string, chain: '6.1' | '6.3' | 'accepted'): Verdicts => ({
  own: imported, tls: imported, eumImport: imported, eum: chain === 'accepted' ? chain : `8.1.2/${chain}`, euicc: chain === 'accepted' ? chain : `8.1.3/${chain}`,
});
const stranger = testScalar(0x77);
const unknownCritical = { oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) };
const otherCurve = (curve: Curve): Curve => (curve === 'P-256' ? 'brainpoolP256r1' : 'P-256');
const octets = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i === 0 ? first : i + 1));
const isCa = (recipe: Recipe): boolean => recipe.basicConstraints?.ca === true;
const rsaKey = tlv(0x30, tlv(0x30, oidTlv('1.2.840.113549.1.1.1'), fromHex('0500')), tlv(0x03, Uint8Array.of(0), tlv(0x30, tlv(0x02, octets(129, 0)), fromHex('0203010001'))));
const p384Key = tlv(0x30, tlv(0x30, oidTlv('1.2.840.10045.2.1'), oidTlv('1.3.132.0.34')), tlv(0x03, Uint8Array.of(0), octets(97, 4)));
const offCurve = (curve: Curve): Uint8Array => tlv(0x30, tlv(0x30, oidTlv('1.2.840.10045.2.1'), oidTlv(curve === 'P-256' ? '1.2.840.10045.3.1.7' : '1.3.36.3.3.2.8.1.1.7')), tlv(0x03, Uint8Array.of(0), octets(65, 4)));

export const wrongCases: readonly WrongCase[] = [
  { what: 'nothing wrong', change: {}, ...everywhere('accepted', 'accepted') },
  { what: 'expired', change: { notBefore: new Date('2014-01-01'), notAfter: new Date('2015-01-01') }, ...everywhere('CERTIFICATE_DATES', '6.3') },
  { what: 'not valid yet', change: { notBefore: new Date('2044-01-01') }, ...everywhere('CERTIFICATE_DATES', '6.3') },
  { what: 'the role of an SM-DS', change: { policies: ['2.23.146.1.2.1.7'] }, ...everywhere('CERTIFICATE_ROLE', '6.1') },
  { what: 'no role', change: { policies: undefined }, ...everywhere('CERTIFICATE_ROLE', '6.1') },
  { what: 'two roles', change: ({ policies }) => ({ policies: [...(policies ?? []), '2.23.146.1.2.1.7'] }), ...everywhere('CERTIFICATE_ROLE', '6.1') },
  { what: 'expired and of a wrong role', change: { notBefore: new Date('2014-01-01'), notAfter: new Date('2015-01-01'), policies: ['2.23.146.1.2.1.7'] }, ...everywhere('CERTIFICATE_ROLE', '6.3') },
  { what: 'another issuer, named rightly', change: { issuerScalar: stranger }, ...everywhere('CERTIFICATE_CHAIN', '6.1'), eum: '8.11.1/3.9' },
  { what: 'another issuer under our issuer\'s key identifier', change: ({ issuerCurve, issuerScalar }) => ({ issuerScalar: stranger, aki: keyId(issuerCurve, issuerScalar) }), ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { what: 'an unknown CI and a wrong role', change: { issuerScalar: stranger, policies: ['2.23.146.1.2.1.4', '2.23.146.1.2.1.5'] }, ...everywhere('CERTIFICATE_ROLE', '6.1'), eum: '8.11.1/3.9' },
  { what: 'no authority key identifier', change: { aki: null }, ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { what: 'an authority key identifier of two octets', change: { aki: Uint8Array.of(0xff, 0xff) }, ...everywhere('CERTIFICATE_CHAIN', '6.1'), eum: '8.11.1/3.9' },
  { what: 'self-signed without authority key identifier', change: ({ scalar, curve }) => ({ issuerScalar: scalar, issuerCurve: curve, aki: null }), ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { what: 'self-signed, naming itself', change: ({ scalar, curve }) => ({ issuerScalar: scalar, issuerCurve: curve }), ...everywhere('CERTIFICATE_CHAIN', '6.1'), eum: '8.11.1/3.9' },
  { what: 'a spoiled signature', change: { badSignature: true }, ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { what: 'no subject key identifier', change: { ski: null }, ...everywhere('CERTIFICATE_ROLE', '6.1') },
  { what: 'no key usage', change: { keyUsage: undefined }, ...everywhere('CERTIFICATE_ROLE', '6.1') },
  { what: 'the key usage of the other kind', change: (recipe) => ({ keyUsage: isCa(recipe) ? [0] : [5] }), ...everywhere('CERTIFICATE_ROLE', '6.1') },
  { what: 'an unknown critical extension', change: { extra: [unknownCritical] }, ...everywhere('CERTIFICATE_ROLE', '6.1') },
  { what: 'an unknown extension that is not critical', change: { extra: [{ ...unknownCritical, critical: false }] }, ...everywhere('accepted', 'accepted') },
  { what: 'the same extension twice', change: { extra: [unknownCritical, unknownCritical] }, ...everywhere('CERTIFICATE_MALFORMED', '6.1') },
  { what: 'a CA where none belongs, or none where one belongs', change: (recipe) => ({ basicConstraints: isCa(recipe) ? { ca: false } : { ca: true } }), ...everywhere('CERTIFICATE_ROLE', '6.1') },
  { what: 'a path length of 1', change: { basicConstraints: { ca: true, pathLength: 1 } }, eumImport: 'CERTIFICATE_ROLE', eum: '8.1.2/6.1' },
  { what: 'no path length', change: { basicConstraints: { ca: true } }, eumImport: 'CERTIFICATE_ROLE', eum: '8.1.2/6.1' },
  { what: 'no permitted EIDs', change: { permitted: undefined }, eumImport: 'CERTIFICATE_ROLE', eum: '8.1.2/6.1' },
  { what: 'an EID outside the range of its EUM', change: ({ subject }) => ({ subject: { ...subject, serialNumber: '89049033000000000000000000000177' } }), euicc: '8.1.3/6.1' },
  { what: 'an EID of 31 digits', change: ({ subject }) => ({ subject: { ...subject, serialNumber: '8904903200000000000000000000017' } }), euicc: '8.1.3/6.1' },
  { what: 'no EID', change: ({ subject }) => ({ subject: { ...subject, serialNumber: undefined } }), euicc: '8.1.3/6.1' },
  { what: 'the organization of another EUM', change: ({ subject }) => ({ subject: { ...subject, o: 'Another EUM' } }), euicc: '8.1.3/6.1' },
  { what: 'no object identifier of the SM-DP+', change: { registeredId: undefined }, own: 'CERTIFICATE_OID_MISMATCH' },
  { what: 'no host name', change: { dnsNames: [] }, tls: 'CERTIFICATE_ROLE' },
  { what: 'server authentication alone', change: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }, tls: 'CERTIFICATE_ROLE' },
  { what: 'a key on the other curve', change: ({ curve }) => ({ curve: otherCurve(curve) }), ...everywhere('CERTIFICATE_CURVE', '6.1'), tls: 'accepted' },
  { what: 'a key on P-384', change: { rawKey: p384Key }, ...everywhere('CERTIFICATE_CURVE', '6.1') },
  { what: 'an RSA key', change: { rawKey: rsaKey }, ...everywhere('CERTIFICATE_CURVE', '6.1') },
  { what: 'a point that is on no curve', change: ({ curve }) => ({ rawKey: offCurve(curve) }), ...everywhere('CERTIFICATE_MALFORMED', '6.1') },

  { what: 'an end in the year 7496', change: { notAfter: new Date(Date.UTC(7496, 0, 1)) }, ...everywhere('accepted', 'accepted') },
  { what: 'an end in the year 9999', change: { rawValidity: ['250101000000Z', '99991231235959Z'] }, ...everywhere('accepted', 'accepted') },
  { what: 'a beginning in the year 0000', change: { rawValidity: ['00000101000000Z', '20450101000000Z'] }, ...everywhere('accepted', 'accepted') },
  { what: 'an end in the year 0000', change: { rawValidity: ['00000101000000Z', '00001231235959Z'] }, ...everywhere('CERTIFICATE_DATES', '6.3') },
  { what: 'an end before its beginning', change: { notBefore: new Date('2030-01-01'), notAfter: new Date('2026-01-01') }, ...everywhere('CERTIFICATE_DATES', '6.3') },
  { what: 'the 30th of February', change: { rawValidity: ['250230000000Z', '450101000000Z'] }, ...everywhere('CERTIFICATE_MALFORMED', '6.1') },
  { what: 'a time of 25 o\'clock', change: { rawValidity: ['250101250000Z', '450101000000Z'] }, ...everywhere('CERTIFICATE_MALFORMED', '6.1') },
  { what: 'a time with an offset', change: { rawValidity: ['20250101000000+0100', '20450101000000Z'] }, ...everywhere('CERTIFICATE_MALFORMED', '6.1') },
  { what: 'a time that is text', change: { rawValidity: ['soon', 'never'] }, ...everywhere('CERTIFICATE_MALFORMED', '6.1') },

  // RFC 5280, 4.1.2.2: who reads others' certificates should be prepared for such numbers; who makes them must not.
  { what: 'a serial number of 20 octets', change: { rawSerial: octets(20, 0x7f) }, ...everywhere('accepted', 'accepted') },
  { what: 'a serial number of 20 octets behind a sign octet', change: { rawSerial: Uint8Array.of(0, ...octets(20, 0xff)) }, ...everywhere('accepted', 'accepted') },
  { what: 'a serial number of 21 octets', change: { rawSerial: octets(21, 0x7f) }, ...everywhere('CERTIFICATE_MALFORMED', 'accepted') },
  { what: 'a negative serial number', change: { rawSerial: Uint8Array.of(0xff) }, ...everywhere('CERTIFICATE_MALFORMED', 'accepted') },
  { what: 'a serial number of zero', change: { rawSerial: Uint8Array.of(0) }, ...everywhere('CERTIFICATE_MALFORMED', 'accepted') },
  { what: 'a serial number with leading zeros', change: { rawSerial: Uint8Array.of(0, 0, 0, 1) }, ...everywhere('CERTIFICATE_MALFORMED', 'accepted') },
  { what: 'a serial number without a digit', change: { rawSerial: new Uint8Array() }, ...everywhere('CERTIFICATE_MALFORMED', '6.1') },
];

/** A place in a certificate, and what an altered octet there does. */
export interface Region extends Verdicts {
  readonly region: string;
  /** Offset of the octet to alter. */
  readonly at: (der: Uint8Array) => number;
}

const offsetIn = (der: Uint8Array, part: Uint8Array): number => part.byteOffset - der.byteOffset;
const parts = (der: Uint8Array) => {
  const [tbs, algorithm, signature] = children(readOne(der));
  return { tbs: children(tbs!), algorithm: algorithm!, signature: signature! };
};
/** Last octet of the n-th field of the signed part. */
const field = (index: number) => (der: Uint8Array): number => {
  const { raw } = parts(der).tbs[index]!;
  return offsetIn(der, raw) + raw.length - 1;
};
const inside = (der: Uint8Array, needle: Uint8Array, after: number): number => {
  const at = Buffer.from(der.buffer, der.byteOffset, der.length).indexOf(needle);
  if (at < 0) throw new Error('region not found');
  return at + after;
};

export const regions: readonly Region[] = [
  { region: 'the serial number', at: field(1), ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { region: 'the inner signature algorithm', at: field(2), ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { region: 'the issuer\'s name', at: field(3), ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { region: 'the validity (its last second)', at: (der) => field(4)(der) - 1, ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { region: 'the validity (its form)', at: field(4), ...everywhere('CERTIFICATE_MALFORMED', '6.1') },
  { region: 'the subject\'s name', at: field(5), ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { region: 'the public key', at: field(6), ...everywhere('CERTIFICATE_MALFORMED', '6.1') },
  { region: 'the subject key identifier', at: (der) => inside(der, fromHex('0603551d0e'), 5 + 4 + 3), ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { region: 'the authority key identifier', at: (der) => inside(der, fromHex('0603551d23'), 5 + 6 + 3), ...everywhere('CERTIFICATE_CHAIN', '6.1'), eum: '8.11.1/3.9' },
  { region: 'the outer signature algorithm', at: (der) => { const { raw } = parts(der).algorithm; return offsetIn(der, raw) + raw.length - 1; }, ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { region: 'the signature', at: (der) => der.length - 1, ...everywhere('CERTIFICATE_CHAIN', '6.1') },
  { region: 'the length of the whole', at: () => 3, ...everywhere('CERTIFICATE_MALFORMED', '6.1') },
];

