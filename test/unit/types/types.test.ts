import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSampleTemplate, compileTemplate, parseTree } from '../../../src/main/saip/index.ts';
import { parseMetadata } from '../../../src/main/rsp/metadata.ts';
import { defaultPlan } from '../../../src/main/engine/types/plan.ts';
import { ensureTemplateLoaded, metadataFor, templateByName, typeByName, withTemplate } from '../../../src/main/engine/types/index.ts';
import { VaultError } from '../../../src/main/vault-link/operations.ts';
import type { TestEngine } from '../../support/engine.ts';
import { iccid, stockEngine } from '../stock/support.ts';

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(100)]);
const JPEG = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(100)]);
let engine: TestEngine;

beforeEach(async () => {
  engine = await stockEngine();
});
afterEach(() => engine.close());

const upload = (bytes: Uint8Array) => engine.uploads.put(Uint8Array.from(bytes));

describe('templates', () => {
  it('are versions under a name; the same package again stays the version it is', async () => {
    const other = buildSampleTemplate({ serviceProviderName: 'Another' });
    const first = await engine.ok<{ template: { id: string; version: number } }>('types.importTemplate', { file: upload(other), name: 'sample' } as never);
    expect(first.template.version).toBe(2);
    const again = await engine.ok<{ template: { id: string } }>('types.importTemplate', { file: upload(other), name: 'sample' } as never);
    expect(again.template.id).toBe(first.template.id);
    const { rows } = await engine.ok<{ rows: { name: string; version: number; algorithm: string; saipVersion: string; errors: number }[] }>('types.templates');
    expect(rows.map((row) => [row.name, row.version])).toEqual([['sample', 2], ['sample', 1]]);
    expect(rows[0]).toMatchObject({ algorithm: 'Milenage', errors: 0 });
    expect(rows[0]!.saipVersion).toMatch(/^\d\.\d$/);
  });

  it.each([['nothing', Buffer.alloc(0)], ['text', Buffer.from('hello, world')], ['a cut package', Buffer.from(buildSampleTemplate().subarray(0, 400))]])(
    'refuse %s, and nothing is written', async (_what, bytes) => {
      expect(await engine.refused('types.importTemplate', { file: upload(bytes), name: 'x' })).toMatchObject({ code: 'TEMPLATE_MALFORMED' });
      expect(await templateByName(engine.ctx.reader, 'x')).toBeUndefined();
      expect(await engine.refused('types.checkTemplate', { file: upload(bytes) })).toMatchObject({ code: 'TEMPLATE_MALFORMED' });
    });

  it('refuse a package that breaks a rule and say which; the check alone lists the findings', async () => {
    const nodes = parseTree(buildSampleTemplate());
    const withoutEnd = buildSampleTemplate().subarray(0, nodes.at(-1)!.offset);
    expect(await engine.refused('types.importTemplate', { file: upload(withoutEnd), name: 'x' })).toMatchObject({ code: 'TEMPLATE_REFUSED', message: expect.stringContaining('V01') as string });
    const check = await engine.ok<{ valid: boolean; findings: { rule: string }[]; elements: unknown[] }>('types.checkTemplate', { file: upload(withoutEnd) } as never);
    expect(check.valid).toBe(false);
    expect(check.findings.map((one) => one.rule)).toContain('V01');
    expect(check.elements).toHaveLength(nodes.length - 1);
  });

  it('of the sample get every slot and keep their roaming lists', () => {
    const der = buildSampleTemplate();
    const plan = defaultPlan(der);
    expect(plan.slots).toEqual(['iccid', 'imsi', 'acc', 'k', 'opc', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2', 'msisdn', 'scp80Kic', 'scp80Kid', 'scp80Kik']);
    expect(plan.late).toContain('oplmnwact');
    expect(compileTemplate(der, plan).slots.filter((slot) => slot.late).map((slot) => slot.name)).toEqual(plan.late);
  });

  it('go to the vault again when it forgot them', async () => {
    const template = (await templateByName(engine.ctx.reader, 'sample'))!;
    let known = false;
    const loads: unknown[] = [];
    const vault = {
      ...engine.vault, state: 'ready' as const, close: async () => undefined,
      call: async (name: string, input: unknown) => {
        if (name === 'loadTemplate') { known = true; loads.push(input); return {}; }
        if (!known) throw new VaultError('TEMPLATE_NOT_LOADED', 'not known');
        return 'done';
      },
    } as unknown as typeof engine.ctx.vault;
    const ctx = { ...engine.ctx, vault };
    expect(await withTemplate(ctx, template.id, () => vault.call('status', {}))).toBe('done');
    known = false;
    expect(await withTemplate(ctx, template.id, () => vault.call('status', {}))).toBe('done');
    expect(loads).toHaveLength(2);
    expect(loads[0]).toMatchObject({ slots: template.slots });
    expect(Buffer.from(await ensureTemplateLoaded(ctx, template.id))).toEqual(Buffer.from(template.digest));
    await expect(withTemplate(ctx, 4711, async () => 1)).rejects.toMatchObject({ code: 'TEMPLATE_UNKNOWN' });
  });
});

describe('types', () => {
  const create = (extra: object) => ({ name: 'Brand', template: 'sample', ...extra });

  it('carry what a device is shown', async () => {
    const view = await engine.ok('types.create', create({
      serviceProviderName: 'Brand A', profileName: 'Roam', icon: upload(PNG), ppr1: true, owner: { mccMnc: '26201', gid1: 'FFFF' }, notificationAddresses: ['a.example', 'b.example:8443'],
    }));
    expect(view).toMatchObject({ name: 'Brand', template: 'sample', templateVersion: 1, hasIcon: true, ppr1: true, ppr2: false, stock: { imported: 0, sellable: 0, sold: 0 } });
    const type = (await typeByName(engine.ctx.reader, 'Brand'))!;
    const metadata = parseMetadata(metadataFor(type, iccid(1), 'smdp.test.example'));
    expect(metadata).toMatchObject({
      iccid: iccid(1), serviceProviderName: 'Brand A', profileName: 'Roam', profileClass: 'operational', icon: { type: 'png' }, owner: { mcc: '262', mnc: '01' }, ppr: { ppr1: true },
    });
    expect(metadata.notifications.map((one) => one.address)).toEqual(['a.example', 'b.example:8443']);
    expect(Buffer.from(metadata.icon!.bytes)).toEqual(PNG);
    expect(Buffer.from(metadataFor(type, iccid(1), 'smdp.test.example'))).toEqual(Buffer.from(metadataFor(type, iccid(1), 'smdp.test.example')));
  });

  it('send notifications to the SM-DP+ unless told otherwise', async () => {
    expect(await engine.ok('types.create', create({}))).toMatchObject({ notificationAddresses: [] });
    const type = (await typeByName(engine.ctx.reader, 'Brand'))!;
    for (const address of ['one.example', 'two.example:8443']) {
      expect(parseMetadata(metadataFor(type, iccid(1), address)).notifications.map((one) => one.address)).toEqual([address]);
    }
  });

  it('with policy rules have an owner, in the lab one by default', async () => {
    expect(await engine.ok('types.create', create({ ppr2: true }))).toMatchObject({ owner: { mccMnc: '00101' } });
    const live = await stockEngine({ environment: 'live' });
    expect(await live.refused('types.create', create({ ppr2: true }))).toMatchObject({ code: 'INPUT_INVALID', field: 'owner' });
    await live.close();
  });

  it.each([
    ['an icon that is no picture', { icon: Buffer.from('GIF89a') }, 'ICON_INVALID'],
    ['an icon that is too large', { icon: Buffer.concat([PNG, Buffer.alloc(1000)]) }, 'ICON_INVALID'],
    ['an empty icon', { icon: Buffer.alloc(0) }, 'ICON_INVALID'],
    ['a name that is taken', { name: 'Sample' }, 'TYPE_EXISTS'],
    ['a template that does not exist', { template: 'nope' }, 'TEMPLATE_UNKNOWN'],
    ['a version that does not exist', { template: 'sample@9' }, 'TEMPLATE_UNKNOWN'],
    ['a name with other characters', { name: 'a/b' }, 'INPUT_INVALID'],
  ])('refuse %s', async (_what, extra, code) => {
    const input = create('icon' in extra ? { icon: upload(extra.icon as Buffer) } : extra);
    expect(await engine.refused('types.create', input)).toMatchObject({ code });
    expect((await engine.ok<{ rows: unknown[] }>('types.list')).rows).toHaveLength(1);
  });

  it('take JPEG icons and named template versions', async () => {
    await engine.ok('types.create', create({ icon: upload(JPEG), template: 'sample@1' }));
    expect((await typeByName(engine.ctx.reader, 'Brand'))?.icon_type).toBe('jpg');
  });
});
