import { toHex } from '../../shared/tlv/index.ts';
import { annexFile } from './annex.ts';
import {
  akaParts, applicationParts, cdmaParts, codeParts, domainParts, type ElementParts, headerParts, type KeepSecret, nonStandardParts, rfmParts, templateText,
} from './decode/elements.ts';
import { decodeFile, isSecretFile } from './decode/files.ts';
import { field } from './decode/text.ts';
import { type Field, HEX_BYTES, type PackageView, type ViewKind, type ViewNode } from './decode/types.ts';
import { SaipError } from './errors.ts';
import { fileParts, type FileSource, type FileView, viewSource } from './files.ts';
import { CREATED_BY_DEFAULT, FILE_ELEMENTS, fileName, hasFileList } from './names.ts';
import { elementPlace, oidText, type ProfileElement, type ProfilePackage, readPackage } from './package.ts';
import { filesOf } from './slots.ts';
import { childOf, encodeTree, type Node } from './tree.ts';

/**
 * A package as a tree for people: elements, their files as the eUICC would hold them, codes and keys without their values.
 * Throws {@link SaipError} for what is no package.
 */
export function viewPackage(der: Uint8Array): PackageView {
  return viewWith(readPackage(der), () => undefined);
}

/** {@link viewPackage} that also hands every secret to `keep`, by the id of its node: for comparing, never for showing. */
export function viewWith(pkg: ProfilePackage, keep: KeepSecret): PackageView {
  return { size: pkg.size, elements: pkg.elements.map((element) => viewElement(element, pkg, keep)) };
}

function viewElement(element: ProfileElement, pkg: ProfilePackage, keep: KeepSecret): ViewNode {
  const parts = partsOf(element, pkg, keep);
  return {
    id: elementPlace(element), name: element.name, kind: 'element', size: encodeTree([element.node]).length, secret: false,
    ...(element.identification === undefined ? {} : { identification: element.identification }), mandated: element.mandated, ...parts,
  };
}

function partsOf(element: ProfileElement, pkg: ProfilePackage, keep: KeepSecret): ElementParts {
  switch (element.name) {
    case 'header': return pkg.header ? headerParts(pkg.header, element.node) : { decoded: [], children: [] };
    case 'pinCodes': case 'pukCodes': return codeParts(element, keep);
    case 'akaParameter': return akaParts(element, keep);
    case 'cdmaParameter': return cdmaParts(element, keep);
    case 'securityDomain': return domainParts(element, keep);
    case 'rfm': return rfmParts(element);
    case 'application': return applicationParts(element, keep);
    case 'nonStandard': return nonStandardParts(element);
    case 'genericFileManagement': return { decoded: [], children: managedFiles(element, keep) };
    default: return FILE_ELEMENTS.has(element.name) ? fileElementParts(element, keep) : { decoded: [], children: [] };
  }
}

function fileElementParts(element: ProfileElement, keep: KeepSecret): ElementParts {
  const template = childOf(element.node, 0x81);
  return {
    decoded: [
      ...field('Template', template && templateText(oidText(template.value))),
      ...(CREATED_BY_DEFAULT.has(element.name) ? [{ label: 'Files not listed', value: 'created as the template has them' }] : []),
    ],
    children: filesOf(element).map((node) => {
      const name = fileName(element.name, node.tag) ?? `file-${node.tag.toString(16)}`;
      const fcp = childOf(node, 0xa1);
      const source: FileSource = {
        fcp, parts: fileParts(node.children, 0x82, 0x83), preset: hasFileList(element.name) ? annexFile(element.name, name) : undefined,
        place: `${elementPlace(element)}/${name}`,
      };
      return viewFileNode(element.name, name, source, childOf(node, 0x80) !== undefined, keep);
    }),
  };
}

const DESCRIPTORS: Readonly<Record<number, ViewKind>> = {
  0x41: 'transparent', 0x01: 'transparent', 0x42: 'linear fixed', 0x02: 'linear fixed', 0x46: 'cyclic', 0x06: 'cyclic', 0x79: 'BER-TLV', 0x39: 'BER-TLV',
  0x78: 'directory', 0x38: 'directory',
};
const PRESETS: Readonly<Record<string, ViewKind>> = {
  TR: 'transparent', LF: 'linear fixed', CY: 'cyclic', BT: 'BER-TLV', MF: 'directory', DF: 'directory', ADF: 'directory',
};

