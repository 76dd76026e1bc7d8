import { describe, expect, it } from 'vitest';
import { deriveSessionKeys, ecdh, eidBytes, publicPoint, sharedInfo, x963Kdf } from '../../../src/main/rsp/index.ts';
import { fromHex, toHex, utf8Bytes } from '../../../src/shared/tlv/index.ts';
import { keysFromSecret } from './support/device-channel.ts';
import { describeVectors, vectorJson } from './support/vectors.ts';

describe('key derivation', () => {
  it('X9.63 with SHA-256, published NIST vector (192-bit Z, no shared info)', () => {
    const z = fromHex('96c05619d56c328ab95fe84b18264b08725b85e33fd34f08');
    expect(toHex(x963Kdf(z, new Uint8Array(), 16))).toBe('443024c3dae66b95e6f5670601558f71');
  });

  it('agrees with an independent derivation', () => {
    const z = new Uint8Array(32).fill(0x5a);
    const eid = '89049032000000000000000000000177';
    const keys = deriveSessionKeys(z, utf8Bytes('unit-test-host'), eidBytes(eid));
    const device = keysFromSecret(z, utf8Bytes('unit-test-host'), eid);
    expect(toHex(keys.macChaining)).toBe(device.mcv.toString('hex'));
    expect(toHex(keys.sEnc)).toBe(device.enc.toString('hex'));
    expect(toHex(keys.sMac)).toBe(device.mac.toString('hex'));
  });

  it('packs host identifier and EID with their lengths', () => {
    expect(toHex(sharedInfo(utf8Bytes('ab'), eidBytes('89049032000000000000000000000177')))).toBe('8810' + '026162' + '1089049032000000000000000000000177');
  });

  it('refuses inputs of another size', () => {
    const eid = eidBytes('89049032000000000000000000000177');
    const wrong = expect.objectContaining({ code: 'VALUE_INVALID' });
    expect(() => deriveSessionKeys(new Uint8Array(31), utf8Bytes('h'), eid)).toThrow(wrong);
    expect(() => sharedInfo(new Uint8Array(), eid)).toThrow(wrong);
    expect(() => sharedInfo(new Uint8Array(17), eid)).toThrow(wrong);
    expect(() => sharedInfo(utf8Bytes('h'), utf8Bytes('89049032000000000000000000000177'))).toThrow(wrong);
  });
});

interface Vector {
  euiccOtpk: string; smdpOtpk: string; smdpOtsk: string; sharedSecretX: string; hostId: string; eid: string; sharedInfo: string;
  initialMcv: string; sEnc: string; sMac: string;
}

describeVectors('key derivation', () => {
  it('v1-ecka-kdf-mode51.json', () => {
    const v = vectorJson<Vector>('v1-ecka-kdf-mode51.json');
    expect(toHex(publicPoint('P-256', fromHex(v.smdpOtsk)))).toBe(v.smdpOtpk);
    const z = ecdh('P-256', fromHex(v.smdpOtsk), fromHex(v.euiccOtpk));
    expect(toHex(z)).toBe(v.sharedSecretX);
    expect(toHex(sharedInfo(fromHex(v.hostId), eidBytes(v.eid)))).toBe(v.sharedInfo);
    const keys = deriveSessionKeys(z, fromHex(v.hostId), eidBytes(v.eid));
    expect([keys.macChaining, keys.sEnc, keys.sMac].map(toHex)).toEqual([v.initialMcv, v.sEnc, v.sMac]);
  });

  it('v2-kdf-only.json', () => {
    const v = vectorJson<Vector>('v2-kdf-only.json');
    const keys = deriveSessionKeys(fromHex(v.sharedSecretX), fromHex(v.hostId), eidBytes(v.eid));
    expect([keys.macChaining, keys.sEnc, keys.sMac].map(toHex)).toEqual([v.initialMcv, v.sEnc, v.sMac]);
  });

  it('v8-x963.json', () => {
    const v = vectorJson<{ z: string; info: string; out40: string }>('v8-x963.json');
    expect(toHex(x963Kdf(fromHex(v.z), fromHex(v.info), 40))).toBe(v.out40);
  });
});
