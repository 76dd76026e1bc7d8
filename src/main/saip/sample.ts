import { fromHex, toHex, utf8Bytes } from '../../shared/tlv/index.ts';
import { directory, element, fileElement, header, hexLeaf, integerLeaf, records, transparent } from './builder.ts';
import { acc, accOf, iccidEf, iccidHeader, identity, identityOf, imsiEf, smspRecord, SMSP_TAIL, spn } from './encoders.ts';
import { emptyList } from './lists.ts';
import type { SlotName } from './slots.ts';
import { branch, encodeTree, leaf, type Node } from './tree.ts';

export interface SampleOptions {
  /** Test ICCID of the template, 19 digits. */
  readonly iccid?: string;
  /** Test IMSI of the template. */
  readonly imsi?: string;
  readonly mncLength?: 2 | 3;
  readonly serviceProviderName?: string;
  /** Service centre number, a number reserved for drama. */
  readonly smsc?: string;
  /** Entries of OPLMNwAcT. */
  readonly oplmnEntries?: number;
  /** With an IMS application, mapped onto the USIM's K and OPc or with its own place for them. */
  readonly isim?: 'own' | 'mapped';
  /** With a CDMA application and what belongs to it. */
  readonly csim?: boolean;
}

/** Slots the sample has a place for as it is; its IMS application adds `impi` and `impu`. */
export const SAMPLE_SLOTS = [
  'iccid', 'imsi', 'acc', 'k', 'opc', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2', 'msisdn', 'spn', 'smsp', 'scp80Kic', 'scp80Kid', 'scp80Kik',
] as const satisfies readonly SlotName[];

const USIM_AID = 'a0000000871002ffffffff8900000100';
const ISIM_AID = 'a0000000871004ffffffff8900000100';
const CSIM_AID = 'a0000003431002ffffffff8900000100';
const MF_PINS = '010a0b';
const ADF_PINS = '81010a0b';

const ADM = 'a40683010a950108';
const PIN = 'a406830101950108';
const PIN2 = 'a406830181950108';
/**
 * Access rules by record number; the same list serves the MF and the application (TS 102 221, 9.2.7). The numbers are those
 * the templates refer to, so that a file the eUICC creates unasked (EF.Keys …) has its rule too (SAIP annex A).
 */
const RULES: Readonly<Record<number, string>> = {
  1: `8001019000800102${PIN}800118${ADM}`, // read always, update PIN
  2: `800101${PIN}80011a${ADM}`, // read PIN, update ADM
  3: `80011b${ADM}`, // ADM only
  5: `800103${PIN}800118${ADM}`, // read and update PIN
  7: `800101${PIN}800102${PIN2}800118${ADM}`, // read PIN, update PIN2: the charging counters
  8: `800101${PIN}800102${PIN2}800118${ADM}`, // read PIN, update PIN2
  10: `800101900080011a${ADM}`, // read always, update ADM
  11: `8001019000800118${ADM}`, // read always, update never
  14: `80015e${ADM}`, // directories
};

const UST_SERVICES = [10, 12, 17, 19, 20, 21, 28, 33, 34, 42, 43, 71, 85, 122, 123, 124, 126];

/**
 * The product's own sample profile: a USIM with 5G files, lists for roaming, a security domain with SCP80 keys and
 * remote file management, SAIP 2.3. Identifiers are test values (MCC 001); K, OPc, keys and codes are zeros, there to
 * be overwritten by personalisation.
 */
