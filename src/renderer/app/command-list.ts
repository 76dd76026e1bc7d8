/** Every command that does not belong to one screen. */
import type { QueryClient } from '@tanstack/react-query';
import { contract } from '../../shared/contract/index.ts';
import { bytes, count } from '../design/formats.ts';
import { headerSearchId, jobsMenuId, listFilterId, stockFileId } from '../design/ids.ts';
import { areas } from './areas.ts';
import { call } from './client.ts';
import type { CommandSpec } from './commands.ts';
import type { DialogRequest } from './dialogs.tsx';
import type { usePreferences } from './preferences.tsx';
import type { useToasts } from './toasts.tsx';

export interface CommandWorld {
  readonly navigate: (to: string) => void | Promise<void>;
  readonly pathname: string;
  readonly preferences: ReturnType<typeof usePreferences>;
  readonly open: (request: DialogRequest) => void;
  readonly toasts: ReturnType<typeof useToasts>;
  readonly client: QueryClient;
  readonly environment: 'lab' | 'test' | 'live' | undefined;
}

const focus = (id: string): void => document.getElementById(id)?.focus();

const keyTabs = [
  ['horizon', 'Validity of certificates', ['expiry', 'ends', 'horizon']],
  ['crls', 'Revocation lists', ['crl', 'revoked']],
  ['devices', 'Device check: eUICCs without a common CI key', ['mismatch', 'euicc', '8.8.2', '8.8.4']],
] as const;

