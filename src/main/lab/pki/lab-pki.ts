/**
 * A complete, throw-away PKI for one SM-DP+ identity of a Lab workspace: CI, EUM, DPauth, DPpb, DPtls, and eUICC
 * certificates for any EID (SGP.22 v2.2, 4.5.2.1). Every name says that it is not for production.
 */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { issueCertificate, keyIdentifier } from './certificate.ts';
import type { CertificateDefect, CertificateRequest, Issuer, Name } from './certificate.ts';
import { generateLabKey } from './keys.ts';
import type { LabCurve, LabKey, Random } from './keys.ts';

/** The GSMA test range, which no commercial EUM uses. */
export const LAB_IIN = '89049032';
export const LAB_EUM_ORGANIZATION = 'MVNE Desk Lab EUM';
const NOT_FOR_PRODUCTION = 'not for production';
const CRL_URLS = ['http://ci.mvne-desk-lab.invalid/CRL-A.crl', 'http://ci.mvne-desk-lab.invalid/CRL-B.crl'];
const DAY = 86_400_000;
const YEAR = 365 * DAY;

export interface IssuedKey extends LabKey {
  /** DER. */
  readonly certificate: Uint8Array;
}

export interface LabPki {
  readonly curve: LabCurve;
  /** SM-DP+ object identifier, the registeredID of DPauth, DPpb and DPtls. */
  readonly oid: string;
  readonly ci: IssuedKey;
  readonly eum: IssuedKey;
  readonly dpauth: IssuedKey;
  readonly dppb: IssuedKey;
  readonly dptls: IssuedKey;
  /**
   * The CI that issued the TLS certificate where that is not `ci`: a brainpool identity has one on P-256, because
   * BoringSSL knows no brainpool and Node's TLS client crashes (a segmentation fault in its certificate view, Node
   * 24.21) on a verified chain that holds a brainpool key. See {@link tlsAnchor}.
   */
  readonly tlsCi?: IssuedKey;
}

export interface LabPkiOptions {
  readonly curve: LabCurve;
  readonly oid: string;
  /** DNS names and IP addresses of the ES9+ listener. */
  readonly tlsNames: readonly string[];
  readonly now: Date;
  readonly random: Random;
  /** Another lab PKI whose CI issues the TLS certificate, so that a device needs to trust one CI only. */
  readonly tlsIssuedBy?: Pick<LabPki, 'ci' | 'tlsCi'>;
  readonly defects?: Partial<Record<'eum' | 'dpauth' | 'dppb' | 'dptls', readonly CertificateDefect[]>>;
  /** EID ranges of the EUM; the GSMA test range unless told. */
  readonly iins?: readonly string[];
}

const ciName = (curve: LabCurve): Name => [
  ['CN', `MVNE Desk Lab CI – ${NOT_FOR_PRODUCTION}`], ['OU', `Lab ${curve}`], ['O', 'MVNE Desk Lab'],
];
export const eumName: Name = [['O', LAB_EUM_ORGANIZATION], ['CN', `MVNE Desk Lab EUM – ${NOT_FOR_PRODUCTION}`]];
const DP_ORGANIZATION: Name[number] = ['O', 'MVNE Desk Lab'];

/** Makes the whole set. The TLS certificate and its CI are P-256 also for a brainpool identity. */
export function createLabPki(options: LabPkiOptions): LabPki {
  const { curve, now, random } = options;
  const from = new Date(now.getTime() - DAY);
  const until = (time: number): Date => new Date(from.getTime() + time);
  const newCi = (on: LabCurve): IssuedKey =>
    issue({ role: 'ci', subject: ciName(on), curve: on, notBefore: from, notAfter: until(35 * YEAR), random, oid: '2.999.1', crlUrls: CRL_URLS });
  const ci = newCi(curve);
  const issuer = asIssuer(ciName(curve), ci);
  const eum = issue({
    role: 'eum', subject: eumName, curve, issuer, notBefore: from, notAfter: until(34 * YEAR), random, oid: '2.999.5', crlUrls: CRL_URLS.slice(1),
    permitted: (options.iins ?? [LAB_IIN]).map((iin) => ({ organization: LAB_EUM_ORGANIZATION, iin })), defects: options.defects?.eum,
  });
  // Identical but for serial number, role and key (SGP.22 v2.2, 4.5.2.1.0.4).
  const dp = { subject: [DP_ORGANIZATION, ['CN', `MVNE Desk Lab SM-DP+ – ${NOT_FOR_PRODUCTION}`]] as Name, curve, issuer, notBefore: from, notAfter: until(3 * YEAR), random, oid: options.oid, crlUrls: CRL_URLS };
  const tlsCi = options.tlsIssuedBy ? tlsAnchor(options.tlsIssuedBy) : curve === 'P-256' ? ci : newCi('P-256');
  return {
    curve, oid: options.oid, ci, eum, ...(tlsCi === ci ? {} : { tlsCi }),
    dpauth: issue({ ...dp, role: 'dpauth', defects: options.defects?.dpauth }),
    dppb: issue({ ...dp, role: 'dppb', defects: options.defects?.dppb }),
    dptls: issueTls({ ...options, issuer: tlsIssuer(tlsCi) }),
  };
}

