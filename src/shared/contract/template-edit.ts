/** What an operator changes in a template, as data: the same shapes the package editor takes (`TemplateEdit` in `src/main/saip`). */
import { z } from 'zod';

const plmn = z.string().regex(/^\d{5,6}$/, 'MCC and MNC, 5 or 6 digits');
const hex = z.string().regex(/^([0-9A-Fa-f]{2})+$/, 'pairs of hexadecimal digits');
const aid = z.string().regex(/^([0-9A-Fa-f]{2}){5,16}$/, '5 to 16 octets in hexadecimal');
const numbers = z.array(z.number().int().min(1).max(255)).max(255);
const keySet = z.object({
  protocol: z.enum(['scp80', 'scp81', 'scp02', 'scp03']), version: z.number().int().min(1).max(127),
  algorithm: z.enum(['aes', 'des']), bytes: z.union([z.literal(16), z.literal(24), z.literal(32)]),
});
export const accessTechnologies = ['GSM', 'UTRAN', 'E-UTRAN', 'E-UTRAN-WB', 'NB-IoT', 'LTE-M', 'NG-RAN'] as const;
/** A network with technologies by name, or the two octets as they stand in the card (TS 31.102, 4.2.5). */
export const plmnEntry = z.object({ plmn, act: z.union([z.array(z.enum(accessTechnologies)).min(1), z.number().int().min(0).max(0xffff)]) });

export const templateEdit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('spn'), name: z.string().min(1).max(16), networkNameAtHome: z.boolean().optional(), hiddenWhenRoaming: z.boolean().optional() }),
  z.object({
    kind: z.literal('network-names'), names: z.array(z.object({ full: z.string().min(1).max(64), short: z.string().max(64).optional() })).min(1).max(50),
    rules: z.array(z.object({ plmn: z.string().regex(/^[\dD]{5,6}$/), from: z.string().regex(/^[0-9A-Fa-f]{4}$/), to: z.string().regex(/^[0-9A-Fa-f]{4}$/), name: z.number().int().min(0).max(254) })).max(100).optional(),
  }),
  z.discriminatedUnion('list', [
    z.object({ kind: z.literal('plmn-list'), list: z.enum(['plmnwact', 'oplmnwact', 'hplmnwact']), entries: z.array(plmnEntry).max(4000), capacity: z.number().int().min(1).max(4000).optional() }),
    z.object({ kind: z.literal('plmn-list'), list: z.enum(['fplmn', 'ehplmn']), entries: z.array(plmn).max(4000), capacity: z.number().int().min(1).max(4000).optional() }),
  ]),
  z.object({ kind: z.literal('services'), table: z.enum(['ust', 'est', 'ist']), on: numbers.optional(), off: numbers.optional() }),
  z.object({ kind: z.literal('hpplmn'), minutes: z.number().int().min(0).max(480) }),
  z.object({
    kind: z.literal('pin-policy'), code: z.enum(['pin', 'puk']), reference: z.number().int().min(1).max(255), element: z.number().int().optional(),
    enabled: z.boolean().optional(), changeable: z.boolean().optional(), switchable: z.boolean().optional(), attempts: z.number().int().min(1).max(15).optional(),
  }),
  z.object({ kind: z.literal('add-key-set'), set: keySet, domain: aid.optional() }),
  z.object({ kind: z.literal('remove-key-set'), version: z.number().int().min(1).max(127), domain: aid.optional() }),
  z.object({ kind: z.literal('replace-key-set'), version: z.number().int().min(1).max(127), set: keySet, domain: aid.optional() }),
  z.object({ kind: z.literal('apn-list'), apns: z.array(z.string().min(1).max(100)).max(50), enforced: z.boolean() }),
  z.object({
    kind: z.literal('suci'), calculatedBy: z.enum(['ue', 'usim']),
    schemes: z.array(z.object({ scheme: z.enum(['null', 'profile-a', 'profile-b']), key: z.number().int().min(1).max(15).optional() })).min(1).max(15),
    keys: z.array(z.object({ id: z.number().int().min(0).max(255), value: hex.max(130) })).max(15),
  }),
  z.object({ kind: z.literal('routing-indicator'), digits: z.string().regex(/^\d{1,4}$/) }),
  z.object({
    kind: z.literal('emergency-numbers'),
    numbers: z.array(z.object({ number: z.string().regex(/^\d{1,6}$/), name: z.string().max(40).optional(), categories: z.array(z.enum(['police', 'ambulance', 'fire', 'marine', 'mountain'])).optional() })).max(50),
  }),
  z.object({ kind: z.literal('ims'), impi: z.string().max(200).optional(), impus: z.array(z.string().max(200)).max(10).optional(), domain: z.string().max(200).optional() }),
  z.object({ kind: z.literal('service-centre'), number: z.string().regex(/^\+?\d{3,20}$/) }),
  z.object({ kind: z.literal('group-identifier'), level: z.union([z.literal(1), z.literal(2)]), value: hex.max(510) }),
  z.object({ kind: z.literal('mnc-length'), digits: z.union([z.literal(2), z.literal(3)]) }),
  z.object({ kind: z.literal('mandatory-services'), on: z.array(z.string().max(40)).max(40).optional(), off: z.array(z.string().max(40)).max(40).optional() }),
  z.object({ kind: z.literal('strip-csim') }),
  z.object({
    kind: z.literal('algorithm'), algorithm: z.enum(['milenage', 'tuak', 'test']), keyBytes: z.union([z.literal(16), z.literal(32)]).optional(),
    iterations: z.number().int().min(1).max(255).optional(), options: z.number().int().min(0).max(255).optional(),
  }),
  z.object({ kind: z.literal('profile-type'), text: z.string().min(1).max(100) }),
]);
export type TemplateEditInput = z.input<typeof templateEdit>;

/** One line of what an edit did: where, and in words. */
export const editSummary = z.object({ kind: z.string(), places: z.array(z.string()), text: z.string() });
