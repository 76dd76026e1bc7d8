/** Profile metadata by SGP.22 v2.2, 5.5.3: what must never be written. */
import { expect, test } from 'vitest';
import { buildMetadata } from '../../../src/main/rsp/index.ts';

const PLAIN = { iccid: '8900012345678901234', serviceProviderName: 'UNIT TEST', profileName: 'Unit test profile', profileClass: 'operational', notifications: [] } as const;

test.each([['MCC', 'E01', '01'], ['MCC', '26E', '01'], ['MNC', '262', 'E1'], ['MNC', '262', '01E'], ['MNC', '262', '0F']])('an owner with a wildcard in its %s (%s %s) is not written', (_where, mcc, mnc) => {
  expect(() => buildMetadata({ ...PLAIN, owner: { mcc, mnc }, ppr: { ppr1: true } })).toThrow();
  expect(() => buildMetadata({ ...PLAIN, owner: { mcc, mnc } })).toThrow();
});