/** The CI a TLS client must trust to reach this identity. */
export function tlsAnchor(pki: Pick<LabPki, 'ci' | 'tlsCi'>): IssuedKey {
  return pki.tlsCi ?? pki.ci;
}

function tlsIssuer(ci: IssuedKey): Issuer {
  if (ci.curve !== 'P-256') throw new RangeError('a TLS certificate needs a CI on P-256: TLS stacks do not handle brainpool chains');
  return asIssuer(ciName(ci.curve), ci);
}

function issueTls(options: LabPkiOptions & { issuer: Issuer }): IssuedKey {
  const host = options.tlsNames.find((name) => isIP(name) === 0) ?? options.tlsNames[0] ?? 'localhost';
  const notBefore = new Date(options.now.getTime() - 3_600_000);
  return issue({
    role: 'dptls', subject: [DP_ORGANIZATION, ['CN', host]], curve: 'P-256', issuer: options.issuer, notBefore,
    // TLS clients refuse a lifetime above 398 days.
    notAfter: new Date(notBefore.getTime() + 397 * DAY - 1000), random: options.random, oid: options.oid,
    names: options.tlsNames.length ? options.tlsNames : ['localhost'], crlUrls: CRL_URLS, defects: options.defects?.dptls,
  });
}

/** A new TLS certificate of an existing lab identity, for other names or after the old one has run out. */
export function reissueTls(pki: Pick<LabPki, 'ci' | 'tlsCi' | 'oid'>, tlsNames: readonly string[], now: Date, random: Random): IssuedKey {
  return issueTls({ curve: 'P-256', oid: pki.oid, tlsNames, now, random, issuer: tlsIssuer(tlsAnchor(pki)) });
}

export interface EuiccOptions {
  readonly random?: Random;
  readonly defects?: readonly CertificateDefect[];
  readonly notAfter?: Date;
}

/** An eUICC certificate and key for `eid`. The EID is not checked against the EUM's range: tests need ones outside it. */
export function issueEuicc(pki: Pick<LabPki, 'eum' | 'curve'>, eid: string, now: Date, options: EuiccOptions = {}): IssuedKey {
  if (!/^\d{32}$/.test(eid)) throw new RangeError('an EID has 32 digits');
  const notBefore = new Date(now.getTime() - DAY);
  return issue({
    role: 'euicc', curve: pki.curve, issuer: asIssuer(eumName, pki.eum), notBefore, random: options.random ?? randomBytes, defects: options.defects,
    subject: [['O', LAB_EUM_ORGANIZATION], ['serialNumber', eid], ['CN', `MVNE Desk Lab eUICC – ${NOT_FOR_PRODUCTION}`]],
    notAfter: options.notAfter ?? new Date(notBefore.getTime() + 33 * YEAR),
  });
}

function issue(request: Omit<CertificateRequest, 'publicPoint' | 'privateKeyPkcs8'>): IssuedKey {
  const key = generateLabKey(request.curve, request.random);
  return { ...key, certificate: issueCertificate({ ...request, publicPoint: key.publicPoint, privateKeyPkcs8: key.privateKeyPkcs8 }) };
}

function asIssuer(name: Name, key: IssuedKey): Issuer {
  return { name, keyId: keyIdentifier(key.publicPoint), privateKeyPkcs8: key.privateKeyPkcs8 };
}

/** Who signs revocation lists of a lab: its CI, or its EUM (lab material: the private key is inside). */
export function labIssuer(pki: Pick<LabPki, 'ci' | 'eum' | 'curve'>, who: 'ci' | 'eum'): Issuer {
  return who === 'ci' ? asIssuer(ciName(pki.curve), pki.ci) : asIssuer(eumName, pki.eum);
}

/** The key identifier by which an eUICC and an SM-DP+ know a lab CI. */
export function ciKeyId(pki: Pick<LabPki, 'ci'>): Uint8Array {
  return keyIdentifier(pki.ci.publicPoint);
}

/** PEM text of a certificate, for TLS options and files. */
export function certificatePem(der: Uint8Array): string {
  const text = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}
