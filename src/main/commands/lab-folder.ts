/**
 * What the lab keeps beside the workspace: the keys of its own CI and EUM and its virtual devices. They belong to other
 * parties of the ecosystem, so neither engine nor vault sees them. Only in Lab workspaces.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contract } from '../../shared/contract/index.ts';
import { createDevice, type DeviceState, loadDevice, saveDevice } from '../lab/device/index.ts';
import { createLabPki, type IssuedKey, type LabCurve, type LabPki, LAB_IIN, makeEid, reissueTls } from '../lab/pki/index.ts';
import { refuse } from './output.ts';
import type { Session } from './session.ts';

/** SM-DP+ object identifiers of the lab identities, from the example arc 2.999. */
const oidOf: Record<LabCurve, string> = { 'P-256': '2.999.10', brainpoolP256r1: '2.999.10.1' };
const identityOf: Record<LabCurve, string> = { 'P-256': 'lab', brainpoolP256r1: 'lab-brainpool' };

export const labCurves = ['P-256', 'brainpoolP256r1'] as const satisfies readonly LabCurve[];

/** Undefined for an identity the lab did not make. */
export const curveOfIdentity = (identity: string): LabCurve | undefined => (Object.keys(identityOf) as LabCurve[]).find((curve) => identityOf[curve] === identity);

interface SavedKey { certificate: string; privateKeyPkcs8: string; publicPoint: string }
const keyNames = ['ci', 'eum', 'dpauth', 'dppb', 'dptls'] as const;

function writePrivately(file: string, text: string): void {
  const draft = `${file}.part`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}

export function labFolder(workspace: string): string {
  const folder = join(workspace, 'lab');
  mkdirSync(join(folder, 'devices'), { recursive: true, mode: 0o700 });
  return folder;
}

const pkiFile = (workspace: string, curve: LabCurve) => join(labFolder(workspace), `pki-${curve}.json`);

export function loadPki(workspace: string, curve: LabCurve): LabPki | undefined {
  const file = pkiFile(workspace, curve);
  if (!existsSync(file)) return undefined;
  const saved = JSON.parse(readFileSync(file, 'utf8')) as { oid: string; keys: Record<string, SavedKey> };
  const key = (name: string): IssuedKey => {
    const from = saved.keys[name];
    if (!from) refuse('LAB_PKI_DAMAGED', `${file} lacks the ${name} key; remove it to make a new lab PKI`);
    const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));
    return { curve: name === 'dptls' ? 'P-256' : curve, certificate: bytes(from.certificate), privateKeyPkcs8: bytes(from.privateKeyPkcs8), publicPoint: bytes(from.publicPoint) };
  };
  return { curve, oid: saved.oid, ci: key('ci'), eum: key('eum'), dpauth: key('dpauth'), dppb: key('dppb'), dptls: key('dptls') };
}

function savePki(workspace: string, pki: LabPki): void {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  writePrivately(pkiFile(workspace, pki.curve), JSON.stringify({
    oid: pki.oid,
    keys: Object.fromEntries(keyNames.map((name) => [name, { certificate: text(pki[name].certificate), privateKeyPkcs8: text(pki[name].privateKeyPkcs8), publicPoint: text(pki[name].publicPoint) }])),
  }));
}

