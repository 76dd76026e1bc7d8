import { toHex } from '../../shared/tlv/index.ts';
import { FILE_ELEMENTS, fileName } from './names.ts';
import { integerOr, type ProfilePackage, type ProfileHeader } from './package.ts';
import { filesOf, keyReference, pinList, pukList } from './slots.ts';
import { childOf, encodeTree, type Node } from './tree.ts';

/** JSON view of a package for people. It shows structure and public data only, never the value of a code or a key. */
export interface PackageDescription {
  readonly header: ProfileHeader | undefined;
  readonly size: number;
  readonly elements: readonly ElementDescription[];
}

export interface ElementDescription {
  readonly name: string;
  readonly identification: number | undefined;
  readonly mandated: boolean;
  /** Bytes of the whole element. */
  readonly bytes: number;
  /** Dotted-hex template identifier octets of a file element. */
  readonly templateId?: string;
  readonly files?: readonly FileDescription[];
  /** Key references of PINs or PUKs. */
  readonly references?: readonly number[];
  readonly algorithm?: string;
  readonly instanceAid?: string;
  readonly keys?: readonly { version: number; id: number; type: string; bytes: number }[];
}

export interface FileDescription {
  readonly name: string;
  readonly fid: string | undefined;
  readonly kind: string;
  readonly size: number | undefined;
  readonly contentBytes: number;
}

const ALGORITHMS = ['', 'Milenage', 'TUAK', 'USIM test (XOR)'];

export function describe(pkg: ProfilePackage): PackageDescription {
  return {
    header: pkg.header,
    size: pkg.size,
    elements: pkg.elements.map((element) => {
      const { name, identification, mandated, node } = element;
      const shown = { name, identification, mandated, bytes: encodeTree([node]).length };
      if (FILE_ELEMENTS.has(name)) {
        const files = filesOf(element).map((file) => describeFile(fileName(name, file.tag), file));
        return { ...shown, templateId: hexOf(node, 0x81), files };
      }
      if (name === 'pinCodes' || name === 'pukCodes') {
        const list = name === 'pinCodes' ? pinList(element) : pukList(element);
        return { ...shown, references: list.map((code) => keyReference(code) ?? -1) };
      }
      if (name === 'akaParameter') {
        const id = childOf(childOf(childOf(node, 0xa1), 0xa1), 0x80)?.value;
        return { ...shown, algorithm: id ? ALGORITHMS[integerOr(id) ?? 0] ?? 'unknown' : 'mapped' };
      }
      if (name === 'securityDomain') {
        const instance = childOf(node, 0xa1)?.children?.filter((child) => child.tag === 0x4f) ?? [];
        return { ...shown, instanceAid: instance[2] && toHex(instance[2].value), keys: (childOf(node, 0xa2)?.children ?? []).map(describeKey) };
      }
      if (name === 'rfm') return { ...shown, instanceAid: hexOf(node, 0x4f) };
      return shown;
    }),
  };
}

function hexOf(node: Node, tag: number): string | undefined {
  const child = childOf(node, tag);
  return child && toHex(child.value);
}

const KINDS = new Map([[0x41, 'transparent'], [0x42, 'linear fixed'], [0x46, 'cyclic'], [0x79, 'BER-TLV'], [0x39, 'BER-TLV'], [0x78, 'directory'], [0x38, 'directory']]);

function describeFile(name: string | undefined, file: Node): FileDescription {
  const fcp = childOf(file, 0xa1);
  const size = childOf(fcp, 0x80)?.value;
  const type = childOf(fcp, 0x82)?.value[0];
  return {
    name: name ?? `file-${file.tag.toString(16)}`,
    fid: fcp && hexOf(fcp, 0x83),
    kind: type === undefined ? 'as template' : KINDS.get(type) ?? 'unknown',
    size: size && size.reduce((sum, octet) => sum * 256 + octet, 0),
    contentBytes: (file.children ?? []).reduce((sum, child) => sum + (child.tag === 0x83 ? child.value.length : 0), 0),
  };
}

function describeKey(key: Node): { version: number; id: number; type: string; bytes: number } {
  const component = childOf(childOf(key, 0x30), 0x30);
  const type = childOf(component, 0x80)?.value[0];
  return {
    version: childOf(key, 0x83)?.value[0] ?? 0,
    id: childOf(key, 0x82)?.value[0] ?? 0,
    type: type === 0x88 ? 'AES' : type === 0x80 ? 'DES' : type === 0x85 ? 'TLS-PSK' : `type ${type?.toString(16) ?? '?'}`,
    bytes: childOf(component, 0x86)?.value.length ?? 0,
  };
}