export function buildSampleTemplate(options: SampleOptions = {}): Uint8Array {
  const {
    iccid = '8999900000000000014', imsi = '001010000000001', mncLength = 2, serviceProviderName = 'MVNE Desk Lab',
    smsc = '+447700900001', oplmnEntries = 50, isim, csim = false,
  } = options;
  const iccidBytes = made(10, (out) => iccidHeader(iccid, out, 0));
  return encodeTree([
    header({ profileType: 'MVNE Desk sample profile (test)', iccid: iccidBytes, services: ['usim', 'milenage', ...(isim ? ['isim'] as const : []), ...(csim ? ['csim', 'cave'] as const : [])], templates: [1, 4, 5, ...(isim ? [8] : []), ...(csim ? [10, 11] : []), 13] }),
    masterFile(iccid, [[USIM_AID, 'USIM'], ...(isim ? [[ISIM_AID, 'ISIM'] as const] : []), ...(csim ? [[CSIM_AID, 'CSIM'] as const] : [])]),
    element('pukCodes', 2, branch(0xa1, [code(1, '00000000'), code(129, '00000000')])),
    element('pinCodes', 3, branch(0xa1, [branch(0xa0, [
      code(1, '0000', { unblocking: 1, attributes: 6 }), code(10, '00000000', { attributes: 3, retries: 0xaa }),
      code(11, '00000000', { attributes: 3, retries: 0xaa }),
    ])])),
    usim(imsi, mncLength, serviceProviderName, smsc),
    optUsim(oplmnEntries),
    element('pinCodes', 6, branch(0xa1, [branch(0xa0, [code(129, '0000', { unblocking: 129, attributes: 3 })])])),
    element('akaParameter', 7, branch(0xa1, [branch(0xa1, [
      integerLeaf(0x80, 1), leaf(0x81, [0]), leaf(0x82, new Uint8Array(16)), leaf(0x83, new Uint8Array(16)),
    ])])),
    fiveGs(),
    ...(isim ? imsElements(imsi, mncLength, isim) : []),
    ...(csim ? cdmaElements() : []),
    securityDomain(),
    element('rfm', 10, hexLeaf(0x4f, 'a0000000090005ffffffff89b0000000'), branch(0xa0, [hexLeaf(0x04, 'b00000')]), leaf(0x81, [0x16]),
      leaf(0x04, [0]), leaf(0x04, [0])),
    element('rfm', 11, hexLeaf(0x4f, 'a0000000090005ffffffff89b0001100'), branch(0xa0, [hexLeaf(0x04, 'b00011')]), leaf(0x81, [0x16]),
      leaf(0x04, [0]), leaf(0x04, [0]), branch(0x30, [hexLeaf(0x80, USIM_AID), leaf(0x81, [0]), leaf(0x82, [0])])),
    ...(csim ? [element('rfm', 29, hexLeaf(0x4f, 'a0000000090005ffffffff89b0001200'), branch(0xa0, [hexLeaf(0x04, 'b00012')]), leaf(0x81, [0x16]), leaf(0x04, [0]), leaf(0x04, [0]),
      branch(0x30, [hexLeaf(0x80, CSIM_AID), leaf(0x81, [0]), leaf(0x82, [0])]))] : []),
    element('end', 12),
  ]);
}

function made(length: number, write: (out: Uint8Array) => void): Uint8Array {
  const out = new Uint8Array(length).fill(0xff);
  write(out);
  return out;
}

interface CodeOptions {
  readonly unblocking?: number;
  readonly attributes?: number;
  readonly retries?: number;
}

/** One PIN or PUK. Attributes 7 and the usual retry counters are defaults and stay unwritten (SAIP 3.4.1, 8.5). */
function code(reference: number, digits: string, { unblocking, attributes, retries }: CodeOptions = {}): Node {
  const value = made(8, (out) => out.set(utf8Bytes(digits)));
  const fields = [integerLeaf(0x80, reference), leaf(0x81, value)];
  if (unblocking !== undefined) fields.push(integerLeaf(0x82, unblocking));
  if (attributes !== undefined) fields.push(integerLeaf(0x83, attributes));
  if (retries !== undefined) fields.push(integerLeaf(0x84, retries));
  return branch(0x30, fields);
}

const rules = Array.from({ length: 14 }, (_, i) => fromHex(RULES[i + 1] ?? ''));

/** Record of the application's EF.ARR as a file refers to it. */
function ruleOf(record: number): string {
  return `6f06${record.toString(16).padStart(2, '0')}`;
}

function masterFile(iccid: string, applications: readonly (readonly [aid: string, label: string])[]): Node {
  const entries = applications.map(([aid, label]) => fromHex(`61184f10${aid}5004${toHex(utf8Bytes(label))}`));
  return fileElement('mf', 1, 1, {
    'mf': directory({ fid: '', rule: '2f060e', pins: MF_PINS }),
    'ef-pl': transparent({ fid: '2f05', rule: '2f0601', sfi: 5 }, fromHex('656e')),
    'ef-iccid': transparent({ fid: '2fe2', rule: '2f060b', sfi: 2 }, made(10, (out) => iccidEf(iccid, out, 0))),
    'ef-dir': records({ fid: '2f00', rule: '2f060a', sfi: 0x1e }, 38, entries),
    'ef-arr': records({ fid: '2f06', rule: '2f060a', sfi: 6 }, 36, rules),
  });
}

