export { defaultSettings, readSettings } from './settings.ts';
export { procedures } from './procedures.ts';
