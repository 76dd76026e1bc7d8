/** Decoders of the elements that are no files. Not one value of a code, key or constant leaves here. */
import { createHash } from 'node:crypto';
import { sameBytes, toHex } from '../../../shared/tlv/index.ts';
import { DEFAULT_CONSTANTS, DEFAULT_ROTATIONS } from '../aka-defaults.ts';
import { elementPlace, integerOr, oidText, type ProfileElement, type ProfileHeader } from '../package.ts';
import { keyReference, pinList, pukList } from '../slots.ts';
import { childOf, type Node } from '../tree.ts';
import { referenceName } from './access.ts';
import { field, plain } from './text.ts';
import type { Field, ViewNode } from './types.ts';

/** A secret of a node: compared when two packages are, shown never. */
export type KeepSecret = (id: string, value: Uint8Array) => void;

export interface ElementParts {
  readonly decoded: readonly Field[];
  readonly children: readonly ViewNode[];
}

const NOTHING: Pick<ViewNode, 'secret' | 'decoded' | 'children'> = { secret: false, decoded: [], children: [] };
const octets = (count: number): string => `${count} octet${count === 1 ? '' : 's'}`;
const number = (node: Node | undefined): number | undefined => node && integerOr(node.value);

const TEMPLATE_NAMES: Readonly<Record<number, string>> = {
  1: 'MF', 2: 'CD', 3: 'Telecom', 4: 'USIM', 5: 'Optional USIM', 6: 'Phone book', 7: 'GSM access', 8: 'ISIM', 9: 'Optional ISIM', 10: 'CSIM', 11: 'Optional CSIM',
  12: 'EAP', 13: '5GS', 14: 'SAIP', 15: 'SNPN', 16: '5G ProSe', 17: 'IoT', 18: 'Optional IoT',
};

/** `USIM (2.23.143.1.2.4)` */
export function templateText(oid: string): string {
  const [, kind, version] = /^2\.23\.143\.1\.2\.(\d+)(?:\.(\d+))?$/.exec(oid) ?? [];
  const name = kind === undefined ? undefined : TEMPLATE_NAMES[Number(kind)];
  return name ? `${name}${version ? `, version ${version}` : ''} (${oid})` : oid;
}

export function headerParts(header: ProfileHeader, node: Node): ElementParts {
  const aids = childOf(node, 0xa8)?.children ?? [];
  return {
    decoded: [
      { label: 'SAIP version', value: `${header.majorVersion}.${header.minorVersion}` }, ...field('Profile type', header.profileType),
      ...field('ICCID', header.iccid), ...header.services.map((name) => ({ label: 'Mandatory service', value: name })),
      ...header.templates.map((oid) => ({ label: 'File template', value: templateText(oid) })),
      ...aids.map((aid) => ({ label: 'Package on the eUICC', value: toHex(childOf(aid, 0x80)?.value ?? new Uint8Array(0)) })),
      ...(childOf(node, 0x84) ? [{ label: 'Policy rules (M2M)', value: toHex(childOf(node, 0x84)!.value) }] : []),
      ...(childOf(node, 0x87) ? [{ label: 'Connectivity parameters (M2M)', value: octets(childOf(node, 0x87)!.value.length) }] : []),
      ...(header.iot ? [{ label: 'IoT Minimal Profile', value: 'yes' }] : []),
    ],
    children: [],
  };
}

/** Retry byte: highest count in the upper half, what is left in the lower one. */
const retries = (octet: number): string => `${octet >> 4}, ${octet & 15} left`;

