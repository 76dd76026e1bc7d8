/** The sample content of a Lab workspace: so that no screen is blank at the first start. All of it visibly lab material. */
import { randomBytes } from 'node:crypto';
import { contract } from '../../shared/contract/index.ts';
import { parseIccid } from '../../shared/identifiers/index.ts';
import { buildSampleTemplate } from '../saip/index.ts';
import { downloadRefusal, downloadToDevice } from './device.ts';
import { refuse } from './output.ts';
import type { Session } from './session.ts';

export const sampleType = 'Lab consumer';
export const sampleTemplate = 'Lab sample';
/** ITU test country 901, network 88211: no operator's range. */
const iccidPrefix = '8988211000';
const imsiPrefix = '00101';

/** A stock file of `count` subscribers with random keys, as bytes: secrets are never text. */
export function sampleStockFile(count: number, from = 1): Buffer {
  const parts: Buffer[] = [Buffer.from('iccid,imsi,msisdn,ki,opc,pin1,puk1\n')];
  for (let i = from; i < from + count; i++) {
    const serial = String(i).padStart(8, '0');
    parts.push(Buffer.from(`${withCheckDigit(`${iccidPrefix}${serial}`)},${imsiPrefix}00${serial},+88211${serial},`));
    parts.push(hexBytes(16), Buffer.from(','), hexBytes(16), Buffer.from(',0000,'), digits(8), Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

function withCheckDigit(body: string): string {
  const iccid = parseIccid(body);
  if (!iccid.ok) throw new Error(iccid.message);
  return iccid.value;
}

const hexDigits = Buffer.from('0123456789ABCDEF');
function hexBytes(length: number): Buffer {
  const random = randomBytes(length);
  const out = Buffer.alloc(2 * length);
  random.forEach((octet, i) => {
    out[2 * i] = hexDigits[octet >>> 4]!;
    out[2 * i + 1] = hexDigits[octet & 15]!;
  });
  random.fill(0);
  return out;
}

function digits(length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let i = 0; i < length; i++) {
    let octet: number;
    do octet = randomBytes(1)[0]!; while (octet >= 250);
    out[i] = 0x30 + (octet % 10);
  }
  return out;
}

/** Template and profile type of the lab, if they are not there yet. */
export async function ensureSampleType(session: Session): Promise<void> {
  const { call, uploadBytes } = session;
  if ((await call(contract.types.list, {})).rows.some((row) => row.name === sampleType)) return;
  if (!(await call(contract.types.templates, {})).rows.some((row) => row.name === sampleTemplate)) {
    await call(contract.types.importTemplate, { file: await uploadBytes(Uint8Array.from(buildSampleTemplate())), name: sampleTemplate });
  }
  await call(contract.types.create, { name: sampleType, template: sampleTemplate, serviceProviderName: 'MVNE Desk Lab', profileName: 'Lab profile' });
}

/** Whether there is nothing yet that a sample would stand beside: no type but the lab's own, and no profile of that one. */
export async function wantsSample(session: Session): Promise<boolean> {
  if ((await session.call(contract.workspace.status, {})).environment !== 'lab') refuse('LAB_ONLY', 'Sample content is for Lab workspaces only; nothing was made');
  const { rows } = await session.call(contract.types.list, {});
  return rows.every(({ name, stock }) => name === sampleType && stock.imported + stock.sellable + stock.sold === 0);
}

/**
 * Profile type, stock, a waiting order and, unless left out, a finished activation: that needs a running ES9+ listener with a
 * lab identity.
 */
export async function createSample(session: Session, activation = true): Promise<void> {
  const { call, uploadBytes, finish } = session;
  await ensureSampleType(session);
  const report = await call(contract.stock.importFile, { file: await uploadBytes(sampleStockFile(40)), fileName: 'lab-sample.csv', type: sampleType });
  if (report.job) await finish(report.job);
  await finish(await call(contract.stock.prepare, { type: sampleType, count: 30 }));
  if (activation) {
    const finished = await call(contract.orders.create, { type: sampleType });
    const outcome = await downloadToDevice(session, { activationCode: finished.activationCode });
    if (!outcome.ok) throw downloadRefusal(outcome);
  }
  await call(contract.orders.create, { type: sampleType });
}
