import { type Finding, finding } from '../findings.ts';
import { elementPlace, integerOr, type ProfileElement } from '../package.ts';
import { keyReference, pinList, pukList } from '../slots.ts';
import { childOf, type Node } from '../tree.ts';
import type { Scope } from './scope.ts';

/** Codes of the GSMA test profile and of this product's sample; nothing that may be sold. */
const DEFAULT_PINS = ['0000', '9999'];
const DEFAULT_PUKS = ['00000000', '11111111', '22222222'];
const DEFAULT_ADMS = ['00000000', '55555555', '66666666'];

export type CodeKind = 'pin' | 'puk' | 'adm';

const isAdm = (reference: number): boolean => (reference >= 10 && reference <= 14) || (reference >= 138 && reference <= 142);

/** Compares octets with text digit by digit, so that a code never becomes a string. */
function isText(value: Uint8Array, text: string): boolean {
  if (value.length !== 8) return false;
  for (let i = 0; i < 8; i++) if (value[i] !== (i < text.length ? text.charCodeAt(i) : 0xff)) return false;
  return true;
}

/** What is wrong with the eight stored octets of a code, and whether it is a default everybody knows. */
export function judgeCode(kind: CodeKind, value: Uint8Array): { message: string; known: boolean } | undefined {
  const wrong = (message: string): { message: string; known: boolean } => ({ message, known: false });
  if (value.length !== 8) return wrong(`The code has ${value.length} bytes instead of eight.`);
  if (kind === 'adm') {
    if (value.every((octet) => octet === 0xff)) return wrong('The ADM code is FF in all bytes.');
    return DEFAULT_ADMS.some((text) => isText(value, text)) ? { message: 'The ADM code is a published default.', known: true } : undefined;
  }
  let digits = 0;
  while (digits < 8 && value[digits]! >= 0x30 && value[digits]! <= 0x39) digits++;
  const padded = value.subarray(digits).every((octet) => octet === 0xff);
  if (kind === 'puk') {
    if (digits !== 8) return wrong('The PUK is not eight digits.');
    return DEFAULT_PUKS.some((text) => isText(value, text)) ? { message: 'The PUK is a published default.', known: true } : undefined;
  }
  if (digits < 4 || !padded) return wrong('The PIN is not 4 to 8 digits followed by FF.');
  return DEFAULT_PINS.some((text) => isText(value, text)) ? { message: 'The PIN is a published default.', known: true } : undefined;
}

/** Rules V12 and V13 on the codes of a package. */
export function checkCodes({ elements }: Scope): Finding[] {
  return elements.flatMap((element) => {
    if (element.name === 'pukCodes') return pukList(element).flatMap((code) => checkCode(element, code, 'puk'));
    if (element.name === 'pinCodes') return pinList(element).flatMap((code) => checkCode(element, code, isAdm(keyReference(code) ?? 0) ? 'adm' : 'pin'));
    return [];
  });
}

function checkCode(element: ProfileElement, code: Node, kind: CodeKind): Finding[] {
  const findings: Finding[] = [];
  const place = `${elementPlace(element)}/${kind === 'puk' ? 'puk' : 'pin'} ${keyReference(code) ?? '?'}`;
  const node = childOf(code, kind === 'puk' ? 0x82 : 0x84);
  const retries = node ? integerOr(node.value) : kind === 'puk' ? 0xaa : 0x33;
  const most = (retries ?? 0) >>> 4;
  const left = (retries ?? 0) & 0xf;
  if (retries === undefined || retries > 0xff || most === 0 || left === 0 || left > most) {
    findings.push(finding('V12', 'warning', place, `The code starts with ${left} of ${most} attempts.`));
  }
  const judged = judgeCode(kind, childOf(code, 0x81)?.value ?? new Uint8Array(0));
  if (judged) findings.push(finding('V13', judged.known ? 'warning' : 'error', place, judged.message));
  return findings;
}