export function codeParts(element: ProfileElement, keep: KeepSecret): ElementParts {
  const isPuk = element.name === 'pukCodes';
  const place = elementPlace(element);
  const link = isPuk ? undefined : childOf(childOf(element.node, 0xa1), 0x81);
  return {
    decoded: link ? [{ label: 'Shares the PINs of', value: link.value.length === 0 ? 'the MF' : toHex(link.value) }] : [],
    children: (isPuk ? pukList(element) : pinList(element)).map((code): ViewNode => {
      const reference = keyReference(code) ?? -1;
      const id = `${place}/${isPuk ? 'puk' : 'pin'} ${reference}`;
      const value = childOf(code, 0x81)?.value ?? new Uint8Array(0);
      keep(id, value);
      const attributes = number(childOf(code, 0x83)) ?? 7;
      const unblocking = number(childOf(code, 0x82));
      const left = number(childOf(code, isPuk ? 0x82 : 0x84)) ?? (isPuk ? 0xaa : 0x33);
      return {
        ...NOTHING, id, name: isPuk ? (reference === 129 ? 'PUK2' : reference < 9 ? `PUK${reference}` : `second PUK ${reference - 128}`) : referenceName(reference),
        kind: isPuk ? 'puk' : 'pin', size: value.length, secret: true,
        decoded: [
          { label: 'Key reference', value: String(reference) },
          ...(isPuk ? [] : [
            { label: 'At delivery', value: attributes & 1 ? 'enabled' : 'disabled' }, { label: 'Holder may change it', value: attributes & 2 ? 'yes' : 'no' },
            { label: 'Holder may switch it on and off', value: attributes & 4 ? 'yes' : 'no' },
            ...(unblocking === undefined ? [] : [{ label: 'Unblocked by', value: `PUK reference ${unblocking}` }]),
          ]),
          { label: 'Attempts', value: retries(left & 0xff) },
        ],
      };
    }),
  };
}

const ALGORITHMS = ['', 'Milenage', 'TUAK', 'USIM test algorithm (XOR)'];

export function akaParts(element: ProfileElement, keep: KeepSecret): ElementParts {
  const place = elementPlace(element);
  const choice = childOf(element.node, 0xa1);
  const mapping = childOf(choice, 0xa0);
  const algorithm = childOf(choice, 0xa1);
  const sqn = [
    ...optional('SQN options', childOf(element.node, 0x82)), ...optional('SQN delta', childOf(element.node, 0x83)),
    ...optional('SQN age limit', childOf(element.node, 0x84)),
    { label: 'Initial SQN', value: childOf(element.node, 0xa5) ? `${childOf(element.node, 0xa5)!.children?.length ?? 0} values given` : 'zero (default)' },
  ];
  if (mapping) {
    const source = childOf(mapping, 0x81);
    return { decoded: [{ label: 'Uses the parameters of', value: source ? toHex(source.value) : 'nobody' }], children: [] };
  }
  const id = number(childOf(algorithm, 0x80)) ?? 0;
  const secret = (tag: number, field_: string, name: string): ViewNode[] => {
    const node = childOf(algorithm, tag);
    if (!node) return [];
    const nodeId = `${place}/${field_}`;
    keep(nodeId, node.value);
    return [{ ...NOTHING, id: nodeId, name, kind: 'key', size: node.value.length, secret: true, decoded: field('Length', octets(node.value.length)) }];
  };
  const constants = [[0x84, 'rotationConstants', DEFAULT_ROTATIONS], [0x85, 'xoringConstants', DEFAULT_CONSTANTS]] as const;
  for (const [tag, name] of constants) {
    const own = childOf(algorithm, tag);
    if (own) keep(`${place}/${name}`, own.value);
  }
  return {
    decoded: [
      { label: 'Algorithm', value: ALGORITHMS[id] ?? `unknown (${id})` }, ...optional('Options', childOf(algorithm, 0x81)),
      ...(id === 1 ? constants.map(([tag, , preset]) => {
        const own = childOf(algorithm, tag);
        return { label: tag === 0x84 ? 'Rotation constants' : 'XOR constants', value: !own || sameBytes(own.value, preset) ? 'default' : 'own' };
      }) : []),
      ...(id === 2 ? [{ label: 'Keccak iterations', value: String(number(childOf(algorithm, 0x87)) ?? 1) }] : []),
      ...(childOf(algorithm, 0x86) ? [{ label: 'Authentications allowed', value: String(number(childOf(algorithm, 0x86))) }] : []),
      ...sqn,
    ],
    children: [...secret(0x82, 'key', 'K'), ...secret(0x83, 'opc', id === 2 ? 'TOPc' : 'OPc')],
  };
}

function optional(label: string, node: Node | undefined): Field[] {
  return node ? [{ label, value: toHex(node.value) }] : [];
}

const CDMA_FIELDS = [[0x81, 'authenticationKey', 'A-key'], [0x82, 'ssd', 'Shared secret data'], [0x83, 'hrpd', 'HRPD access'], [0x84, 'simpleIP', 'Simple IP'], [0x85, 'mobileIP', 'Mobile IP']] as const;

