/** pki import, pki list, audit verify. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { certificateRoles } from '../../shared/contract/pki.ts';
import { table } from './output.ts';
import { addCommand, group, oneOf, type Options } from './program.ts';
import { existing, withSession } from './session.ts';

interface ExpectedHead { hash: string; records?: number }

function parseHead(text: string): ExpectedHead {
  const match = /^([0-9a-fA-F]{64})(?::([1-9]\d{0,14}))?$/.exec(text);
  if (!match) throw new InvalidArgumentError('a head reads HEX or HEX:RECORDS, with 64 hexadecimal digits.');
  return { hash: match[1]!.toLowerCase(), ...(match[2] === undefined ? {} : { records: Number(match[2]) }) };
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
      output.result(row, `${row.identity} ${row.role}: ${row.subject}, valid to ${new Date(row.notAfter).toISOString().slice(0, 10)}`);
    }));
  addCommand(pki, 'list', 'list identities and certificates')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.pki.list, {});
      output.result({ rows }, () => table(['identity', 'role', 'subject', 'curve', 'valid to', 'key'], rows.map((r) => [r.identity, r.role, r.subject, r.curve, new Date(r.notAfter).toISOString().slice(0, 10), r.key])));
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