export function standingCommands(world: CommandWorld): CommandSpec[] {
  const { navigate, preferences, open, toasts } = world;
  const go = areas.map((area): CommandSpec => ({ id: `go.${area.id}`, title: area.name, group: 'Go to', keywords: area.keywords, shortcut: `g ${area.key}`, permission: area.permission, run: () => void navigate(area.path) }));
  return [
    ...go,
    { id: 'palette.open', title: 'Command palette', group: 'Help', shortcut: '$mod+k', run: () => open({ kind: 'palette' }) },
    { id: 'shortcuts.open', title: 'Keyboard shortcuts', group: 'Help', keywords: ['keys', 'help'], shortcut: 'Shift+?', run: () => open({ kind: 'shortcuts' }) },
    { id: 'search.focus', title: 'Find an identifier', group: 'Go to', keywords: ['search', 'iccid', 'eid', 'imsi', 'msisdn', 'matchingid'], shortcut: 's', run: () => focus(headerSearchId) },
    { id: 'jobs.open', title: 'Jobs', group: 'Go to', keywords: ['progress', 'imports', 'preparation'], shortcut: 'g j', permission: 'workspace.view', run: () => document.getElementById(jobsMenuId)?.click() },
    { id: 'list.filter', title: 'Filter this list', group: 'View', shortcut: '/', run: () => (document.getElementById(listFilterId) === null ? focus(headerSearchId) : focus(listFilterId)) },
    { id: 'sessions.decode', title: 'Decode what a phone shows', group: 'Do', keywords: ['error', 'code', 'status', 'log', 'lpac', 'android', 'der', 'activation code', 'paste'], permission: 'session.view', run: () => void navigate('/sessions?view=decoder') },
    { id: 'order.new', title: 'New order', group: 'Do', keywords: ['activation', 'qr', 'download', 'esim'], shortcut: 'n', permission: 'order.manage', run: () => open({ kind: 'order.new' }) },
    { id: 'stock.import', title: 'Import stock', group: 'Do', keywords: ['csv', 'file', 'profiles', 'vendor', 'inp', 'out'], shortcut: 'i', permission: 'stock.import', run: () => (world.pathname === '/imports' ? document.getElementById(stockFileId)?.click() : void navigate('/imports')) },
    { id: 'stock.prepare', title: 'Prepare profiles', group: 'Do', keywords: ['batch', 'personalise'], shortcut: 'p', permission: 'preparation.run', run: () => void navigate('/preparation/new') },
    { id: 'range.create', title: 'Add number range', group: 'Do', keywords: ['iccid', 'imsi', 'msisdn'], permission: 'stock.import', run: () => open({ kind: 'range.create' }) },
    { id: 'numbers.add', title: 'Add block of numbers', group: 'Do', keywords: ['ledger', 'iccid', 'imsi', 'msisdn'], permission: 'number.manage', run: () => open({ kind: 'numbers.add' }) },
    { id: 'numbers.levels', title: 'Stock levels and proposals', group: 'Go to', keywords: ['low-water', 'cover', 'forecast', 'burn rate'], permission: 'number.view', run: () => void navigate('/numbers/levels') },
    { id: 'numbers.policies', title: 'Recycling and quarantine policies', group: 'Go to', keywords: ['reuse', 'cooling off'], permission: 'profile.view', run: () => void navigate('/numbers/policies') },
    {
      id: 'numbers.check', title: 'Check the ledgers', group: 'Do', keywords: ['proof', 'gaps', 'reuse', 'overlap', 'numbers'], permission: 'number.manage',
      run: () => void call(contract.numbers.check, {}).then((job) => open({ kind: 'job', id: job.id }), (error: unknown) => toasts.failed(error, 'The check could not start')),
    },
    { id: 'profile.add', title: 'Add one profile', group: 'Do', keywords: ['iccid', 'imsi', 'stock'], permission: 'stock.import', run: () => open({ kind: 'profile.add' }) },
    { id: 'template.import', title: 'Import template', group: 'Do', keywords: ['profile package', 'saip', 'der', 'ts.48'], permission: 'type.manage', run: () => open({ kind: 'template.import' }) },
    {
      id: 'template.sample', title: 'Add the built-in sample template', group: 'Do', keywords: ['template', 'start', 'example'], permission: 'type.manage',
      run: () => void call(contract.types.addSampleTemplate, {}).then(({ template }) => {
        toasts.done(`Template ${template.name}, version ${template.version}`);
        void navigate(`/templates/${template.id}`);
      }, (error: unknown) => toasts.failed(error, 'The sample template')),
    },
    { id: 'types.open', title: 'Profile types', group: 'Go to', keywords: ['metadata', 'types'], permission: 'profile.view', run: () => void navigate('/templates/types') },
    { id: 'type.create', title: 'Create profile type', group: 'Do', keywords: ['metadata', 'provider name', 'icon'], permission: 'type.manage', run: () => open({ kind: 'type.create' }) },
    { id: 'brand.add', title: 'Add brand', group: 'Do', keywords: ['es2+', 'customer', 'operator', 'client certificate'], permission: 'brand.manage', run: () => open({ kind: 'brand.add' }) },
    { id: 'certificate.import', title: 'Import certificate', group: 'Do', keywords: ['pki', 'key', 'dpauth', 'dppb', 'tls', 'ci', 'eum', 'pem', 'der'], permission: 'keys.manage', run: () => open({ kind: 'certificate.import' }) },
    { id: 'transportKey.add', title: 'Add transport key', group: 'Do', keywords: ['k4', 'kcv', 'component', 'wrapping', 'import', 'auc'], permission: 'keys.manage', run: () => open({ kind: 'transportKey.add' }) },
    { id: 'recipient.add', title: 'Add recipient of output files', group: 'Do', keywords: ['hlr', 'ota', 'print', 'output', 'age'], permission: 'output.make', run: () => void navigate('/preparation/recipients/new') },
    { id: 'crl.import', title: 'Import revocation list', group: 'Do', keywords: ['crl', 'revoked', 'pki'], permission: 'keys.manage', run: () => open({ kind: 'crl.import' }) },
    ...keyTabs.map(([tab, title, keywords]): CommandSpec => ({ id: `keys.${tab}`, title, group: 'Go to', keywords, permission: 'keys.view', run: () => void navigate(`/keys/${tab}`) })),
    {
      id: 'lab.fill', title: 'Load sample profiles', group: 'Do', keywords: ['lab', 'synthetic', 'demo'], permission: 'lab.use',
      blocked: () => (world.environment === 'lab' ? undefined : 'Only a Lab workspace takes synthetic profiles'), run: () => open({ kind: 'lab.fill' }),
    },
    {
      id: 'workspace.backup', title: 'Back up the database', group: 'Do', keywords: ['copy', 'save'], permission: 'workspace.manage',
      run: () => void call(contract.workspace.backup, {}).then((copy) => toasts.done(`Backup written and checked: ${copy.file} (${bytes(copy.bytes)})`), (error: unknown) => toasts.failed(error, 'Backup')),
    },
    {
      id: 'audit.verify', title: 'Verify the audit chain', group: 'Do', keywords: ['hash', 'proof'], permission: 'audit.view',
      run: () =>
        void call(contract.audit.verify, {}).then(
          (chain) => (chain.verified ? toasts.done(`The audit chain is intact: ${count(chain.records)} records, head ${chain.head.slice(0, 12)}…`) : toasts.failed(`${chain.reason ?? 'a record does not fit'} (record ${chain.firstBad ?? '?'})`, 'The audit chain is broken')),
          (error: unknown) => toasts.failed(error, 'Verification'),
        ),
    },
    { id: 'view.refresh', title: 'Read everything again', group: 'View', keywords: ['reload', 'refresh'], shortcut: 'r', run: () => void world.client.invalidateQueries() },
    { id: 'view.zone', title: preferences.zone === 'utc' ? 'Show times in local time' : 'Show times in UTC', group: 'View', keywords: ['zone', 'utc', 'time'], shortcut: 'z', run: () => preferences.setZone(preferences.zone === 'utc' ? 'local' : 'utc') },
    { id: 'view.theme', title: preferences.mode === 'dark' ? 'Light theme' : 'Dark theme', group: 'View', keywords: ['dark', 'light', 'colour'], shortcut: 't', run: () => preferences.setTheme(preferences.mode === 'dark' ? 'light' : 'dark') },
    { id: 'view.theme.system', title: 'Theme of the system', group: 'View', keywords: ['dark', 'light'], run: () => preferences.setTheme('system') },
  ];
}
