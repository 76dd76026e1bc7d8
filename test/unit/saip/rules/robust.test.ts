import { describe, expect, it } from 'vitest';
import {
  checkPackage, checkRoundTrip, encodeTree, estimateSize, fileSystem, type Node, parseTree, readPackage, RULES, SaipError, viewEntry,
} from '../../../../src/main/saip/index.ts';
import { fromHex } from '../../../../src/shared/tlv/index.ts';
import { seeded } from '../../../fixtures/saip/fuzz.ts';
import { iotPackage, managedRoot } from '../../../fixtures/saip/rules/other-roots.ts';
import { rich } from '../../../fixtures/saip/rules/rich.ts';
import { at, mutate, vendorTemplate } from '../../../fixtures/saip/values.ts';

const SEED = 20_260_418;

/** One to four changes that keep most of the structure, so that the rules behind the first ones are reached. */
function bend(nodes: Node[], random: () => number): void {
  for (let i = 0; i <= random() * 3; i++) {
    let list = nodes;
    let node = list[Math.floor(random() * list.length)];
    while (node?.children && node.children.length > 0 && random() > 0.1) {
      list = node.children;
      node = list[Math.floor(random() * list.length)];
    }
    if (!node) return;
    const kind = random();
    if (kind < 0.25) list.splice(list.indexOf(node), 1);
    else if (kind < 0.4) list.splice(list.indexOf(node), 0, structuredClone(node));
    else if (node.children) node.children = node.children.toReversed();
    else if (kind < 0.7) node.value = node.value.subarray(0, Math.floor(random() * node.value.length));
    else node.value = Uint8Array.from({ length: Math.floor(random() * 70) }, () => Math.floor(random() * 256));
  }
}

/** Looks at a package in every way there is; anything but a SaipError is a failure. */
function look(der: Uint8Array): number {
  const findings = checkPackage(der, { plmns: ['00101'], owner: { plmn: '00101', gid1: 'ffffffff' }, budget: { uppBytes: 1, nvmBytes: 1 } });
  for (const one of findings) if (!(one.rule in RULES) || one.message.length < 5) throw new Error(`a finding without sense: ${JSON.stringify(one)}`);
  checkRoundTrip(der);
  try {
    const pkg = readPackage(der);
    const size = estimateSize(pkg);
    if (size.uppBytes !== der.length || !(size.nvmBytes >= 0)) throw new Error('the size is wrong');
    const system = fileSystem(pkg.elements);
    for (const entry of system.files) {
      try {
        viewEntry(system, entry);
      } catch (error) {
        if (!(error instanceof SaipError)) throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof SaipError)) throw error;
  }
  return findings.length;
}

describe('the rules never throw', () => {
  it(`on bent packages (seed ${SEED})`, () => {
    const random = seeded(SEED);
    const rules = new Set<string>();
    for (let n = 0; n < 350; n++) {
      const nodes = parseTree(Uint8Array.from(random() < 0.8 ? rich : vendorTemplate));
      bend(nodes, random);
      const der = encodeTree(nodes);
      try {
        look(der);
        for (const one of checkPackage(der)) rules.add(one.rule);
      } catch (error) {
        throw new Error(`seed ${SEED}, case ${n}: ${String(error)}`, { cause: error });
      }
    }
    // The changes reach nearly every rule; those missing need a change made on purpose.
    expect(rules.size).toBeGreaterThan(28);
  });

  it(`on packages cut off anywhere and on flipped octets (seed ${SEED})`, () => {
    const random = seeded(SEED + 1);
    for (let n = 0; n < 300; n++) {
      expect(look(rich.subarray(0, Math.floor(random() * rich.length)))).toBeGreaterThan(0);
      const bytes = Uint8Array.from(rich);
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      look(bytes);
    }
  });
});

describe('other ways to make a file system', () => {
  it('an IoT profile has no findings, and its rules work', () => {
    expect(checkPackage(iotPackage())).toEqual([]);
    const bent = mutate(iotPackage(), (nodes) => { at(nodes, 0xbf20, 0xae, 0x83).value.fill(0); });
    expect(checkPackage(bent).map((one) => `${one.rule} ${one.place}`)).toEqual(['V33 iot[2]/ef-ust']);
  });

  it('an MF made by file management has no findings, and its files are compared', () => {
    expect(checkPackage(managedRoot())).toEqual([]);
    const other = mutate(managedRoot(), (nodes) => { at(nodes, 0xa1, 0xa1, 0x30, [0x81, 2]).value = fromHex('98990900000000002000'); });
    expect(checkPackage(other).map((one) => one.rule)).toEqual(['V28']);
    const unnamed = mutate(managedRoot(), (nodes) => { at(nodes, 0xa1, 0xa1, 0x30, [0x81, 3]).value.fill(0xff, 38); });
    expect(checkPackage(unnamed).map((one) => one.rule)).toEqual(['V37']);
  });
});

describe('the size estimate', () => {
  it('counts what is there, element by element', () => {
    const { uppBytes, nvmBytes, byElement } = estimateSize(readPackage(rich));
    expect(uppBytes).toBe(rich.length);
    expect(nvmBytes).toBe(byElement.reduce((sum, one) => sum + one.nvmBytes, 0));
    // Load block, the memory its application asks for, and one instance.
    expect(byElement.find((one) => one.place === 'application[41]')?.nvmBytes).toBe(300 + 1024 + 256);
    expect(nvmBytes).toBeGreaterThan(8000);
  });

  it('grows by a file and its overhead, and shrinks when it is left out', () => {
    const before = estimateSize(readPackage(rich)).nvmBytes;
    const without = mutate(rich, (nodes) => { const list = at(nodes, 0xb4); list.children = list.children!.filter((child) => child.tag !== 0xb0); });
    expect(before - estimateSize(readPackage(without)).nvmBytes).toBe(250 + 32);
    const skipped = mutate(rich, (nodes) => { at(nodes, 0xb3, 0xab).children = [{ tag: 0x80, value: new Uint8Array(0), children: undefined, offset: -1 }]; });
    expect(before - estimateSize(readPackage(skipped)).nvmBytes).toBe(42 + 32);
  });
});
