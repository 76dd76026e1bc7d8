/** DER as a tree of names and values for people. Never throws; depth, rows and lengths are bounded. */
import type { TreeRow } from '../../../shared/contract/sessions.ts';
import { isConstructed, readAll, readInteger, readOne, readUtf8, tagText, TlvError, toHex } from '../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../shared/tlv/index.ts';
import { parseCertificate, parseCrl, plmnText, readOid, reasonText, role, RspError, swappedText } from '../../rsp/index.ts';
import { messageShapes, sequenceShape, type Shape, type ValueKind } from './session-der-names.ts';

export const treeLimits = { rows: 600, depth: 16, value: 160 } as const;

export interface DerTree {
  /** Name of the message; `undefined` for a TLV nobody knows. */
  readonly name: string | undefined;
  readonly rows: TreeRow[];
  /** Rows were left out. */
  readonly cut: boolean;
}

const bitNames: Readonly<Partial<Record<ValueKind, readonly string[]>>> = {
  uiccCapability: [
    'contactlessSupport', 'usimSupport', 'isimSupport', 'csimSupport', 'akaMilenage', 'akaCave', 'akaTuak128', 'akaTuak256', 'rfu1', 'rfu2', 'gbaAuthenUsim', 'gbaAuthenISim', 'mbmsAuthenUsim', 'eapClient', 'javacard', 'multos',
    'multipleUsimSupport', 'multipleIsimSupport', 'multipleCsimSupport', 'berTlvFileSupport', 'dfLinkSupport', 'catTp', 'getIdentity', 'profile-a-x25519', 'profile-b-p256', 'suciCalculatorApi',
  ],
  rspCapability: ['additionalProfile', 'crlSupport', 'rpmSupport', 'testProfileSupport', 'deviceInfoExtensibilitySupport', 'serviceSpecificDataSupport'],
  policyRules: ['pprUpdateControl', 'ppr1 (cannot be disabled)', 'ppr2 (cannot be deleted)'],
  events: ['install', 'enable', 'disable', 'delete'],
};

export const clip = (text: string, length: number = treeLimits.value): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

function bits(value: Uint8Array, names: readonly string[]): string {
  const unused = value[0] ?? 0;
  const set: string[] = [];
  for (let bit = 0; bit < Math.min((value.length - 1) * 8 - unused, 256); bit++) if (value[1 + (bit >> 3)]! & (0x80 >> (bit & 7))) set.push(names[bit] ?? `bit ${bit}`);
  return set.length === 0 ? 'none' : set.join(', ');
}

const hex = (value: Uint8Array): string => (value.length === 0 ? 'empty' : clip(toHex(value.subarray(0, 100)).toUpperCase()));

/** Text of a value; octets in hexadecimal where it is not what its place asks for. */
function shown(value: Uint8Array, shape: Shape | undefined): { value: string; note?: string } {
  const octets = `${value.length} octet${value.length === 1 ? '' : 's'}`;
  const kind = shape?.kind ?? 'hex';
  try {
    switch (kind) {
      case 'utf8': return { value: clip(readUtf8(value)) || 'empty' };
      case 'number': {
        const number = readInteger(value);
        return { value: String(number), ...(shape?.names?.[number] === undefined ? {} : { note: shape.names[number] }) };
      }
      case 'unsigned': return value.length > 6 ? { value: hex(value), note: octets } : { value: String(value.reduce((sum, octet) => sum * 256 + octet, 0)) };
      case 'version': return value.length === 3 ? { value: value.join('.') } : { value: hex(value), note: octets };
      case 'iccid': case 'tac': return { value: swappedText(value.subarray(0, 16)) };
      case 'imei': return { value: swappedText(value.subarray(0, 7)) + (value[7] === undefined ? '' : toHex(value.subarray(7, 8)).replaceAll('f', '')) };
      case 'eid': return { value: toHex(value.subarray(0, 16)) };
      case 'oid': return { value: readOid(value) };
      case 'plmn': {
        const { mcc, mnc } = plmnText(value);
        return { value: `${mcc}-${mnc}` };
      }
      case 'boolean': return { value: value[0] === 0 ? 'false' : 'true' };
      case 'uiccCapability': case 'rspCapability': case 'policyRules': case 'events': return { value: clip(bits(value, bitNames[kind]!), 400) };
      case 'certificate': case 'hex': break;
    }
  } catch (error) {
    if (!(error instanceof TlvError || error instanceof RspError)) throw error;
    return { value: hex(value), note: `${octets}, not readable as ${kind}` };
  }
  return { value: hex(value), ...(value.length > 8 ? { note: octets } : {}) };
}

