import { z } from 'zod';
import { instant, procedure } from './define.ts';
import { activationEvent } from './states.ts';

export const listenerStatus = z.object({
  kind: z.enum(['es9plus', 'es2plus', 'console']),
  address: z.string(),
  port: z.number().int(),
  identities: z.array(z.string()),
  state: z.enum(['listening', 'failed']),
  message: z.string().optional(),
});

export const settings = z.object({
  /** FQDN (and port, in the lab) that devices are sent to; goes into activation codes. */
  smdpAddress: z.string().min(1).max(253),
  /** Days an order stays downloadable unless told otherwise. */
  orderLifetimeDays: z.number().int().min(1).max(3650),
  /** Downloads a device may begin before the order ends. */
  downloadLimit: z.number().int().min(1).max(1000),
  confirmationAttempts: z.number().int().min(1).max(100),
  sessionMinutes: z.number().int().min(1).max(120),
  /** Days a session and its messages are kept; those of orders still open, or whose result is outstanding, stay. */
  sessionKeepDays: z.number().int().min(1).max(3650),
  /** What a device hears that comes back for a delivered package with another one-time key: a fresh package, or 8.2/3.7. */
  rebinding: z.enum(['fresh', 'refuse']),
  /** What happens when the eUICC does not have what the package asks for: refused with 8.2.5/4.3, or noted in the timeline. */
  eligibility: z.object({
    /** Mandatory services of the package against the capabilities of the eUICC. */
    services: z.enum(['refuse', 'note']),
    /** Major version of the package against the versions the eUICC reads. */
    version: z.enum(['refuse', 'note']),
  }),
  /**
   * Revocation lists (SGP.22 v2.2, 4.6): `required` refuses eUICCs under a CI without a list in force; `when-present` goes by the
   * lists there are. Live workspaces begin with `required`.
   */
  revocation: z.enum(['when-present', 'required']),
  limits: z.object({
    bodyBytes: z.number().int().min(65_536).max(16_777_216),
    headerSeconds: z.number().int().min(1).max(120),
    bodySeconds: z.number().int().min(1).max(300),
    connections: z.number().int().min(8).max(65_536),
    connectionsPerAddress: z.number().int().min(1).max(65_536),
    requestsPerMinutePerAddress: z.number().int().min(10).max(1_000_000),
    /** Refused MatchingIDs in an hour after which an eUICC is refused for the rest of that hour. */
    scanPerEidPerHour: z.number().int().min(1).max(10_000),
    /** The same for a network address and for MatchingIDs that begin alike; then one refusal blocks an eUICC. */
    scanPerAddressPerHour: z.number().int().min(1).max(100_000),
    /** Sessions of one address in which no eUICC has proven itself yet; beyond, the oldest ends. */
    openSessionsPerAddress: z.number().int().min(1).max(100_000),
  }),
});
export type Settings = z.infer<typeof settings>;

export const workspaceStatus = z.object({
  workspaceId: z.string(),
  name: z.string(),
  environment: z.enum(['lab', 'test', 'live']),
  version: z.string(),
  startedAt: instant,
  /** Process ids on this machine: of the engine, and of the host that started it and can stop it. */
  processes: z.object({ engine: z.number().int(), host: z.number().int() }).optional(),
  smdpAddress: z.string(),
  vault: z.object({
    state: z.enum(['ready', 'starting', 'unavailable']),
    /** How the key encryption key is protected: `not protected` in a lab without set-up. */
    protection: z.enum(['not-protected', 'passphrase', 'unknown']),
    restarts: z.number().int(),
  }),
  database: z.object({ bytes: z.number().int(), schema: z.string(), state: z.enum(['ok', 'read-only']) }),
  chain: z.object({ records: z.number().int(), head: z.string() }),
  listeners: z.array(listenerStatus),
  jobsRunning: z.number().int(),
  /** What the last start had to repair, in sentences. */
  recovered: z.array(z.string()),
});

