import { describe, expect, it, vi } from 'vitest';
import { CommandClash, enablement, joinCommands, matchScore, runCommand, secondOfWalk, type CommandSpec } from '../../../src/renderer/app/commands.ts';
import { standingCommands, type CommandWorld } from '../../../src/renderer/app/command-list.ts';
import { nothingFound } from '../../../src/renderer/app/search-words.ts';
import { areaAt, areas } from '../../../src/renderer/app/areas.ts';
import { permissions, type Permission } from '../../../src/shared/contract/index.ts';

const command = (more: Partial<CommandSpec> = {}): CommandSpec => ({ id: 'order.new', title: 'New order', group: 'Do', keywords: ['activation', 'qr'], run: () => {}, ...more });
const none: ReadonlySet<Permission> = new Set();

function world(environment: CommandWorld['environment']): CommandWorld {
  return {
    navigate: vi.fn(), pathname: '/', open: vi.fn(), environment,
    preferences: { theme: 'light', mode: 'light', calm: false, zone: 'utc', letters: true, setLetters: vi.fn(), setTheme: vi.fn(), setZone: vi.fn() },
    toasts: { done: vi.fn(), failed: vi.fn() }, client: { invalidateQueries: vi.fn() } as unknown as CommandWorld['client'],
  };
}

describe('a command', () => {
  it('runs when nothing stands against it', () => {
    const run = vi.fn();
    expect(runCommand(command({ run }), none)).toBeUndefined();
    expect(run).toHaveBeenCalledOnce();
  });
  it('does not run when blocked, and says why', () => {
    const run = vi.fn();
    expect(runCommand(command({ run, blocked: () => 'The order is closed already' }), none)).toBe('The order is closed already');
    expect(run).not.toHaveBeenCalled();
  });
  it('does not run without its permission, whatever it says itself', () => {
    const run = vi.fn();
    const reason = runCommand(command({ run, permission: 'order.manage' }), new Set<Permission>(['order.manage']));
    expect(reason).toContain('order.manage');
    expect(run).not.toHaveBeenCalled();
    expect(enablement(command({ permission: 'order.view' }), new Set<Permission>(['order.manage'])).enabled).toBe(true);
  });
});

describe('the registry', () => {
  it('refuses the same id twice', () => {
    expect(() => joinCommands([command()], [command()])).toThrow(CommandClash);
  });
  it('refuses the same shortcut twice', () => {
    expect(() => joinCommands([command({ shortcut: 'n' })], [command({ id: 'other', shortcut: 'n' })])).toThrow(/n stands for both/);
  });
  it('of the window has no clash, only known permissions, and a way to every area', () => {
    const all = joinCommands(standingCommands(world('lab')));
    for (const each of all) if (each.permission !== undefined) expect(permissions).toContain(each.permission);
    for (const area of areas) expect(all.find((c) => c.id === `go.${area.id}`)?.shortcut).toBe(`g ${area.key}`);
  });
  it('lets only a Lab workspace take synthetic profiles', () => {
    const fill = (environment: CommandWorld['environment']) => enablement(standingCommands(world(environment)).find((c) => c.id === 'lab.fill') ?? command(), none);
    expect(fill('lab').enabled).toBe(true);
    expect(fill('live')).toEqual({ enabled: false, reason: 'Only a Lab workspace takes synthetic profiles' });
    expect(fill(undefined).enabled).toBe(false);
  });
});

describe('typing into the palette', () => {
  it('finds by beginnings of words, in any order', () => {
    expect(matchScore(command(), 'ord')).toBeGreaterThan(0);
    expect(matchScore(command(), 'order new')).toBeGreaterThan(0);
    expect(matchScore(command(), 'qr')).toBeGreaterThan(0);
    expect(matchScore(command(), 'order xyz')).toBe(0);
  });
  it('puts a title before a keyword', () => {
    expect(matchScore(command(), 'order')).toBeGreaterThan(matchScore(command({ title: 'Import stock', keywords: ['order'] }), 'order'));
  });
});

describe('walking with g', () => {
  it('keeps the second letter from being a shortcut of its own', () => {
    expect(secondOfWalk({ key: 'g', at: 100 }, 600)).toBe(true);
    expect(secondOfWalk({ key: 'g', at: 100 }, 1_700)).toBe(false);
    expect(secondOfWalk({ key: 'h', at: 100 }, 200)).toBe(false);
  });
});

describe('a search without a result', () => {
  it('says so, and as what the text was read', () => {
    expect(nothingFound('8949000000000000001', 'ICCID')).toBe('Nothing found for “8949000000000000001” (read as an ICCID)');
    expect(nothingFound('x', 'MatchingID')).toBe('Nothing found for “x” (read as a MatchingID)');
    expect(nothingFound('x', 'Activation code')).toContain('(read as an activation code)');
    expect(nothingFound('x', 'IMSI or MSISDN')).toContain('(read as an IMSI or MSISDN)');
    expect(nothingFound('12', 'Digits')).toContain('(read as digits of some number)');
    expect(nothingFound('nobody')).toBe('Nothing found for “nobody”');
    expect(nothingFound('9'.repeat(400)).length).toBeLessThan(80);
  });
});

describe('areas', () => {
  it('are found by their addresses, and only by theirs', () => {
    expect(areaAt('/')?.id).toBe('home');
    expect(areaAt('/inventory/8945')?.id).toBe('inventory');
    expect(areaAt('/inventoryx')).toBeUndefined();
    expect(areaAt('/nowhere')).toBeUndefined();
  });
});