function certificateRows(node: TlvNode, depth: number): TreeRow[] {
  try {
    const certificate = parseCertificate(node.raw);
    const { subject } = certificate;
    return [
      ...Object.entries(subject).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '').map(([name, value]) => ({ depth, name: `subject ${name}`, value: clip(value) })),
      { depth, name: 'role', value: role(certificate) ?? 'none of RSP' }, { depth, name: 'curve', value: certificate.curve },
      { depth, name: 'valid', value: `${certificate.notBefore.toISOString().slice(0, 10)} to ${certificate.notAfter.toISOString().slice(0, 10)}` },
    ];
  } catch {
    // Strangers' certificates fail in many ways; the octets are shown instead.
    return [];
  }
}

const CRL_ENTRIES = 100;

function listRows(node: TlvNode, depth: number): TreeRow[] {
  const day = (at: Date | number): string => new Date(at).toISOString().slice(0, 10);
  try {
    const list = parseCrl(node.raw);
    return [
      ...Object.entries(list.issuer).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '').map(([name, value]) => ({ depth, name: `issuer ${name}`, value: clip(value) })),
      ...(list.authorityKeyId ? [{ depth, name: 'authorityKeyIdentifier', value: hex(list.authorityKeyId) }] : []),
      { depth, name: 'number', value: String(list.number), ...(list.baseNumber === undefined ? {} : { note: `adds to list ${list.baseNumber}` }) },
      ...(list.segment ? [{ depth, name: 'segment', value: `${list.segment.index} of ${list.segment.of}` }] : []),
      { depth, name: 'thisUpdate', value: day(list.thisUpdate) }, { depth, name: 'nextUpdate', value: day(list.nextUpdate) },
      { depth, name: 'revoked', value: String(list.entries.length), ...(list.entries.length > CRL_ENTRIES ? { note: `the first ${CRL_ENTRIES} are shown` } : {}) },
      ...list.entries.slice(0, CRL_ENTRIES).map((entry) => ({ depth: depth + 1, name: 'serial number', value: clip(entry.serial), note: `${day(entry.at)}, ${reasonText(entry.reason)}` })),
    ];
  } catch {
    // As with certificates: what cannot be read is said by its name and length alone.
    return [];
  }
}

function inner(node: TlvNode): TlvNode[] | undefined {
  try {
    return readAll(node.value);
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
}

const crlShape: Shape = { name: 'certificate revocation list', kind: 'certificate' };

/** A list has a date where a certificate has its validity, a SEQUENCE (RFC 5280, 5.1). */
function revocationList(nodes: readonly TlvNode[]): Shape | undefined {
  const [tbs, algorithm] = nodes;
  if (nodes.length !== 3 || tbs?.tag !== 0x30 || algorithm?.tag !== 0x30) return undefined;
  const tags = inner(tbs)?.slice(0, 4).map((node) => node.tag) ?? [];
  const date = tags[tags[0] === 0x02 ? 3 : 2];
  return date === 0x17 || date === 0x18 ? crlShape : undefined;
}

/** The tree of one TLV that fills `der`; undefined when it is no TLV. */
export function derTree(der: Uint8Array): DerTree | undefined {
  let root: TlvNode;
  try {
    root = readOne(der);
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
  const first = isConstructed(root.tag) ? inner(root) : undefined;
  if (isConstructed(root.tag) && first === undefined) return undefined;
  const shape = messageShapes.get(root.tag) ?? (root.tag === 0x30 ? revocationList(first ?? []) ?? sequenceShape((first ?? []).slice(0, 8).map((node) => node.tag)) : undefined);
  const rows: TreeRow[] = [];
  let cut = false;
  const walk = (node: TlvNode, as: Shape | undefined, depth: number): void => {
    if (rows.length >= treeLimits.rows) {
      cut = true;
      return;
    }
    const tag = tagText(node.tag);
    const name = as?.name ?? (isConstructed(node.tag) ? 'group' : 'element');
    if (as?.kind === 'certificate') {
      rows.push({ depth, name, tag, note: `${node.raw.length} octets` }, ...(as === crlShape ? listRows : certificateRows)(node, depth + 1));
      return;
    }
    const opened = as?.parts !== undefined || as?.each !== undefined || isConstructed(node.tag);
    const nodes = opened && depth < treeLimits.depth ? inner(node) : undefined;
    if (nodes === undefined) {
      if (opened) cut ||= depth >= treeLimits.depth;
      rows.push({ depth, name, tag, ...shown(node.value, as) });
      return;
    }
    rows.push({ depth, name, tag, ...(nodes.length === 0 ? { value: 'empty' } : {}) });
    const left = [...(as?.parts ?? [])];
    for (const child of nodes) {
      const at = left.findIndex(([wanted]) => wanted === child.tag);
      const found = at < 0 ? (as?.each?.[0] === child.tag ? as.each[1] : undefined) : left.splice(at, 1)[0]![1];
      walk(child, found, depth + 1);
      if (rows.length >= treeLimits.rows) {
        cut = true;
        return;
      }
    }
  };
  walk(root, shape, 0);
  return { name: shape?.name, rows: rows.slice(0, treeLimits.rows), cut };
}