export function cdmaParts(element: ProfileElement, keep: KeepSecret): ElementParts {
  return {
    decoded: [],
    children: CDMA_FIELDS.flatMap(([tag, key, name]): ViewNode[] => {
      const node = childOf(element.node, tag);
      if (!node) return [];
      const id = `${elementPlace(element)}/${key}`;
      keep(id, node.value);
      return [{ ...NOTHING, id, name, kind: 'key', size: node.value.length, secret: true, decoded: field('Length', octets(node.value.length)) }];
    }),
  };
}

const KEY_TYPES: Readonly<Record<number, string>> = { 0x80: 'DES', 0x82: '3DES (CBC)', 0x83: 'DES (ECB)', 0x84: 'DES (CBC)', 0x85: 'TLS-PSK', 0x88: 'AES', 0x90: 'HMAC-SHA1' };

/** What key versions are for by convention (ETSI TS 102 225 and TS 102 226; GlobalPlatform amendments B and D). */
function protocolOf(version: number): string | undefined {
  if (version >= 0x01 && version <= 0x0f) return 'SCP80';
  if (version === 0x11) return 'SCP80 (CMAC)';
  if (version >= 0x20 && version <= 0x2f) return 'SCP02';
  if (version >= 0x30 && version <= 0x3f) return 'SCP03';
  return version >= 0x40 && version <= 0x4f ? 'SCP81' : undefined;
}

const USES: Readonly<Record<number, string>> = { 0x18: 'encryption', 0x14: 'integrity', 0x48: 'key encryption', 0x3c: 'pre-shared key' };
const PRIVILEGES: readonly [number, string][] = [
  [0x800000, 'security domain'], [0x400000, 'DAP verification'], [0x200000, 'delegated management'], [0x100000, 'card lock'], [0x080000, 'card terminate'],
  [0x040000, 'card reset'], [0x020000, 'CVM management'], [0x010000, 'mandated DAP verification'], [0x008000, 'trusted path'],
  [0x004000, 'authorized management'], [0x002000, 'token verification'], [0x001000, 'global delete'], [0x000800, 'global lock'],
  [0x000400, 'global registry'], [0x000200, 'final application'], [0x000100, 'global service'], [0x000080, 'receipt generation'],
];

function privileges(node: Node | undefined): Field[] {
  if (!node) return [];
  const mask = (node.value[0] ?? 0) * 65_536 + (node.value[1] ?? 0) * 256 + (node.value[2] ?? 0);
  return [{ label: 'Privileges', value: PRIVILEGES.filter(([bit]) => mask & bit).map(([, name]) => name).join(', ') || 'none' }];
}

function instanceFields(instance: Node | undefined): Field[] {
  const aids = instance?.children?.filter((child) => child.tag === 0x4f) ?? [];
  const labels = ['Load package', 'Class', 'Instance', 'Extradited to'];
  return [...aids.map((aid, index) => ({ label: labels[index] ?? 'AID', value: toHex(aid.value) })), ...privileges(childOf(instance, 0x82))];
}

export function domainParts(element: ProfileElement, keep: KeepSecret): ElementParts {
  const { node } = element;
  const place = elementPlace(element);
  const c9 = childOf(childOf(node, 0xa1), 0xc9);
  const persoData = childOf(node, 0xa3)?.children ?? [];
  return {
    decoded: [
      ...instanceFields(childOf(node, 0xa1)), ...optional('Install parameters', c9),
      ...persoData.map((data) => ({ label: 'Personalisation data', value: toHex(data.value).slice(0, 400) })),
    ],
    children: (childOf(node, 0xa2)?.children ?? []).map((key): ViewNode => {
      const version = childOf(key, 0x83)?.value[0] ?? 0;
      const keyId = childOf(key, 0x82)?.value[0] ?? 0;
      const id = `${place}/key ${version}/${keyId}`;
      const components = childOf(key, 0x30)?.children ?? [];
      const data = childOf(components[0], 0x86)?.value ?? new Uint8Array(0);
      keep(id, data);
      const type = childOf(components[0], 0x80)?.value[0] ?? 0;
      const use = childOf(key, 0x95)?.value[0] ?? 0;
      return {
        ...NOTHING, id, name: `Key ${hexOctet(version)}/${hexOctet(keyId)}`, kind: 'key', size: data.length, secret: true,
        decoded: [
          { label: 'Version', value: hexOctet(version) }, ...field('Protocol', protocolOf(version)), { label: 'Identifier', value: hexOctet(keyId) },
          { label: 'Type', value: KEY_TYPES[type] ?? hexOctet(type) }, { label: 'Length', value: octets(data.length) },
          { label: 'Use', value: USES[use] ?? hexOctet(use) },
          ...(childOf(key, 0x85) ? [{ label: 'Counter', value: toHex(childOf(key, 0x85)!.value) }] : []),
        ],
      };
    }),
  };
}

