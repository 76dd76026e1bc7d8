/** A profile package as a screen shows it, and what differs between two. Never the value of a secret. */
import { z } from 'zod';

const field = z.object({ label: z.string(), value: z.string() });

export const viewKinds = [
  'element', 'directory', 'transparent', 'linear fixed', 'cyclic', 'BER-TLV', 'link', 'pin', 'puk', 'algorithm', 'key', 'application', 'access', 'list',
] as const;

/** A node of the package; `id` is the path that findings and differences use as place. */
export interface TemplateNode {
  readonly id: string;
  readonly name: string;
  readonly kind: (typeof viewKinds)[number];
  readonly fid?: string | undefined;
  readonly identification?: number | undefined;
  readonly mandated?: boolean | undefined;
  /** Octets of the content; of an element, octets in the package. */
  readonly size?: number | undefined;
  readonly records?: number | undefined;
  readonly recordLength?: number | undefined;
  readonly arr?: string | undefined;
  readonly sfi?: number | undefined;
  readonly secret: boolean;
  readonly hex?: string | undefined;
  readonly hexCut?: boolean | undefined;
  readonly decoded: readonly z.infer<typeof field>[];
  readonly children: readonly TemplateNode[];
}

export const templateNode: z.ZodType<TemplateNode> = z.lazy(() => z.object({
  id: z.string(), name: z.string(), kind: z.enum(viewKinds), fid: z.string().optional(), identification: z.number().int().optional(), mandated: z.boolean().optional(),
  size: z.number().int().optional(), records: z.number().int().optional(), recordLength: z.number().int().optional(), arr: z.string().optional(), sfi: z.number().int().optional(),
  secret: z.boolean(), hex: z.string().optional(), hexCut: z.boolean().optional(), decoded: z.array(field), children: z.array(templateNode),
}));

const diffEntry = z.object({ id: z.string(), name: z.string() });
export const templateDiff = z.object({
  added: z.array(diffEntry), removed: z.array(diffEntry),
  changed: z.array(diffEntry.extend({ secret: z.boolean(), before: z.array(field), after: z.array(field) })),
});
export type TemplateDiff = z.infer<typeof templateDiff>;
