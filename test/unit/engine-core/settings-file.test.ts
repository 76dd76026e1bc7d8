import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings, readSettingsFile, withManaged } from '../../../src/main/engine/workspace/index.ts';
import { refuseManaged } from '../../../src/main/engine/workspace/settings-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = (content: unknown) => writeFileSync(join(folder, 'settings.json'), typeof content === 'string' ? content : JSON.stringify(content));
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { code: string; field?: string }).code + ((error as { field?: string }).field ? ` ${(error as { field?: string }).field}` : '');
  }
  return 'nothing';
};

describe('settings.json', () => {
  it('may be absent', () => expect(readSettingsFile(folder)).toEqual({}));

  it('stands before what is stored, one limit at a time', () => {
    file({ orderLifetimeDays: 7, limits: { bodyBytes: 131_072 } });
    const inForce = withManaged({ ...defaultSettings, orderLifetimeDays: 30, downloadLimit: 9 }, readSettingsFile(folder));
    expect(inForce).toEqual({ ...defaultSettings, orderLifetimeDays: 7, downloadLimit: 9, limits: { ...defaultSettings.limits, bodyBytes: 131_072 } });
  });

  it('is refused whole when a part is wrong', () => {
    file('{ not json');
    expect(codeOf(() => readSettingsFile(folder))).toBe('SETTINGS_INVALID');
    file({ limits: { bodyBytes: 1 } });
    expect(codeOf(() => readSettingsFile(folder))).toBe('SETTINGS_INVALID limits.bodyBytes');
    file({ limits: { bodyBites: 131_072 } });
    expect(codeOf(() => readSettingsFile(folder))).toBe('SETTINGS_INVALID limits');
    file({ orderLifetime: 7 });
    expect(codeOf(() => readSettingsFile(folder))).toBe('SETTINGS_INVALID');
  });

  it('fixes what it names, and only that', () => {
    const managed = { orderLifetimeDays: 7, limits: { bodyBytes: 131_072 } };
    expect(codeOf(() => refuseManaged({ orderLifetimeDays: 8 }, managed))).toBe('SETTING_MANAGED settings.orderLifetimeDays');
    expect(codeOf(() => refuseManaged({ limits: { ...defaultSettings.limits, bodyBytes: 262_144 } }, managed))).toBe('SETTING_MANAGED settings.limits.bodyBytes');
    expect(codeOf(() => refuseManaged({ orderLifetimeDays: 7, downloadLimit: 3, limits: { ...defaultSettings.limits, bodyBytes: 131_072, connections: 50 } }, managed))).toBe('nothing');
  });
});