function usim(imsi: string, mncLength: number, name: string, smsc: string): Node {
  const at = (fid: string, rule: number, busy = false): { fid: string; rule: string; busy: boolean } =>
    ({ fid, rule: ruleOf(rule), busy });
  const ust = made(17, (out) => {
    out.fill(0);
    for (const service of UST_SERVICES) out[(service - 1) >> 3]! |= 1 << ((service - 1) & 7);
  });
  return fileElement('usim', 4, 4, {
    'adf-usim': directory({ fid: '7fd0', rule: '2f060e', aid: USIM_AID, pins: ADF_PINS }),
    'ef-imsi': transparent(at('6f07', 2), made(9, (out) => imsiEf(imsi, out, 0))),
    'ef-arr': records(at('6f06', 10), 36, rules),
    'ef-hpplmn': transparent(at('6f31', 2), fromHex('0a')),
    'ef-ust': transparent(at('6f38', 2), ust),
    'ef-smsp': records(at('6f42', 5), 42, [made(42, (out) => smspRecord(smsc, out, 42 - SMSP_TAIL))]),
    'ef-spn': transparent(at('6f46', 10), made(17, (out) => spn(name, out, 0))),
    'ef-est': transparent(at('6f56', 8), fromHex('00')),
    'ef-psloci': transparent(at('6f73', 5, true), fromHex('ffffffffffffff00f110fffeff01')),
    'ef-acc': transparent(at('6f78', 2), made(2, (out) => acc(accOf(imsi), out, 0))),
    'ef-fplmn': transparent(at('6f7b', 5), made(30, (out) => emptyList('fplmn', out, 0, 30))),
    'ef-loci': transparent(at('6f7e', 5, true), fromHex('ffffffff00f110fffeff01')),
    'ef-ad': transparent(at('6fad', 10), Uint8Array.of(0, 0, 0, mncLength)),
    'ef-ecc': records(at('6fb7', 10), 4, [fromHex('11f2ff00'), fromHex('19f1ff00')]),
    'ef-epsloci': transparent(at('6fe3', 5, true), fromHex('ffffffffffffffffffffffff00f110fffe01')),
  });
}

function optUsim(oplmnEntries: number): Node {
  const list = (fid: string, name: 'plmnwact' | 'oplmnwact' | 'hplmnwact' | 'ehplmn', rule: number, size: number): Node[] =>
    transparent({ fid, rule: ruleOf(rule) }, made(size, (out) => emptyList(name, out, 0, size)));
  return fileElement('opt-usim', 5, 5, {
    'ef-gid1': transparent({ fid: '6f3e', rule: '6f0602' }, fromHex('ffffffff')),
    'ef-msisdn': records({ fid: '6f40', rule: '6f0605' }, 28, [made(28, () => undefined), made(28, () => undefined)]),
    'ef-plmnwact': list('6f60', 'plmnwact', 5, 40),
    'ef-oplmnwact': list('6f61', 'oplmnwact', 2, 5 * oplmnEntries),
    'ef-hplmnwact': list('6f62', 'hplmnwact', 2, 20),
    'ef-ehplmn': list('6fd9', 'ehplmn', 2, 30),
  });
}

function fiveGs(): Node {
  const at = (fid: string, rule: number, busy = false): { fid: string; rule: string; busy: boolean } =>
    ({ fid, rule: ruleOf(rule), busy });
  const blank = (size: number): Uint8Array => made(size, () => undefined);
  const location = fromHex('ffffffffffffffffffffffffff00f110fffffe01');
  return fileElement('df-5gs', 8, 13, {
    'df-df-5gs': directory({ fid: '5fc0', rule: '6f060e', pins: ADF_PINS }),
    'ef-5gs3gpploci': transparent(at('4f01', 5, true), location),
    'ef-5gsn3gpploci': transparent(at('4f02', 5, true), location),
    'ef-5gs3gppnsc': records(at('4f03', 5, true), 62, [blank(62)]),
    'ef-5gsn3gppnsc': records(at('4f04', 5, true), 62, [blank(62)]),
    'ef-5gauthkeys': transparent(at('4f05', 5, true), blank(110)),
    'ef-uac-aic': transparent(at('4f06', 2), fromHex('00000000')),
    'ef-suci-calc-info': transparent(at('4f07', 2), made(32, (out) => out.set(fromHex('a0020000')))),
    'ef-routing-indicator': transparent(at('4f0a', 2), fromHex('f0ffffff')),
  });
}