const hexOctet = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0');

/** Access domain of remote file management (ETSI TS 102 226, 8.2.1.3.2.2). */
function domainText(value: Uint8Array): string {
  if (value[0] === 0x00) return 'full access';
  if (value[0] === 0xff) return 'no access';
  if (value[0] === 0x02) return `with the rights of ${[...value.subarray(1)].length > 0 ? toHex(value.subarray(1)) : 'no code'}`;
  return toHex(value);
}

export function rfmParts(element: ProfileElement): ElementParts {
  const children = element.node.children ?? [];
  const aids = children.filter((child) => child.tag === 0x4f);
  const tars = children.find((child, index) => child.tag === 0xa0 && index > 0)?.children ?? [];
  const domains = children.filter((child) => child.tag === 0x04);
  const adf = childOf(element.node, 0x30);
  return {
    decoded: [
      ...(aids[0] ? [{ label: 'Instance', value: toHex(aids[0].value) }] : []), ...(aids[1] ? [{ label: 'Security domain', value: toHex(aids[1].value) }] : []),
      ...tars.map((tar) => ({ label: 'TAR', value: toHex(tar.value).toUpperCase() })),
      ...field('Minimum security level', childOf(element.node, 0x81) && toHex(childOf(element.node, 0x81)!.value).toUpperCase()),
      ...(domains[0] ? [{ label: 'Access to UICC files', value: domainText(domains[0].value) }] : []),
      ...(domains[1] ? [{ label: 'Administration of UICC files', value: domainText(domains[1].value) }] : []),
      ...(adf ? [
        ...optional('Application', childOf(adf, 0x80)), { label: 'Access to its files', value: domainText(childOf(adf, 0x81)?.value ?? new Uint8Array(0)) },
        { label: 'Administration of its files', value: domainText(childOf(adf, 0x82)?.value ?? new Uint8Array(0)) },
      ] : []),
    ],
    children: [],
  };
}

export function applicationParts(element: ProfileElement, keep: KeepSecret): ElementParts {
  const place = elementPlace(element);
  const block = childOf(element.node, 0xa1);
  const code = childOf(block, 0xc4);
  const aids = block?.children?.filter((child) => child.tag === 0x4f) ?? [];
  const instances = childOf(element.node, 0xa2)?.children ?? [];
  return {
    decoded: [
      ...(aids[0] ? [{ label: 'Load package', value: toHex(aids[0].value) }] : []), ...(aids[1] ? [{ label: 'Security domain', value: toHex(aids[1].value) }] : []),
      ...(code ? [
        { label: 'Load block', value: octets(code.value.length) },
        { label: 'SHA-256 of the load block', value: createHash('sha256').update(code.value).digest('hex') },
      ] : []),
      ...(['C6', 'C7', 'C8'] as const).flatMap((tag) => optional(`Limit ${tag}`, childOf(block, Number.parseInt(tag, 16)))),
    ],
    children: instances.map((instance, index): ViewNode => {
      const id = `${place}/instance ${index + 1}`;
      // Install parameters and personalisation data of an applet may carry its keys.
      const hidden = (instance.children ?? []).filter((child) => child.tag === 0xc9 || child.tag === 0x30);
      hidden.forEach((child, nth) => keep(`${id}#${nth}`, child.children ? flat(child) : child.value));
      const aid = (instance.children ?? []).filter((child) => child.tag === 0x4f)[2];
      return {
        ...NOTHING, id, name: aid ? toHex(aid.value) : `Instance ${index + 1}`, kind: 'application',
        decoded: [...instanceFields(instance), ...hidden.map((child) => ({ label: child.tag === 0xc9 ? 'Install parameters' : 'Personalisation data', value: 'present' }))],
      };
    }),
  };
}

function flat(node: Node): Uint8Array {
  return node.children ? Uint8Array.from(node.children.flatMap((child) => [child.tag & 0xff, ...flat(child)])) : node.value;
}

export function nonStandardParts(element: ProfileElement): ElementParts {
  const issuer = childOf(element.node, 0x81);
  const content = childOf(element.node, 0x82);
  return { decoded: [...field('Issuer', issuer && oidText(issuer.value)), ...(content ? [{ label: 'Content', value: plain(content.value).slice(0, 400) }] : [])], children: [] };
}
