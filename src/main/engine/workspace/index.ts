export { defaultsFor, defaultSettings, readSettings } from './settings.ts';
export { procedures } from './procedures.ts';
export { readSettingsFile, withManaged, type ManagedSettings } from './settings-file.ts';
