/** Every procedure of the product, by name. */
import { audit } from './audit.ts';
import { brands } from './brands.ts';
import type { Procedure } from './define.ts';
import { devices } from './devices.ts';
import { imports, transportKeys } from './imports.ts';
import { bulk, inventory, labels, views } from './inventory.ts';
import { levels, numbers } from './numbers.ts';
import { orders } from './orders.ts';
import { outbox } from './outbox.ts';
import { pki } from './pki.ts';
import { outputs, preparation } from './preparation.ts';
import { jobs, profiles, stock } from './profiles.ts';
import { sessions } from './sessions.ts';
import { types } from './types.ts';
import { workspace } from './workspace.ts';

export const contract = { workspace, types, profiles, inventory, bulk, views, labels, stock, imports, transportKeys, preparation, outputs, numbers, levels, jobs, orders, brands, sessions, devices, outbox, audit, pki } as const;
export type Contract = typeof contract;

export const procedures: ReadonlyMap<string, Procedure> = new Map(
  Object.values(contract).flatMap((area) => Object.values(area) as Procedure[]).map((p) => [p.name, p] as const),
);

export * from './define.ts';
export * from './states.ts';
export type { DeskBridge } from './bridge.ts';
