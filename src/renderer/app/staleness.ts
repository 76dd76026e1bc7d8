/** Which questions go stale when an area of the engine changed. */

const alsoTouched: Readonly<Record<string, readonly string[]>> = {
  profiles: ['profiles', 'stock', 'numbers', 'levels', 'types.list', 'workspace.home', 'audit', 'workspace.status'],
  stock: ['profiles', 'stock', 'numbers', 'levels', 'types.list', 'workspace.home', 'jobs', 'audit', 'workspace.status'],
  brands: ['brands', 'workspace.home', 'audit', 'workspace.status'],
  outbox: ['outbox', 'brands', 'workspace.home', 'audit', 'workspace.status'],
  devices: ['devices', 'pki'],
  orders: ['orders', 'levels', 'brands', 'outbox', 'profiles', 'types.list', 'workspace.home', 'audit', 'workspace.status'],
  sessions: ['sessions', 'orders', 'profiles', 'workspace.home'],
  downloads: ['sessions', 'orders', 'profiles', 'workspace.home'],
  jobs: ['jobs', 'imports', 'preparation', 'outputs', 'workspace.status', 'workspace.home'],
  imports: ['imports', 'profiles', 'stock', 'numbers', 'levels', 'types.list', 'workspace.home', 'jobs', 'audit', 'workspace.status'],
  transportKeys: ['transportKeys', 'outputs', 'audit'],
  preparation: ['preparation', 'outputs', 'profiles', 'stock', 'numbers', 'levels', 'types.list', 'workspace.home', 'jobs', 'audit', 'workspace.status'],
  outputs: ['outputs', 'preparation', 'jobs', 'audit'],
  numbers: ['numbers', 'levels', 'stock', 'brands', 'workspace.home', 'audit'],
  levels: ['levels', 'numbers', 'workspace.home', 'audit'],
  types: ['types', 'levels', 'numbers.policies', 'workspace.home'],
  workspace: ['workspace'],
  settings: ['workspace'],
  audit: ['audit', 'workspace.status'],
  pki: ['pki', 'workspace.home'],
  keys: ['pki', 'workspace.home'],
};

/** Procedure or area names to read again; `all` for an area this window does not know. */
export function staleAreas(area: string): ReadonlySet<string> | 'all' {
  const names = alsoTouched[area];
  return names === undefined ? 'all' : new Set(names);
}

const pagesReloaded = 3;

/** A paged list of which more than a few pages were read: reading it again would cost as many round trips. */
export function tooDeepToReload(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'pages' in data && Array.isArray(data.pages) && data.pages.length > pagesReloaded;
}
