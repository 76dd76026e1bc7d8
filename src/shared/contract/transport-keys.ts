/** The keys under which subscriber keys travel, in files of vendors and to recipients of output files. No value of one is ever in an answer. */
import { z } from 'zod';
import { instant, procedure, uploadHandle } from './define.ts';

export const transportAlgorithms = ['aes-128', 'aes-192', 'aes-256', '3des-2key', 'des'] as const;
export const kcvConventions = ['aes-zero', 'aes-one', 'des-zero'] as const;
export const transportKeyName = z.string().min(1).max(64).regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, 'letters, digits, blanks, dots, dashes');

/** What a file says with an index of zeros: keys are in the clear. */
export const isClearIndex = (text: string): boolean => /^0+$/.test(text);
/** Whether a file may name a key by it: 1 to 8 digits, as vendors, AuCs and HLRs number their keys, and not all of them 0. */
export const isKeyIndex = (text: string): boolean => /^[0-9]{1,8}$/.test(text) && !isClearIndex(text);
/** Zeros in front are kept as they were given and mean nothing: `01` is `1`. */
export const isSameIndex = (a: string, b: string): boolean => a === b || (isKeyIndex(a) && isKeyIndex(b) && Number(a) === Number(b));
const indexOf = (form: RegExp) => z.string().trim().regex(form, 'An index has 1 to 8 digits')
  .refine((text) => !isClearIndex(text), 'An index of zeros says in a file that keys are in the clear: a key has another one, or none');
const keyIndex = indexOf(/^[0-9]{1,8}$/);
const keyIndexOrNone = indexOf(/^[0-9]{0,8}$/);
const keyNote = z.string().max(200).regex(/^\P{Cc}*$/u, 'One line of text');
const kcv = z.string().regex(/^[0-9A-Fa-f]{6,16}$/, '6 to 16 hexadecimal digits');

export const transportKeyRow = z.object({
  name: transportKeyName, algorithm: z.enum(transportAlgorithms),
  /** Six hexadecimal digits, upper case; which value of zeros or ones they come from. */
  kcv: z.string(), kcvConvention: z.enum(kcvConventions), checked: z.boolean(),
  /** Index under which the sender's AuC knows the key. */
  index: z.string().optional(), note: z.string().optional(),
  components: z.number().int(), custodians: z.array(z.string()),
  state: z.enum(['active', 'retired']), createdAt: instant, retiredAt: instant.optional(), actor: z.string(),
  imports: z.number().int(),
});
export type TransportKeyRow = z.infer<typeof transportKeyRow>;

const view = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;

export const transportKeys = {
  list: procedure({
    name: 'transportKeys.list', kind: 'query', summary: 'Keys under which subscriber keys travel',
    input: z.object({}), output: z.object({ rows: z.array(transportKeyRow) }), permission: 'stock.import', audit: view, errors: [],
  }),
  add: procedure({
    name: 'transportKeys.add', kind: 'command', summary: 'Combines one to three components in the vault, checks their values, and keeps the key sealed',
    input: z.object({
      name: transportKeyName, algorithm: z.enum(transportAlgorithms), index: keyIndex.optional(), note: keyNote.optional(),
      /** Each a file of hexadecimal digits; the key is their XOR. */
      components: z.array(z.object({ value: uploadHandle, kcv: kcv.optional(), custodian: z.string().min(1).max(64) })).min(1).max(3),
      /** Of the whole key. */
      kcv: kcv.optional(),
      /** Single DES, or a key in one piece outside Lab, is refused unless a person insists. */
      insist: z.boolean().default(false),
    }),
    output: transportKeyRow, permission: 'keys.manage',
    audit: { record: 'always', event: 'transport_key.added', fields: ['name', 'algorithm', 'kcv', 'kcvConvention', 'custodians', 'insist'] },
    errors: ['TRANSPORT_KEY_EXISTS', 'TRANSPORT_KEY_MALFORMED', 'KCV_MISMATCH', 'CUSTODIANS_SAME', 'COMPONENTS_TOO_FEW', 'ALGORITHM_WEAK'],
  }),
  change: procedure({
    name: 'transportKeys.change', kind: 'command', summary: 'Gives a transport key another index, or another note; the key itself, its name and what uses it stay',
    input: z.object({
      name: transportKeyName,
      /** Blank: none. Absent: as it is. */
      index: keyIndexOrNone.optional(),
      note: keyNote.optional(),
    }),
    output: transportKeyRow, permission: 'keys.manage',
    audit: { record: 'always', event: 'transport_key.changed', fields: ['name', 'index', 'note'] }, errors: ['TRANSPORT_KEY_UNKNOWN', 'TRANSPORT_KEY_IN_USE'],
  }),
  retire: procedure({
    name: 'transportKeys.retire', kind: 'command', summary: 'Ends the use of a transport key and erases it; what was imported under it stays',
    input: z.object({ name: transportKeyName, reason: z.string().min(3).max(200) }), output: transportKeyRow, permission: 'keys.manage',
    audit: { record: 'always', event: 'transport_key.retired', fields: ['name', 'reason'] }, errors: ['TRANSPORT_KEY_UNKNOWN', 'TRANSPORT_KEY_IN_USE'],
  }),
};