function viewFileNode(element: string, name: string, source: FileSource, notCreated: boolean, keep: KeepSecret): ViewNode {
  const { fcp, preset, place } = source;
  const link = childOf(fcp, 0xc7);
  const type = childOf(fcp, 0x82)?.value[0];
  const named = (type === undefined ? undefined : DESCRIPTORS[type]) ?? (preset && PRESETS[preset.kind]) ?? (/^(df|adf|mf)/.test(name) ? 'directory' : 'transparent');
  const kind: ViewKind = link && link.value.length > 0 ? 'link' : named;
  const fid = childOf(fcp, 0x83)?.value;
  const rule = childOf(fcp, 0x8b)?.value;
  const sfi = childOf(fcp, 0x88)?.value;
  const shortId = sfi ? (sfi.length > 0 ? sfi[0]! >> 3 : undefined) : preset?.sfi;
  const facts = {
    id: place, name, kind, secret: false, children: [],
    ...(fid ? { fid: toHex(fid) } : preset?.fid ? { fid: preset.fid } : {}), ...(rule ? { arr: arrText(rule) } : {}), ...(shortId ? { sfi: shortId } : {}),
  };
  if (notCreated) return { ...facts, decoded: [{ label: 'File', value: 'not created' }] };
  if (kind === 'directory') return { ...facts, decoded: directoryFields(fcp) };
  if (kind === 'link') return { ...facts, decoded: [{ label: 'Shares the file', value: toHex(link!.value) }] };
  let view: FileView;
  try {
    view = viewSource(source);
  } catch (error) {
    if (!(error instanceof SaipError)) throw error;
    return { ...facts, decoded: [{ label: 'Content', value: error.message }] };
  }
  const { body, recordLength } = view;
  const secret = isSecretFile(name, body);
  if (secret) keep(place, body);
  const inRecords = kind === 'linear fixed' || kind === 'cyclic';
  return {
    ...facts, secret, size: body.length,
    ...(inRecords && recordLength > 0 ? { recordLength, records: Math.floor(body.length / recordLength) } : {}),
    ...(secret ? {} : { hex: toHex(body.subarray(0, HEX_BYTES)), ...(body.length > HEX_BYTES ? { hexCut: true } : {}) }),
    decoded: decodeFile(element, name, body, inRecords ? recordLength : body.length),
  };
}

/** Access rules by reference: `6f06/10`. */
function arrText(value: Uint8Array): string {
  return value.length === 3 ? `${toHex(value.subarray(0, 2))}/${value[2]}` : toHex(value);
}

function directoryFields(fcp: Node | undefined): Field[] {
  const aid = childOf(fcp, 0x84);
  const pins = childOf(fcp, 0xc6);
  return [...field('AID', aid && toHex(aid.value)), ...field('PIN references', pins && [...pins.value].join(', '))];
}

/** Files a genericFileManagement element makes or fills, named by path and identifier. */
function managedFiles(element: ProfileElement, keep: KeepSecret): ViewNode[] {
  const place = elementPlace(element);
  const nodes: ViewNode[] = [];
  const used = new Map<string, number>();
  let path = '';
  for (const list of childOf(element.node, 0xa1)?.children ?? []) {
    const items = list.children ?? [];
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (item.tag === 0x80) path = toHex(item.value);
      if (item.tag !== 0x62) continue;
      let end = i + 1;
      while (end < items.length && (items[end]!.tag === 0x02 || items[end]!.tag === 0x81)) end++;
      const fid = childOf(item, 0x83)?.value;
      const name = `${path === '' ? '' : `${path}/`}${fid ? toHex(fid) : 'file'}`;
      const nth = (used.get(name) ?? 0) + 1;
      used.set(name, nth);
      const source: FileSource = { fcp: item, parts: fileParts(items.slice(i + 1, end), 0x02, 0x81), preset: undefined, place: `${place}/${name}${nth > 1 ? `#${nth}` : ''}` };
      nodes.push(viewFileNode(element.name, name, source, false, keep));
    }
  }
  return nodes;
}
