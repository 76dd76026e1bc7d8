/** brand add, change, suspend, resume, list: who orders over ES2+. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { callbackResults, progressPoints } from '../../shared/contract/brands.ts';
import type { BrandRow, ProgressPoint } from '../../shared/contract/brands.ts';
import { contract } from '../../shared/contract/index.ts';
import { refuse, table } from './output.ts';
import { addCommand, group, type Options, usage } from './program.ts';
import { existing, readFileOrRefuse, type Session, withSession } from './session.ts';

type CallbackResult = (typeof callbackResults)[number];
type Points = Partial<Record<ProgressPoint, number | null>>;

/** Comma separated, and the option repeated: one list. */
function list(text: string, all: string[] | undefined): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => part === '')) throw new InvalidArgumentError('an element of the list is empty.');
  return [...(all ?? []), ...parts];
}

/** Text programs make other dashes of the one people type. */
const iccidList = (text: string, all: string[] | undefined): string[] => list(text.replace(/[\u2010-\u2015]/g, '-'), all);

/** Commander takes a null for an option without a value, so `none` stays a word until the call. */
function quota(text: string): number | 'none' {
  if (text === 'none') return text;
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it takes a whole number, or none for no limit.');
  return Number(text);
}

function pointList(text: string, all: Points | undefined): Points {
  const points: Points = { ...all };
  for (const part of list(text, undefined)) {
    const [, name, value] = /^([a-z]+)=(\d{1,5}|none)$/.exec(part) ?? [];
    const point = progressPoints.find((one) => one === name);
    if (point === undefined) throw new InvalidArgumentError(`it takes POINT=NUMBER or POINT=none, where POINT is ${progressPoints.join(', ')}.`);
    points[point] = value === 'none' ? null : Number(value);
  }
  return points;
}

interface Grants {
  types?: string[]; iccids?: string[]; openOrders?: number | 'none'; ordersPerDay?: number | 'none';
  callbackUrl?: string; callbackCa?: string; callbackIdentity?: string; callbackPoints?: Points; callbackResult?: string;
}

function grantOptions(command: Command): Command {
  return command
    .option('--types <names>', 'profile types it may order, comma separated; "*" for all', list)
    .option('--iccids <ranges>', 'FIRST-LAST or PREFIX*, comma separated: it orders these, and nobody else by type; "none" takes them back', iccidList)
    .option('--open-orders <number>', 'most orders open at once, or none', quota)
    .option('--orders-per-day <number>', 'most orders in 24 hours, or none', quota)
    .option('--callback-url <url>', 'https address that receives progress (handleDownloadProgressInfo); "none" switches it off')
    .option('--callback-ca <file>', 'CA of the receiver, where the system\'s do not do')
    .option('--callback-identity <name>', 'identity whose TLS certificate the receiver sees')
    .option('--callback-points <list>', 'numbers of progress points, such as enabled=101,deleted=5,disabled=none', pointList)
    .option('--callback-result <form>', 'resultData of an installation: finalResult (SGP.22) or notification (the whole signed one)');
}

function resultForm(text: string): CallbackResult {
  return callbackResults.find((one) => one === text) ?? usage(`--callback-result takes ${callbackResults.join(' or ')}`);
}

/** The part of the input that adding and changing have in common. */
async function grants(options: Grants, { uploadFile }: Session) {
  const { types, iccids, openOrders, ordersPerDay, callbackUrl, callbackCa, callbackIdentity, callbackPoints, callbackResult } = options;
  return {
    ...(types === undefined ? {} : { types }),
    ...(iccids === undefined ? {} : { iccids: iccids.length === 1 && iccids[0] === 'none' ? [] : iccids }),
    ...(openOrders === undefined ? {} : { openOrders: openOrders === 'none' ? null : openOrders }),
    ...(ordersPerDay === undefined ? {} : { ordersPerDay: ordersPerDay === 'none' ? null : ordersPerDay }),
    ...(callbackUrl === undefined ? {} : { callbackUrl: callbackUrl === 'none' ? null : callbackUrl }),
    ...(callbackCa === undefined ? {} : { callbackCa: await uploadFile(callbackCa) }),
    ...(callbackIdentity === undefined ? {} : { callbackIdentity: callbackIdentity === 'none' ? null : callbackIdentity }),
    ...(callbackPoints === undefined ? {} : { callbackPoints }),
    ...(callbackResult === undefined ? {} : { callbackResult: resultForm(callbackResult) }),
  };
}

const of = (used: number, most: number | undefined): string => (most === undefined ? used.toLocaleString('en') : `${used.toLocaleString('en')} of ${most.toLocaleString('en')}`);

function brandText(brand: BrandRow): string {
  const points = brand.callback && Object.entries(brand.callback.points).filter(([, number]) => number !== null).map(([name, number]) => `${name} ${number}`).join(', ');
  return [
    `${brand.name}  ${brand.state}`,
    ...brand.credentials.map((one) => `${one.kind === 'ca' ? 'Client CA         ' : 'Client certificate'} ${one.subject}, valid to ${new Date(one.notAfter).toISOString().slice(0, 10)}\n                   SHA-256 ${one.sha256}`),
    `Types              ${brand.allTypes ? 'all' : brand.types.join(', ') || 'none'}`,
    `ICCIDs             ${brand.iccids.length === 0 ? 'all that are no other brand\'s' : brand.iccids.map((range) => `${range.first}-${range.last}`).join(', ')}`,
    `Open orders        ${of(brand.openNow, brand.openOrders)}`,
    `Orders in 24 hours ${of(brand.lastDay, brand.ordersPerDay)}`,
    ...(brand.callback ? [
      `Progress to        ${brand.callback.url}`,
      `Points             ${points || 'none'}; results as ${brand.callback.result}`,
      `Messages           ${brand.callback.waiting} waiting, ${brand.callback.dead} given up`,
    ] : ['Progress to        nobody']),
  ].join('\n');
}

