/** An engine with orders and brands alone, stock that may be sold, and certificates of every kind. Test material. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrandRow } from '../../../src/shared/contract/brands.ts';
import { brandByName, procedures as brandProcedures } from '../../../src/main/engine/brands/index.ts';
import type { Call, EngineContext, Tx } from '../../../src/main/engine/context.ts';
import { procedures as orderProcedures } from '../../../src/main/engine/orders/index.ts';
import type { Customer } from '../../../src/main/engine/orders/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { luhnCheckDigit, makeEid, reversed } from '../../../src/shared/identifiers/index.ts';
import { openTestEngine } from '../../support/engine.ts';
import type { TestEngine, TestEngineOptions } from '../../support/engine.ts';
import { addType } from '../../support/stock-rows.ts';

export const eidOf = (n: number): string => makeEid(`89049032${String(n).padStart(22, '0')}`);
/** ICCIDs of 19 digits with their check digit, in rising order. */
export const iccidOf = (n: number): string => {
  const body = `8988001${String(n).padStart(11, '0')}`;
  return body + luhnCheckDigit(body);
};

/** Profiles `from`, `from + 1`, … that may be sold at once; `iccid` names each. */
export function fillStock(ctx: EngineContext, typeId: number, from: number, count: number, iccid: (n: number) => string = iccidOf, stock = 'sellable'): void {
  const insert = ctx.sqlite.prepare(`insert into profiles (iccid, iccid_rev, imsi, imsi_rev, type_id, template_id, order_state, network_state, stock_state, device_state, slots, created_at)
    values (?, ?, ?, ?, ?, ?, 'available', 'absent', ?, 'unknown', x'00', ?)`);
  ctx.sqlite.transaction(() => {
    for (let n = from; n < from + count; n++) {
      const imsi = `00101${String(n).padStart(10, '0')}`;
      insert.run(iccid(n), reversed(iccid(n)), imsi, reversed(imsi), typeId, typeId, stock, n);
    }
  })();
}

export interface Desk {
  readonly engine: TestEngine;
  readonly ctx: EngineContext;
  /** Ids of the types `consumer` and `iot`. */
  readonly consumer: number;
  readonly iot: number;
  inTx<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** The code of what is thrown; `done` when nothing is. */
  code(fn: (tx: Tx) => Promise<unknown>): Promise<string>;
  as(brand?: string): Call;
}

export async function openDesk(options: TestEngineOptions = {}): Promise<Desk> {
  const engine = await openTestEngine({ procedures: [...orderProcedures(), ...brandProcedures()], jobKinds: [], ...options });
  const { ctx } = engine;
  const [consumer, iot] = [addType(ctx.sqlite, 'consumer'), addType(ctx.sqlite, 'iot')];
  let n = 0;
  return {
    engine, ctx, consumer, iot,
    inTx: (fn) => write(ctx, fn),
    code: (fn) => write(ctx, fn).then(() => 'done', codeOf),
    as: (brand) => ({ actor: brand === undefined ? 'local:tester' : `brand:${brand}`, host: brand === undefined ? 'cli' : 'es2plus', correlationId: `desk-${++n}` }),
  };
}

export const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);

export const upload = (ctx: EngineContext, bytes: Uint8Array | string): string => ctx.uploads.put(Uint8Array.from(Buffer.from(bytes as Uint8Array)));

/** A brand that nobody has to be recognised as; its certificate is a row that is never looked at. */
export function addPlainBrand(desk: Desk, name: string, grants: { types?: number[]; ranges?: readonly (readonly [string, string])[]; openOrders?: number; ordersPerDay?: number; callbackUrl?: string; points?: object } = {}): Promise<Customer> {
  const { sqlite } = desk.ctx;
  const id = Number(sqlite.prepare('insert into brands (name, all_types, open_orders, orders_per_day, callback_url, callback_points, created_at) values (?, ?, ?, ?, ?, ?, 0)')
    .run(name, grants.types ? 0 : 1, grants.openOrders ?? null, grants.ordersPerDay ?? null, grants.callbackUrl ?? null, JSON.stringify(grants.points ?? {})).lastInsertRowid);
  for (const type of grants.types ?? []) sqlite.prepare('insert into brand_types values (?, ?)').run(id, type);
  for (const [first, last] of grants.ranges ?? []) sqlite.prepare('insert into brand_iccids values (?, ?, ?)').run(id, first, last);
  return Promise.resolve({ brandId: id, name });
}