export const attentionItem = z.object({
  kind: z.enum(['expiring', 'half-done', 'failed', 'low-stock', 'quarantined', 'job-failed', 'certificate', 'outbox-dead', 'scan']),
  severity: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  count: z.number().int(),
  /** In-app address of the list behind the number, e.g. `/inventory?order=error`. */
  href: z.string(),
});

export const home = z.object({
  stock: z.array(z.object({
    type: z.string(), imported: z.number().int(), sellable: z.number().int(), sold: z.number().int(), quarantined: z.number().int(),
    /** Against its marks; `daysLeft` at the speed it is sold. */
    level: z.enum(['ok', 'soon', 'low', 'out', 'none']).optional(), daysLeft: z.number().optional(),
  })),
  profiles: z.number().int(),
  activations: z.object({
    today: z.number().int(), sevenDays: z.number().int(), waiting: z.number().int(),
    /** Orders by how they ended, ever; a refused attempt alone ends nothing. */
    installed: z.number().int(), failed: z.number().int(),
  }),
  /** Per day, oldest first, local midnight of the workspace's zone (UTC). */
  perDay: z.array(z.object({ day: z.string(), ordered: z.number().int(), installed: z.number().int(), failed: z.number().int() })),
  /** Milliseconds from release to installed over the last 30 days; absent below 20 samples. */
  timeToInstalled: z.object({ samples: z.number().int(), p50: z.number().optional(), p90: z.number().optional() }),
  attention: z.array(attentionItem),
  recent: z.array(activationEvent.extend({ iccid: z.string() })),
});

export const searchHit = z.object({
  kind: z.enum(['profile', 'order', 'session', 'type', 'template', 'batch', 'import', 'brand', 'label', 'job']),
  id: z.string(),
  title: z.string(),
  subtitle: z.string(),
  href: z.string(),
});

const quiet = { record: 'none', why: 'reads only what the screen shows; no personal data leaves the workspace' } as const;

export const workspace = {
  status: procedure({
    name: 'workspace.status', kind: 'query', summary: 'State of workspace, vault, listeners and audit chain',
    input: z.object({}), output: workspaceStatus, permission: 'workspace.view', audit: quiet, errors: [],
  }),
  home: procedure({
    name: 'workspace.home', kind: 'query', summary: 'Figures and attention list of the Home screen',
    input: z.object({}), output: home, permission: 'workspace.view', audit: quiet, errors: [],
  }),
  search: procedure({
    name: 'workspace.search', kind: 'query', summary: 'Finds a profile, order or session by any identifier, also partial or pasted with spaces',
    input: z.object({ text: z.string().min(1).max(400) }),
    output: z.object({ recognised: z.string().optional(), hits: z.array(searchHit) }),
    permission: 'profile.view', audit: quiet, errors: [],
  }),
  settings: procedure({
    name: 'workspace.settings', kind: 'query', summary: 'Settings with their values',
    input: z.object({}), output: settings, permission: 'workspace.view', audit: quiet, errors: [],
  }),
  saveSettings: procedure({
    name: 'workspace.saveSettings', kind: 'command', summary: 'Changes settings',
    input: z.object({ settings: settings.partial() }), output: settings, permission: 'workspace.manage',
    audit: { record: 'always', event: 'settings.changed', fields: ['settings'] }, errors: ['SETTING_MANAGED'],
  }),
  backup: procedure({
    name: 'workspace.backup', kind: 'command', summary: 'Writes a consistent, checked copy of the database into the backup folder',
    input: z.object({}), output: z.object({ file: z.string(), bytes: z.number().int(), sha256: z.string() }),
    permission: 'workspace.manage', audit: { record: 'always', event: 'backup.written', fields: ['file', 'bytes', 'sha256'] }, errors: ['BACKUP_FAILED'],
  }),
  /** Tells a window which lists went stale; carries no data of its own. */
  changes: procedure({
    name: 'workspace.changes', kind: 'stream', summary: 'Areas that changed since',
    input: z.object({}),
    output: z.object({ areas: z.array(z.string()), at: instant }),
    permission: 'workspace.view', audit: quiet, errors: [],
  }),
};