const hostsOf = (address: string | undefined) => (address ? [address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')] : []);

/**
 * Makes sure that the workspace has a complete lab identity for `curve`, valid for TLS under `address`. Returns its name. One on
 * brainpool needs the one on P-256 beside it: whose CI issues its TLS certificate must be known here.
 */
export async function ensureLabIdentity(session: Session, curve: LabCurve, address?: string): Promise<string> {
  const { call, uploadBytes, host } = session;
  const identity = identityOf[curve];
  const status = await call(contract.workspace.status, {});
  if (status.environment !== 'lab') refuse('LAB_ONLY', 'A lab PKI is made in Lab workspaces only');
  const names = [...new Set(['localhost', '127.0.0.1', '::1', ...hostsOf(status.smdpAddress), ...hostsOf(address)])];
  const present = (await call(contract.pki.list, {})).rows.filter((row) => row.identity === identity);
  if (curve !== 'P-256') await ensureLabIdentity(session, 'P-256', address);
  let pki = loadPki(host.folder.root, curve);
  if (!pki) {
    const tlsIssuedBy = curve === 'P-256' ? undefined : loadPki(host.folder.root, 'P-256');
    pki = createLabPki({ curve, oid: oidOf[curve], tlsNames: names, now: new Date(), random: randomBytes, ...(tlsIssuedBy ? { tlsIssuedBy } : {}) });
    savePki(host.folder.root, pki);
  }
  const import_ = async (role: 'ci' | 'eum' | 'dpauth' | 'dppb' | 'tls', key: IssuedKey) => {
    await call(contract.pki.import, {
      identity, role, certificate: await uploadBytes(Uint8Array.from(key.certificate)),
      ...(role === 'ci' || role === 'eum' ? {} : { key: await uploadBytes(Uint8Array.from(key.privateKeyPkcs8)) }),
    });
  };
  for (const [role, name] of [['ci', 'ci'], ['eum', 'eum'], ['dpauth', 'dpauth'], ['dppb', 'dppb']] as const) {
    if (!present.some((row) => row.role === role)) await import_(role, pki[name]);
  }
  const tls = present.filter((row) => row.role === 'tls').sort((a, b) => b.notAfter - a.notAfter)[0];
  const covers = tls && tls.notAfter > Date.now() + 86_400_000 && hostsOf(address).every((name) => tls.dnsNames.includes(name) || name === '127.0.0.1' || name === 'localhost' || name === '::1');
  if (!covers) {
    const key = tls ? reissueTls(loadPki(host.folder.root, 'P-256') ?? pki, names, new Date(), randomBytes) : pki.dptls;
    await import_('tls', key);
  }
  return identity;
}

/** EID of the n-th virtual device of a workspace. */
export function labEid(serial: number): string {
  return makeEid(LAB_IIN, serial);
}

/**
 * The virtual device with this EID: as it was left, or factory-new with certificates of the lab's PKIs. With `only` it knows this
 * curve and no other.
 */
export function openDevice(workspace: string, eid: string, only?: LabCurve): DeviceState {
  const file = join(labFolder(workspace), 'devices', `${eid}.json`);
  if (existsSync(file)) {
    const state = loadDevice(JSON.parse(readFileSync(file, 'utf8')));
    if (only !== undefined && state.credentials.some((one) => one.curve !== only)) {
      refuse('DEVICE_CURVE', `The virtual device ${eid} was made with ${state.credentials.map((one) => one.curve).join(' and ')}, not with ${only} alone`, 'Leave --eid out, or give one that no device has yet: a device is made for it');
    }
    return state;
  }
  const pkis = labCurves.filter((curve) => only === undefined || curve === only).map((curve) => loadPki(workspace, curve)).filter((pki) => pki !== undefined);
  if (pkis.length === 0) refuse('LAB_PKI_MISSING', `This workspace has no lab PKI${only === undefined ? '' : ` on ${only}`}, so no virtual device can be made`, `Make one: lab setup${only === undefined || only === 'P-256' ? '' : ` --curve ${only}`}; or use a real LPA`);
  return createDevice({ eid, pkis, now: new Date(), random: randomBytes });
}

export function keepDevice(workspace: string, state: DeviceState): void {
  writePrivately(join(labFolder(workspace), 'devices', `${state.eid}.json`), JSON.stringify(saveDevice(state)));
}

export function devicesOf(workspace: string): DeviceState[] {
  const folder = join(labFolder(workspace), 'devices');
  return readdirSync(folder).filter((name) => /^\d{32}\.json$/.test(name)).map((name) => loadDevice(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
}
