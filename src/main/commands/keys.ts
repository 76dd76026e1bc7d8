/** pki import, export, list, identities, horizon, mismatch, retire, crl import, crl list; audit verify. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { certificateRoles } from '../../shared/contract/pki.ts';
import { refuse, table } from './output.ts';
import { addCommand, group, oneOf, type Options, usage } from './program.ts';
import { existing, type Session, withSession } from './session.ts';

interface ExpectedHead { hash: string; records?: number }

function parseHead(text: string): ExpectedHead {
  const match = /^([0-9a-fA-F]{64})(?::([1-9]\d{0,14}))?$/.exec(text);
  if (!match) throw new InvalidArgumentError('a head reads HEX or HEX:RECORDS, with 64 hexadecimal digits.');
  return { hash: match[1]!.toLowerCase(), ...(match[2] === undefined ? {} : { records: Number(match[2]) }) };
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

async function chosenCertificate(call: Session['call'], identity: string, role: string, sha256: string | undefined): Promise<number> {
  const found = (await call(contract.pki.list, {})).rows.filter((row) => row.identity === identity && row.role === role && (sha256 === undefined || row.sha256.startsWith(sha256)));
  const [first, second] = found;
  if (first === undefined) return refuse('NOT_FOUND', `The identity "${identity}" has no such ${role} certificate in use`);
  if (second !== undefined) return refuse('CERTIFICATE_AMBIGUOUS', `The identity "${identity}" has several ${role} certificates; name one with --sha256`, found.map((row) => row.sha256).join(', '));
  return first.id;
}

export function addKeyCommands(program: Command): void {
  const pki = group(program, 'pki', 'identities of the SM-DP+: certificates and keys');
  addCommand(pki, 'import', 'import a certificate, with its private key where the role has one')
    .requiredOption('--identity <name>', 'name of the identity (one CI with its certificates)')
    .requiredOption('--role <role>', certificateRoles.join(', '), oneOf(...certificateRoles))
    .requiredOption('--cert <file>', 'certificate, DER or PEM')
    .option('--key <file>', 'private key, DER or PEM')
    .action((options: Options<{ identity: string; role: (typeof certificateRoles)[number]; cert: string; key?: string }>) => withSession(options, {}, async ({ call, uploadFile, output }) => {
      const row = await call(contract.pki.import, {
        identity: options.identity, role: options.role, certificate: await uploadFile(options.cert),
        ...(options.key !== undefined ? { key: await uploadFile(options.key) } : {}),
      });
      output.result(row, `${row.identity} ${row.role}: ${row.subject}, valid to ${day(row.notAfter)}`);
    }));
  addCommand(pki, 'export', 'write a certificate to hand out, such as the one brands and devices check a server by; never its key')
    .requiredOption('--identity <name>', 'name of the identity')
    .requiredOption('--role <role>', certificateRoles.join(', '), oneOf(...certificateRoles))
    .requiredOption('--out <file>', 'file to write')
    .option('--pem', 'as PEM (the default)')
    .option('--der', 'as DER')
    .action((options: Options<{ identity: string; role: (typeof certificateRoles)[number]; out: string; pem?: true; der?: true }>) => options.pem && options.der ? usage('give --pem or --der') : withSession(options, existing, async ({ call, output }) => {
      const { der, pem, sha256 } = await call(contract.pki.certificate, { identity: options.identity, role: options.role });
      try {
        writeFileSync(options.out, options.der ? Buffer.from(der, 'base64') : pem, { flag: 'wx' });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        refuse('FILE_NOT_WRITTEN', code === 'EEXIST' ? `${options.out} is there already` : `${options.out} cannot be written (${code ?? 'unknown reason'})`);
      }
      output.result({ file: options.out, form: options.der ? 'der' : 'pem', sha256 }, `${options.out}: ${options.role} of ${options.identity}, SHA-256 ${sha256}`);
    }));
  addCommand(pki, 'list', 'list identities and certificates')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.pki.list, {});
      output.result({ rows }, () => table(['identity', 'role', 'subject', 'curve', 'valid to', 'key', 'usable'], rows.map((r) => [r.identity, r.role, r.subject, r.curve, day(r.notAfter), r.key, r.usable ? 'yes' : r.why ?? 'no'])));
    }));
  addCommand(pki, 'identities', 'each identity: complete or what it lacks, and who uses it')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.pki.identities, {});
      output.result({ rows }, () => rows.map((r) => [
        `${r.name}  ${r.usable ? 'usable' : 'not usable'}  ${r.curve}${r.test ? '  test' : ''}  CI ${r.ciKeyId || '(none)'}`,
        `  listeners: ${r.listeners.join(', ') || 'none'}; eUICCs seen that could use it: ${r.euiccs.couldUse} of ${r.euiccs.known}`,
        ...(r.crl ? [`  revocation list ${r.crl.number}, next by ${day(r.crl.nextUpdate)}${r.crl.state === 'overdue' ? ' (overdue)' : ''}`] : []),
        ...r.missing.map((text) => `  missing: ${text}`), ...r.warnings.map((text) => `  warning: ${text}`),
      ].join('\n')).join('\n') || 'No identity yet: pki import --role ci --cert FILE --identity NAME');
    }));
  addCommand(pki, 'horizon', 'when certificates and revocation lists end, and what stops working then')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.pki.horizon, {});
      output.result({ rows }, () => table(['ends', 'days', 'alarm', 'what', 'then'], rows.map((r) => [day(r.ends), String(r.daysLeft), r.alarm, r.title, r.consequence])));
    }));
  addCommand(pki, 'mismatch', 'which eUICCs seen so far would be refused for their CI keys')
    .option('--identity <name...>', 'as if only these identities were there')
    .action((options: Options<{ identity?: string[] }>) => withSession(options, existing, async ({ call, output }) => {
      const result = await call(contract.pki.mismatch, options.identity ? { identities: options.identity } : {});
      output.result(result, () => [
        `${result.served} of ${result.known} eUICCs seen would be served`,
        ...result.groups.map((g) => `${g.code}: ${g.count} eUICCs, such as ${g.examples[0] ?? '-'}. ${g.why}\n  verify under ${g.verification.join(', ') || 'nothing'}; sign under ${g.signing.join(', ') || 'nothing'}`),
      ].join('\n'));
    }));
  addCommand(pki, 'retire', 'take a certificate, or with no --role the whole identity, out of use')
    .requiredOption('--identity <name>', 'name of the identity')
    .option('--role <role>', certificateRoles.join(', '), oneOf(...certificateRoles))
    .option('--sha256 <hex>', 'which of several certificates of the role')
    .action((options: Options<{ identity: string; role?: (typeof certificateRoles)[number]; sha256?: string }>) => withSession(options, existing, async ({ call, output }) => {
      if (options.sha256 !== undefined && options.role === undefined) usage('--sha256 goes with --role.');
      const certificateId = options.role === undefined ? undefined : await chosenCertificate(call, options.identity, options.role, options.sha256?.toLowerCase());
      const result = await call(contract.pki.retire, { identity: options.identity, ...(certificateId === undefined ? {} : { certificateId }) });
      output.result(result, `Out of use: ${result.retired.map((one) => `${one.role} of ${result.identity}`).join(', ')}`);
    }));

  const crl = group(pki, 'crl', 'revocation lists');
  addCommand(crl, 'import <file>', 'import a revocation list (DER, PEM or base64)')
    .action((file: string, options: Options) => withSession(options, existing, async ({ call, uploadFile, output }) => {
      const result = await call(contract.pki.importCrl, { crl: await uploadFile(file) });
      output.result(result, [
        result.state === 'unchanged' ? `Revocation list ${result.crl.number} of ${result.crl.issuer} was imported before`
          : `Revocation list ${result.crl.number} of ${result.crl.issuer}: ${result.crl.revoked === 1 ? '1 entry' : `${result.crl.revoked} entries`}, ${result.newlyRevoked} new; next list by ${day(result.crl.nextUpdate)}`,
        ...result.ours.map((text) => `REVOKED: ${text}`), ...result.warnings.map((text) => `Warning: ${text}`),
      ].join('\n'));
    }));
  addCommand(crl, 'list', 'list the revocation lists in force')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const result = await call(contract.pki.crls, {});
      output.result(result, () => `${table(['issuer', 'role', 'number', 'entries', 'of', 'next by', 'state'], result.rows.map((r) => [r.issuer, r.role, r.number, String(r.revoked), day(r.thisUpdate), day(r.nextUpdate), r.state]))}\n${result.policyText}`);
    }));

  const audit = group(program, 'audit', 'the audit log');
  addCommand(audit, 'verify', 'recompute the whole chain of the audit log')
    .option('--expect-head <head>', 'HEX[:RECORDS], a head kept elsewhere: the chain must contain it', parseHead)
    .action((options: Options<{ expectHead?: ExpectedHead }>) => withSession(options, existing, async ({ call, output }) => {
      const result = await call(contract.audit.verify, options.expectHead ? { expectedHead: options.expectHead } : {});
      if (!result.verified) {
        const message = `The audit log is broken at record ${result.firstBad}: ${result.reason}`;
        output.refused(result, { code: 'AUDIT_BROKEN', message }, message);
        return;
      }
      output.result(result, [
        `Audit log: ${result.records} records verified, head ${result.head}`,
        ...(options.expectHead ? ['The head given is one of them: nothing up to it was changed or cut off.'] : []),
        'This covers the audit log, not the other tables. Whoever can write the database could write the whole log anew:',
        `keep the head outside this machine and compare later with --expect-head ${result.head}:${result.records}`,
      ].join('\n'));
    }));
}
