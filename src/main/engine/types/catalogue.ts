import type { z } from 'zod';
import type { typeRow } from '../../../shared/contract/types.ts';
import { RspError } from '../../rsp/errors.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { iconType } from './icon.ts';
import type { Owner } from './metadata.ts';
import { metadataFor } from './metadata.ts';
import type { TemplateRecord, TypeRecord } from './records.ts';
import { templateByName, typeByName } from './records.ts';

export type TypeView = z.input<typeof typeRow>;

export interface TypeInput {
  readonly name: string;
  /** Template name, newest version; or `name@version`. */
  readonly template: string;
  readonly serviceProviderName: string;
  readonly profileName: string;
  readonly profileClass: 'test' | 'provisioning' | 'operational';
  readonly ppr1: boolean;
  readonly ppr2: boolean;
  readonly owner?: Owner;
  readonly notificationAddresses: readonly string[];
  readonly protection: 'session-keys' | 'profile-keys';
}

/** Policy rules need an owner (SGP.22 v2.2, 5.5.3); the lab has one that no network uses. */
const LAB_OWNER: Owner = { mccMnc: '00101' };
const SAMPLE_ICCID = '8988211000000000003';

/** Throws {@link DeskProblem} `TYPE_EXISTS`, `TEMPLATE_UNKNOWN`, `ICON_INVALID`, `INPUT_INVALID`. */
export async function createType(tx: Tx, ctx: EngineContext, input: TypeInput, icon: Uint8Array | undefined): Promise<TypeView> {
  if (await typeByName(tx, input.name)) {
    throw new DeskProblem('TYPE_EXISTS', `There is a profile type named ${input.name} already.`, { field: 'name', hint: 'Types do not change once made; choose another name.' });
  }
  const template = await chosenTemplate(tx, input.template);
  const owner = input.owner ?? (input.ppr1 || input.ppr2 ? defaultOwner(ctx) : undefined);
  const row: Omit<TypeRecord, 'id'> = {
    name: input.name, template_id: template.id, service_provider_name: input.serviceProviderName, profile_name: input.profileName,
    profile_class: input.profileClass, icon_type: icon ? iconType(icon) : null, icon: icon ?? null, ppr1: input.ppr1 ? 1 : 0, ppr2: input.ppr2 ? 1 : 0,
    owner: owner ? JSON.stringify(owner) : null, notification_addresses: JSON.stringify(input.notificationAddresses), protection: input.protection, created_at: ctx.clock.now(),
  };
  // What cannot be told to a device must not be sold: the metadata is built once before the type exists.
  try {
    metadataFor({ ...row, id: 0 }, SAMPLE_ICCID, ctx.settings().smdpAddress);
  } catch (error) {
    if (error instanceof RspError) throw new DeskProblem('INPUT_INVALID', `The profile type cannot be described to a device: ${error.message}.`);
    throw error;
  }
  const made = await tx.insertInto('profile_types').values(row).returningAll().executeTakeFirstOrThrow();
  return typeView(made, template, new Map());
}

function defaultOwner(ctx: EngineContext): Owner {
  if (ctx.environment === 'lab') return LAB_OWNER;
  throw new DeskProblem('INPUT_INVALID', 'A type with policy rules needs a profile owner (MCC and MNC).', { field: 'owner' });
}

async function chosenTemplate(tx: Tx, text: string): Promise<TemplateRecord> {
  const [, name, version] = /^(.*?)(?:@(\d{1,6}))?$/.exec(text) ?? [];
  const template = await templateByName(tx, name ?? text, version === undefined ? undefined : Number(version));
  if (!template) throw new DeskProblem('TEMPLATE_UNKNOWN', `There is no template named ${text.slice(0, 80)}.`, { field: 'template', hint: 'Import the profile package as a template first.' });
  return template;
}

export async function listTypes(db: Reader): Promise<TypeView[]> {
  const rows = await db.selectFrom('profile_types').selectAll().orderBy('name').execute();
  const templates = await db.selectFrom('templates').select(['id', 'name', 'version']).execute();
  const counts = await db.selectFrom('profiles').select(['type_id', 'stock_state', (e) => e.fn.countAll<number>().as('n')])
    .groupBy(['type_id', 'stock_state']).execute();
  return rows.map((row) => typeView(
    row, templates.find((template) => template.id === row.template_id)!,
    new Map(counts.filter((count) => count.type_id === row.id).map((count) => [count.stock_state, Number(count.n)])),
  ));
}

function typeView(row: TypeRecord, template: Pick<TemplateRecord, 'name' | 'version'>, stock: ReadonlyMap<string, number>): TypeView {
  return {
    name: row.name, template: template.name, templateVersion: template.version, serviceProviderName: row.service_provider_name,
    profileName: row.profile_name, profileClass: row.profile_class as TypeView['profileClass'], hasIcon: row.icon !== null,
    ppr1: row.ppr1 === 1, ppr2: row.ppr2 === 1, protection: row.protection as TypeView['protection'],
    notificationAddresses: JSON.parse(row.notification_addresses) as string[],
    ...(row.owner === null ? {} : { owner: JSON.parse(row.owner) as Owner }), createdAt: row.created_at,
    stock: { imported: stock.get('imported') ?? 0, sellable: stock.get('sellable') ?? 0, sold: stock.get('sold') ?? 0 },
  };
}
