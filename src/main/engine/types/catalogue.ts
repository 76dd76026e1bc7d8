import type { z } from 'zod';
import type { typeRow } from '../../../shared/contract/types.ts';
import { RspError } from '../../rsp/errors.ts';
import type { Call, EngineContext, Reader, Tx } from '../context.ts';
import { checkPackage } from '../../saip/index.ts';
import { DeskProblem } from '../context.ts';
import { stockByType } from '../profiles/index.ts';
import { iconType } from './icon.ts';
import type { Owner } from './metadata.ts';
import { metadataFor } from './metadata.ts';
import { mncLengthOf, plmnText } from './network.ts';
import type { TemplateRecord, TypeRecord } from './records.ts';
import { templateById, templateByName, typeByName } from './records.ts';

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

/** Throws {@link DeskProblem} `TYPE_EXISTS`, `TEMPLATE_UNKNOWN`, `TEMPLATE_RETIRED`, `ICON_INVALID`, `OWNER_MISMATCH`, `INPUT_INVALID`. */
export async function createType(tx: Tx, ctx: EngineContext, input: TypeInput, icon: Uint8Array | undefined, call?: Call): Promise<TypeView> {
  if (await typeByName(tx, input.name)) {
    throw new DeskProblem('TYPE_EXISTS', `There is a profile type named ${input.name} already.`, { field: 'name', hint: 'Choose another name, or change the type that is there.' });
  }
  const template = await chosenTemplate(tx, input.template);
  const owner = input.owner ?? (input.ppr1 || input.ppr2 ? defaultOwner(ctx) : undefined);
  const row: Omit<TypeRecord, 'id'> = {
    name: input.name, template_id: template.id, service_provider_name: input.serviceProviderName, profile_name: input.profileName,
    profile_class: input.profileClass, icon_type: icon ? iconType(icon) : null, icon: icon ?? null, ppr1: input.ppr1 ? 1 : 0, ppr2: input.ppr2 ? 1 : 0,
    owner: owner ? JSON.stringify(owner) : null, notification_addresses: JSON.stringify(input.notificationAddresses), protection: input.protection, created_at: ctx.clock.now(),
  };
  demandMetadata(ctx, row);
  demandOwner(ctx, template, owner);
  const made = await tx.insertInto('profile_types').values(row).returningAll().executeTakeFirstOrThrow();
  await tx.insertInto('type_templates').values({ type_id: made.id, template_id: template.id, since: row.created_at, actor: call?.actor ?? null }).execute();
  return typeView(made, template, new Map());
}

/** What cannot be told to a device must not be sold: the metadata is built once before the type exists. */
function demandMetadata(ctx: EngineContext, row: Omit<TypeRecord, 'id'>): void {
  try {
    metadataFor({ ...row, id: 0 }, SAMPLE_ICCID, ctx.settings().smdpAddress);
  } catch (error) {
    if (error instanceof RspError) throw new DeskProblem('INPUT_INVALID', `The profile type cannot be described to a device: ${error.message}.`);
    throw error;
  }
}

/**
 * An eUICC compares the owner's group identifiers with those of the package and refuses the profile when they differ (SGP.22 v2.2,
 * 5.5.5; rule V29). The IMSI it compares too is each profile's own, but a phone finds the network in it by the length of MNC in
 * EF.AD, which must be the owner's. A Lab may try.
 */
function demandOwner(ctx: EngineContext, template: TemplateRecord, owner: Owner | undefined): void {
  if (!owner || ctx.environment === 'lab') return;
  const { mccMnc: plmn, gid1, gid2 } = owner;
  const digits = mncLengthOf(template.der);
  if (digits !== undefined && digits !== plmn.length - 3) {
    throw new DeskProblem('OWNER_MISMATCH', `The owner's network ${plmnText(plmn)} has an MNC of ${plmn.length - 3} digits; EF.AD of the template says ${digits}.`, { field: 'owner', hint: 'Give the owner its MNC with all digits, or correct EF.AD in a new version of the template.' });
  }
  const context = { owner: { plmn, ...(gid1 === undefined ? {} : { gid1 }), ...(gid2 === undefined ? {} : { gid2 }) } };
  const found = checkPackage(template.der, context).find((one) => one.rule === 'V29' && one.severity === 'error' && !one.place.includes('ef-imsi') && one.message.includes('GID'));
  if (found) throw new DeskProblem('OWNER_MISMATCH', `${found.message} A device would refuse every profile of the type.`, { field: 'owner', hint: `Give owner and template the same group identifiers; look at ${found.place}.` });
}