/** A filter by a name nobody has finds nothing, and reads as if there were nothing. */
export async function demandBrand({ call }: Session, name: string): Promise<BrandRow> {
  const { rows } = await call(contract.brands.list, {});
  return rows.find((one) => one.name === name) ?? refuse('BRAND_UNKNOWN', `There is no brand ${name}`, rows.length === 0 ? 'There is no brand at all' : `There are ${rows.map((one) => one.name).join(', ')}`);
}

/** SHA-256 of the one credential of the brand that begins so. */
async function credentialOf(session: Session, name: string, given: string): Promise<string> {
  const beginning = given.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{4,64}$/.test(beginning)) usage('--remove-credential takes the SHA-256 of a certificate, or 4 and more digits of its beginning (see brand list)');
  const found = (await demandBrand(session, name)).credentials.filter((one) => one.sha256.startsWith(beginning));
  const [one, ...others] = found;
  if (!one) return refuse('CREDENTIAL_UNKNOWN', `The brand ${name} has no certificate whose SHA-256 begins with ${beginning}`, 'brand list shows them');
  return others.length === 0 ? one.sha256 : refuse('CREDENTIAL_AMBIGUOUS', `Several certificates of the brand ${name} begin with ${beginning}`, found.map((each) => each.sha256).join(', '));
}

/** basicConstraints with cA true, as DER or PEM: such a self-signed certificate is taken as it is, and may be meant as the CA it says it is. */
function saysCa(file: Buffer): boolean {
  const text = file.toString('latin1');
  const der = text.startsWith('-----') ? Buffer.from(text.replace(/-----[^-]*-----|\s/g, ''), 'base64') : file;
  return /551d13(?:0101ff)?04..30..0101ff/.test(der.toString('hex'));
}

/** Uploads the file of --client-cert. The note is for afterwards: a refusal says more. */
async function uploadClientCertificate({ uploadBytes, output }: Session, path: string): Promise<{ readonly handle: string; note(): void }> {
  const file = readFileOrRefuse(path);
  const ca = saysCa(file);
  return { handle: await uploadBytes(file), note: () => ca && output.note('This certificate says that it is one of a CA: only who shows this very certificate is recognised by it, not who has one it issued. For those: brand change NAME --client-ca FILE') };
}

async function setState(name: string, state: BrandRow['state'], options: Options): Promise<void> {
  await withSession(options, existing, async ({ call, output }) => {
    const brand = await call(contract.brands.change, { name, state });
    output.result(brand, `${brand.name}: ${brand.state}`);
  });
}

export function addBrandCommands(program: Command): void {
  const brand = group(program, 'brand', 'brands that order over ES2+');
  grantOptions(addCommand(brand, 'add <name>', 'let a brand order over ES2+')
    .option('--client-ca <file>', 'CA that issues its client certificates, DER or PEM')
    .option('--client-cert <file>', 'its client certificate itself'))
    .action((name: string, options: Options<Grants & { clientCa?: string; clientCert?: string }>) => options.clientCa === undefined && options.clientCert === undefined
      ? usage('give --client-ca or --client-cert: the brand is recognised by it') : withSession(options, {}, async (session) => {
        const certificate = options.clientCert === undefined ? undefined : await uploadClientCertificate(session, options.clientCert);
        const made = await session.call(contract.brands.add, {
          name, ...await grants(options, session),
          ...(options.clientCa === undefined ? {} : { clientCa: await session.uploadFile(options.clientCa) }),
          ...(certificate === undefined ? {} : { clientCertificate: certificate.handle }),
        });
        session.output.result(made, brandText(made));
        certificate?.note();
      }));
  grantOptions(addCommand(brand, 'change <name>', 'change what a brand may, its certificates, its callback; --types and --iccids replace the whole list, --callback-points only the points named')
    .option('--client-ca <file>', 'one more CA that issues its client certificates')
    .option('--client-cert <file>', 'one more client certificate')
    .option('--remove-credential <sha256>', 'take a CA or certificate away, by its SHA-256 or its beginning (see brand list)'))
    .action((name: string, options: Options<Grants & { clientCa?: string; clientCert?: string; removeCredential?: string }>) => withSession(options, existing, async (session) => {
      const removed = options.removeCredential === undefined ? undefined : await credentialOf(session, name, options.removeCredential);
      const certificate = options.clientCert === undefined ? undefined : await uploadClientCertificate(session, options.clientCert);
      const changed = await session.call(contract.brands.change, {
        name, ...await grants(options, session),
        ...(options.clientCa === undefined ? {} : { addClientCa: await session.uploadFile(options.clientCa) }),
        ...(certificate === undefined ? {} : { addClientCertificate: certificate.handle }),
        ...(removed === undefined ? {} : { removeCredential: removed }),
      });
      session.output.result(changed, brandText(changed));
      certificate?.note();
    }));
  addCommand(brand, 'suspend <name>', 'refuse its calls until it is resumed; its orders go on')
    .action((name: string, options: Options) => setState(name, 'suspended', options));
  addCommand(brand, 'resume <name>', 'take its calls again')
    .action((name: string, options: Options) => setState(name, 'active', options));
  addCommand(brand, 'list', 'list brands, what they may and what they use')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.brands.list, {});
      output.result({ rows }, () => (rows.length === 0 ? table(['brand', 'state'], []) : rows.map(brandText).join('\n\n')));
    }));
}