export async function customerNamed(desk: Desk, name: string): Promise<Customer> {
  const brand = await brandByName(desk.ctx.reader, name);
  return { brandId: brand!.id, name };
}

export type { BrandRow };

/** A CA made with the openssl tool, for keys and forms the lab's own PKI does not write. */
export interface OpensslCa {
  readonly certificate: Buffer;
  /** Issues a certificate; `extensions` are lines of an openssl section. */
  issue(name: string, options?: { key?: readonly string[]; extensions?: readonly string[]; days?: readonly [string, string]; sign?: readonly string[] }): { readonly certificate: Buffer; readonly pem: string; readonly key: string; readonly ca: OpensslCa };
}

const folders: string[] = [];
export const removeFolders = (): void => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true }));
const openssl = (cwd: string, ...args: string[]): void => void execFileSync('openssl', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });

export const keyKinds = {
  'RSA 2048': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], 'P-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'P-521': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  brainpoolP256r1: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:brainpoolP256r1'], Ed25519: ['-algorithm', 'ED25519'],
} as const;

const CA = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign', 'subjectKeyIdentifier=hash'];
export const LEAF = ['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=clientAuth', 'subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid'];
export const PERIOD: readonly [string, string] = ['20250101000000Z', '20350101000000Z'];

export function opensslCa(name: string, options: { key?: readonly string[]; extensions?: readonly string[]; days?: readonly [string, string]; sign?: readonly string[]; file?: string; digest?: string } = {}): OpensslCa & { readonly pem: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'desk-brand-ca-'));
  folders.push(folder);
  const make = (label: string, subject: string, extensions: readonly string[], issuer: string | undefined, o: { key?: readonly string[]; days?: readonly [string, string]; sign?: readonly string[] }) => {
    openssl(folder, 'genpkey', ...(o.key ?? keyKinds['P-256']), '-out', `${label}.key`);
    openssl(folder, 'req', '-new', '-key', `${label}.key`, '-subj', subject, '-out', `${label}.csr`);
    writeFileSync(join(folder, `${label}.cnf`), `[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=${label}.db\nrand_serial=yes\npolicy=p\ndefault_md=${options.digest ?? 'sha256'}\nunique_subject=no\ncopy_extensions=none\n[p]\ncommonName=optional\n[x]\n${extensions.join('\n')}\n`);
    writeFileSync(join(folder, `${label}.db`), '');
    const by = issuer ?? label;
    openssl(folder, 'ca', '-batch', '-notext', '-config', `${label}.cnf`, '-extensions', 'x', '-in', `${label}.csr`, '-out', `${label}.pem`, '-keyfile', `${by}.key`,
      ...(issuer === undefined ? ['-selfsign'] : ['-cert', `${issuer}.pem`]), '-startdate', (o.days ?? PERIOD)[0], '-enddate', (o.days ?? PERIOD)[1], ...(o.sign ?? options.sign ?? []));
    openssl(folder, 'x509', '-in', `${label}.pem`, '-outform', 'DER', '-out', `${label}.der`);
    return { certificate: readFileSync(join(folder, `${label}.der`)), pem: readFileSync(join(folder, `${label}.pem`), 'utf8'), key: readFileSync(join(folder, `${label}.key`), 'utf8') };
  };
  let count = 0;
  const caOf = (label: string, certificate: Buffer): OpensslCa => ({
    certificate,
    issue(leaf, o = {}) {
      const own = `leaf${++count}`;
      const made = make(own, `/CN=${leaf}`, o.extensions ?? LEAF, label, o);
      return { ...made, ca: caOf(own, made.certificate) };
    },
  });
  const made = make('root', `/CN=${name}`, options.extensions ?? CA, undefined, options);
  return { ...caOf('root', made.certificate), pem: made.pem, key: made.key };
}
export const CA_EXTENSIONS = CA;