/** What may change of a type; `undefined` leaves it, `null` takes it away. */
export type TypeChange = { readonly [K in keyof Omit<TypeInput, 'name' | 'owner'>]?: TypeInput[K] | undefined } & {
  readonly owner?: Owner | null | undefined;
  readonly icon?: Uint8Array | null | undefined;
};

/**
 * Changes a type. Profiles keep the template version they were prepared with; the rest is what downloads say from then on.
 * Throws {@link DeskProblem} `TYPE_UNKNOWN`, `TEMPLATE_UNKNOWN`, `TEMPLATE_RETIRED`, `ICON_INVALID`, `INPUT_INVALID`.
 */
export async function changeType(tx: Tx, ctx: EngineContext, name: string, change: TypeChange, call: Call): Promise<TypeView> {
  const row = await typeByName(tx, name);
  if (!row) throw new DeskProblem('TYPE_UNKNOWN', `There is no profile type named ${name}.`, { field: 'name' });
  const template = change.template === undefined ? undefined : await chosenTemplate(tx, change.template, row.template_id);
  const ppr1 = change.ppr1 ?? row.ppr1 === 1;
  const ppr2 = change.ppr2 ?? row.ppr2 === 1;
  const kept = row.owner === null ? undefined : (JSON.parse(row.owner) as Owner);
  const owner = change.owner === null ? undefined : (change.owner ?? kept);
  const settled = owner ?? (ppr1 || ppr2 ? defaultOwner(ctx) : undefined);
  const { id, ...before } = row;
  const after: Omit<TypeRecord, 'id'> = {
    ...before,
    template_id: template?.id ?? row.template_id, service_provider_name: change.serviceProviderName ?? row.service_provider_name,
    profile_name: change.profileName ?? row.profile_name, profile_class: change.profileClass ?? row.profile_class,
    ...(change.icon === undefined ? {} : { icon: change.icon, icon_type: change.icon === null ? null : iconType(change.icon) }),
    ppr1: ppr1 ? 1 : 0, ppr2: ppr2 ? 1 : 0, owner: settled ? JSON.stringify(settled) : null,
    notification_addresses: change.notificationAddresses ? JSON.stringify(change.notificationAddresses) : row.notification_addresses,
    protection: change.protection ?? row.protection,
  };
  demandMetadata(ctx, after);
  demandOwner(ctx, template ?? (await templateById(tx, row.template_id))!, settled);
  await tx.updateTable('profile_types').set(after).where('id', '=', id).execute();
  if (template && template.id !== row.template_id) {
    await tx.insertInto('type_templates').values({ type_id: id, template_id: template.id, since: ctx.clock.now(), actor: call.actor }).execute();
  }
  const [view] = await listTypes(tx, id);
  return view!;
}

function defaultOwner(ctx: EngineContext): Owner {
  if (ctx.environment === 'lab') return LAB_OWNER;
  throw new DeskProblem('INPUT_INVALID', 'A type with policy rules needs a profile owner (MCC and MNC).', { field: 'owner' });
}

/** A version by its number, else the newest that is not retired. One that is retired serves the type that has it already, and no other. */
async function chosenTemplate(tx: Tx, text: string, has?: number): Promise<TemplateRecord> {
  const [, name = text, number] = /^(.*?)(?:@(\d{1,6}))?$/.exec(text) ?? [];
  const template = (await templateByName(tx, name, number === undefined ? 'in-use' : Number(number))) ?? (number === undefined ? await templateByName(tx, name) : undefined);
  if (!template) throw new DeskProblem('TEMPLATE_UNKNOWN', `There is no template named ${text.slice(0, 80)}.`, { field: 'template', hint: 'Import the profile package as a template first.' });
  if (template.retired_at !== null && template.id !== has) {
    throw new DeskProblem('TEMPLATE_RETIRED', `Version ${template.version} of ${template.name} is retired.`, { field: 'template', hint: 'Choose another version, or bring this one back.' });
  }
  return template;
}

export async function listTypes(db: Reader | Tx, only?: number): Promise<TypeView[]> {
  let types = db.selectFrom('profile_types').selectAll().orderBy('name');
  if (only !== undefined) types = types.where('id', '=', only);
  const rows = await types.execute();
  const templates = await db.selectFrom('templates').select(['id', 'name', 'version']).execute();
  const counts = await stockByType(db);
  return rows.map((row) => typeView(
    row, templates.find((template) => template.id === row.template_id)!,
    counts.get(row.id) ?? new Map(),
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
