/** What a template has now, in the shapes of the edits that would change it; absent where it has no such file. */
import { z } from 'zod';

const plmnEntry = z.object({ plmn: z.string(), act: z.union([z.array(z.string()), z.number().int()]) });

export const templatePresent = z.object({
  profileType: z.string().optional(),
  spn: z.object({ name: z.string(), networkNameAtHome: z.boolean(), hiddenWhenRoaming: z.boolean() }).optional(),
  networkNames: z.object({
    names: z.array(z.object({ full: z.string(), short: z.string().optional() })),
    rules: z.array(z.object({ plmn: z.string(), from: z.string(), to: z.string(), name: z.number().int() })),
  }).optional(),
  lists: z.array(z.object({ list: z.enum(['plmnwact', 'oplmnwact', 'hplmnwact', 'fplmn', 'ehplmn']), entries: z.array(plmnEntry), capacity: z.number().int() })),
  homeSearchMinutes: z.number().int().optional(),
  services: z.array(z.object({ table: z.enum(['ust', 'est', 'ist']), services: z.array(z.object({ number: z.number().int(), name: z.string(), on: z.boolean() })) })),
  codes: z.array(z.object({
    code: z.enum(['pin', 'puk']), reference: z.number().int(), name: z.string(), element: z.number().int().optional(), context: z.string(),
    enabled: z.boolean(), changeable: z.boolean(), switchable: z.boolean(), attempts: z.number().int(),
  })),
  domains: z.array(z.object({
    place: z.string(), aid: z.string().optional(),
    sets: z.array(z.object({ version: z.number().int(), protocol: z.enum(['scp80', 'scp81', 'scp02', 'scp03']).optional(), algorithm: z.enum(['aes', 'des', 'other']), bytes: z.number().int(), keys: z.number().int() })),
  })),
  apns: z.object({ apns: z.array(z.string()), enforced: z.boolean() }).optional(),
  suci: z.object({
    calculatedBy: z.enum(['ue', 'usim']), schemes: z.array(z.object({ scheme: z.enum(['null', 'profile-a', 'profile-b']), key: z.number().int().optional() })),
    keys: z.array(z.object({ id: z.number().int(), value: z.string() })),
  }).optional(),
  routingIndicator: z.string().optional(),
  emergencyNumbers: z.array(z.object({ number: z.string(), name: z.string().optional(), categories: z.array(z.enum(['police', 'ambulance', 'fire', 'marine', 'mountain'])) })).optional(),
  ims: z.object({ impi: z.string().optional(), impus: z.array(z.string()), domain: z.string().optional() }).optional(),
  serviceCentre: z.string().optional(),
  groupIdentifiers: z.array(z.object({ level: z.union([z.literal(1), z.literal(2)]), value: z.string() })),
  mncLength: z.number().int().optional(),
  mandatoryServices: z.array(z.object({ name: z.string(), on: z.boolean() })),
  algorithm: z.object({ algorithm: z.enum(['milenage', 'tuak', 'test', 'other']), keyBytes: z.number().int(), iterations: z.number().int(), options: z.number().int(), applications: z.number().int() }).optional(),
  applications: z.array(z.string()),
  has5gFiles: z.boolean(),
  /** Files another application of the package has otherwise; shown is the first one's, an edit reaches all. */
  differing: z.array(z.string()),
});
export type TemplatePresent = z.infer<typeof templatePresent>;
