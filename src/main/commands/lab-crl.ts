/** lab crl: a revocation list signed by the lab's CI, to try what revocation does. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { eumName, issueCrl, labIssuer, type LabPki, type RevokedLabCertificate, serialContent } from '../lab/pki/index.ts';
import { parseCertificate } from '../rsp/index.ts';
import { curveOfIdentity, devicesOf, loadPki } from './lab-folder.ts';
import { refuse } from './output.ts';
import { addCommand, type Options, usage, wholeNumber } from './program.ts';
import { existing, type Session, withSession } from './session.ts';

interface CrlOptions { identity: string; revokeEum?: true; revokeEuicc?: string; revokeSerial?: string; days?: number; out: string }

const DAY = 86_400_000;

const serialOf = (certificate: Uint8Array): Uint8Array => Uint8Array.from(Buffer.from(parseCertificate(certificate).serialHex, 'hex'));

function chosen(workspace: string, pki: LabPki, options: CrlOptions, at: Date): RevokedLabCertificate[] {
  const list: RevokedLabCertificate[] = [];
  if (options.revokeEum) list.push({ serial: serialOf(pki.eum.certificate), at, reason: 1 });
  if (options.revokeSerial !== undefined) {
    if (!/^([0-9a-fA-F]{2}){1,20}$/.test(options.revokeSerial)) usage('--revoke-serial takes 1 to 20 octets in hexadecimal.');
    list.push({ serial: serialContent(options.revokeSerial), at, reason: 1 });
  }
  if (options.revokeEuicc !== undefined) {
    const device = devicesOf(workspace).find((one) => one.eid === options.revokeEuicc);
    const credential = device?.credentials.find((one) => one.curve === pki.curve);
    if (!credential) refuse('NOT_FOUND', `This workspace has no virtual device ${options.revokeEuicc} under this identity`);
    // Last: the name of its issuer would hold for every entry behind it.
    list.push({ serial: serialOf(credential.certificate), at, reason: 1, issuer: eumName });
  }
  return list;
}

/** What the CI revoked before stays on its list. */
async function listedBefore(call: Session['call'], issuerKeyId: string): Promise<RevokedLabCertificate[]> {
  const before: RevokedLabCertificate[] = [];
  for (let after: string | undefined; ; ) {
    const page = await call(contract.pki.revoked, { issuerKeyId, limit: 500, ...(after === undefined ? {} : { after }) });
    before.push(...page.rows.map((row) => ({ serial: Uint8Array.from(Buffer.from(row.serial, 'hex')), at: new Date(row.revokedAt), ...(row.reason === undefined ? {} : { reason: row.reason }) })));
    if (page.next === undefined) return before;
    after = page.next;
  }
}

export function addLabCrlCommand(lab: Command): void {
  addCommand(lab, 'crl', 'write a revocation list signed by the lab\'s CI')
    .requiredOption('--identity <name>', 'lab or lab-brainpool')
    .option('--revoke-eum', 'revoke the lab\'s EUM, and every virtual device with it')
    .option('--revoke-euicc <eid>', 'revoke the certificate of one virtual device')
    .option('--revoke-serial <hex>', 'revoke the certificate with this serial number, as "pki list --json" shows it')
    .option('--days <number>', 'days until the next list is due (30)', wholeNumber)
    .requiredOption('--out <file>', 'file to write')
    .action((options: Options<CrlOptions>) => withSession(options, existing, async ({ call, host, output }) => {
      const curve = curveOfIdentity(options.identity);
      const pki = curve && loadPki(host.folder.root, curve);
      if (!pki) return refuse('LAB_PKI_MISSING', `This workspace has no lab PKI "${options.identity}"`, curve === undefined ? 'A lab makes two: lab and, on brainpoolP256r1, lab-brainpool' : `Make one: lab setup --curve ${curve}`);
      const issuer = labIssuer(pki, 'ci');
      const issuerKeyId = Buffer.from(issuer.keyId).toString('hex');
      const number = (await call(contract.pki.crls, {})).rows.filter((row) => row.issuerKeyId === issuerKeyId).reduce((next, row) => Math.max(next, Number(row.number) + 1), 0);
      const now = new Date(Math.floor(Date.now() / 1000) * 1000);
      const revoked = [...(await listedBefore(call, issuerKeyId)), ...chosen(host.folder.root, pki, options, now)];
      writeFileSync(options.out, issueCrl({ issuer, curve: pki.curve, number, thisUpdate: now, nextUpdate: new Date(now.getTime() + (options.days ?? 30) * DAY), revoked }));
      output.result({ file: options.out, number: String(number), issuerKeyId, revoked: revoked.length }, `Revocation list ${number} with ${revoked.length} ${revoked.length === 1 ? 'entry' : 'entries'}: ${options.out}\nImport it: pki crl import ${options.out}`);
      return undefined;
    }));
}