/** MNO security domain, B20100 (TS 102 226, 8.2.1.3), with one set of AES keys for SCP80. */
function securityDomain(): Node {
  const key = (id: number, usage: number): Node => branch(0x30, [
    leaf(0x95, [usage]), leaf(0x82, [id]), leaf(0x83, [1]),
    branch(0x30, [branch(0x30, [leaf(0x80, [0x88]), leaf(0x86, new Uint8Array(16))])]),
  ]);
  return element('securityDomain', 9,
    branch(0xa1, [
      hexLeaf(0x4f, 'a0000001515350'), hexLeaf(0x4f, 'a000000151535041'), hexLeaf(0x4f, 'a000000151000000'), hexLeaf(0x82, '82dc00'),
      leaf(0x83, [0x0f]), hexLeaf(0xc9, '810280008201f08301f08701f0'), branch(0xea, [hexLeaf(0x80, '0100000000020116' + '03b2010000')]),
    ]),
    branch(0xa2, [key(1, 0x18), key(2, 0x14), key(3, 0x48)]));
}

function imsElements(imsi: string, mncLength: number, keys: 'own' | 'mapped'): Node[] {
  const at = (fid: string, rule: number): { fid: string; rule: string } => ({ fid, rule: ruleOf(rule) });
  const domain = `ims.mnc${imsi.slice(3, 3 + mncLength).padStart(3, '0')}.mcc${imsi.slice(0, 3)}.3gppnetwork.org`;
  return [
    fileElement('isim', 20, 8, {
      'adf-isim': directory({ fid: '7fd1', rule: '2f060e', aid: ISIM_AID, pins: ADF_PINS }),
      'ef-impi': transparent(at('6f02', 2), made(64, (out) => identityOf(imsi, mncLength, '', out, 0, 64, 'impi'))),
      'ef-impu': records(at('6f04', 2), 64, [made(64, (out) => identityOf(imsi, mncLength, 'sip:', out, 0, 64, 'impu'))]),
      'ef-domain': transparent(at('6f03', 2), made(48, (out) => identity(domain, out, 0, 48, 'domain'))),
      'ef-ist': transparent(at('6f07', 2), fromHex('80000000000000')),
      'ef-ad': transparent(at('6fad', 10), fromHex('000000')),
      'ef-arr': records(at('6f06', 10), 36, rules),
    }),
    element('pinCodes', 21, branch(0xa1, [branch(0xa0, [code(129, '0000', { unblocking: 129, attributes: 3 })])])),
    element('akaParameter', 22, branch(0xa1, [keys === 'mapped'
      ? branch(0xa0, [leaf(0x80, [6]), hexLeaf(0x81, USIM_AID)])
      : branch(0xa1, [integerLeaf(0x80, 1), leaf(0x81, [0]), leaf(0x82, new Uint8Array(16)), leaf(0x83, new Uint8Array(16))])])),
  ];
}

/** A CDMA application of test values: what its template demands, with content where the template has none. */
function cdmaElements(): Node[] {
  const at = (fid: string): { fid: string; rule: string } => ({ fid, rule: ruleOf(5) });
  const zeros = (fid: string, size: number): Node[] => transparent(at(fid), new Uint8Array(size));
  return [
    fileElement('csim', 24, 10, {
      'adf-csim': directory({ fid: '7fd2', rule: '2f060e', aid: CSIM_AID, pins: ADF_PINS }),
      'ef-arr': records({ fid: '6f06', rule: ruleOf(10) }, 36, rules), 'ef-imsi-m': zeros('6f22', 10), 'ef-imsi-t': zeros('6f23', 10), 'ef-cdmahome': records(at('6f28'), 5, [new Uint8Array(5)]),
      'ef-accolc': zeros('6f2c', 1), 'ef-prl': zeros('6f30', 18), 'ef-ruimid': zeros('6f31', 8), 'ef-csim-st': zeros('6f32', 5), 'ef-ota': zeros('6f36', 17),
    }),
    fileElement('opt-csim', 25, 11, {}),
    element('pinCodes', 26, branch(0xa1, [branch(0xa0, [code(129, '0000', { unblocking: 129, attributes: 3 })])])),
    element('cdmaParameter', 27, leaf(0x81, new Uint8Array(8))),
  ];
}
