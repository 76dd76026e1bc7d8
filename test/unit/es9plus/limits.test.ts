import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trackConnections } from '../../../src/main/engine/wire/connections.ts';
import { requestRate } from '../../../src/main/engine/wire/limits.ts';

describe('when an address may ask again', () => {
  test('after the seconds it was told it is admitted, and not one before', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 300 })), { maxLength: 8 }), (perMinute, bursts) => {
      const refused = (later: (seconds: number) => number): { admitted: boolean; seconds: number } => {
        let now = 1_700_000_000_000;
        const rate = requestRate({ now: () => now });
        for (const [pause, count] of bursts) {
          now += pause;
          for (let i = 0; i < count; i++) rate.admit('a', perMinute);
        }
        while (rate.admit('a', perMinute)) { /* until it is refused */ }
        const seconds = rate.secondsUntilAdmitted('a', perMinute);
        now += later(seconds);
        return { admitted: rate.admit('a', perMinute), seconds };
      };
      const after = refused((seconds) => seconds * 1000);
      expect(after.admitted).toBe(true);
      expect(after.seconds).toBeGreaterThanOrEqual(1);
      expect(after.seconds).toBeLessThanOrEqual(120);
      if (after.seconds > 1) expect(refused((seconds) => (seconds - 1) * 1000 - 2).admitted).toBe(false);
    }), { numRuns: 500 });
  });

  test('a crowd of addresses locks no newcomer out and takes no more memory', () => {
    const rate = requestRate({ now: () => 0 }, 100);
    for (let i = 0; i < 5000; i++) expect(rate.admit(`crowd ${i}`, 10)).toBe(true);
    expect(rate.admit('honest', 10)).toBe(true);
    // Those remembered are still counted.
    for (let i = 0; i < 9; i++) expect(rate.admit('honest', 10)).toBe(true);
    expect(rate.admit('honest', 10)).toBe(false);
  });
});

describe('who has to go', () => {
  let port = 1000;
  const socketOf = (remoteAddress: string | undefined) => {
    const socket = Object.assign(new EventEmitter(), {
      remoteAddress, remotePort: port++, destroyed: false,
      destroy() {
        if (socket.destroyed) return;
        socket.destroyed = true;
        socket.emit('close');
      },
    });
    return socket as unknown as Socket & { destroyed: boolean };
  };
  const limits = { total: 4, perAddress: 3 };

  test('the oldest idle connection of the address with the most', () => {
    const connections = trackConnections();
    const honest = socketOf('192.0.2.1');
    const crowd = [1, 2, 3].map(() => socketOf('192.0.2.2'));
    for (const socket of [honest, ...crowd]) expect(connections.admit(socket, limits)).toBe(true);
    expect(connections.asked(crowd[0]!, 8)).toBe(true);
    const late = socketOf('192.0.2.3');
    expect(connections.admit(late, limits)).toBe(true);
    expect([honest, ...crowd].map((socket) => socket.destroyed)).toEqual([false, false, true, false]);
    expect(connections.size).toBe(4);
  });

  test('nobody whose request is in hand; then the newcomer', () => {
    const connections = trackConnections();
    const busy = [1, 2, 3, 4].map((n) => socketOf(`192.0.2.${n}`));
    for (const socket of busy) {
      connections.admit(socket, limits);
      connections.asked(socket, 8);
    }
    expect(connections.admit(socketOf('192.0.2.9'), limits)).toBe(false);
    connections.answered(busy[2]!);
    expect(connections.admit(socketOf('192.0.2.9'), limits)).toBe(true);
    expect(busy.map((socket) => socket.destroyed)).toEqual([false, false, true, false]);
  });

  test('more than the share of an address, a socket that closed already, and all that is forgotten', () => {
    const connections = trackConnections();
    const own = [1, 2, 3].map(() => socketOf('::ffff:192.0.2.1'));
    for (const socket of own) connections.admit(socket, limits);
    expect(connections.admit(socketOf('192.0.2.1'), limits)).toBe(false);
    expect(connections.admit(socketOf(undefined), limits)).toBe(false);
    own[0]!.destroy();
    expect(connections.size).toBe(2);
    expect(connections.admit(socketOf('192.0.2.1'), limits)).toBe(true);
    connections.dropAll();
    expect(connections.size).toBe(0);
  });

  test('too many unanswered requests on one connection', () => {
    const connections = trackConnections();
    const socket = socketOf('192.0.2.1');
    connections.admit(socket, limits);
    expect([1, 2, 3].map(() => connections.asked(socket, 2))).toEqual([true, true, false]);
    connections.answered(socket);
    expect(connections.asked(socket, 2)).toBe(true);
  });
});
