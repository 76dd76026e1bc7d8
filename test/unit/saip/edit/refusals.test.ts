/** Bounds of the edits: the last value that is taken and the first that is not. */
import { describe, expect, it } from 'vitest';
import { buildSampleTemplate, editPackage, SaipError, type TemplateEdit } from '../../../../src/main/saip/index.ts';

const sample = buildSampleTemplate();
const rich = buildSampleTemplate({ isim: 'own', csim: true });
const A = '5a8d38864820197c3394b92613b20b91633cbd897119273bf8e4a6f4eec0a650';
const B = '0472da71976234ce833a6907425867b82e074d44ef907dfb4b3e21c1c2256ebcd15a7ded52fcbb097a4ed250e036c7b9c8c7004c4eedc4f068cd7bf8d3f900e3b4';

/** Code and sentence, or `taken`. Edits as a screen could never send them are refused too. */
function answer(edit: object, der = sample): string {
  try {
    editPackage(der, [edit as TemplateEdit]);
  } catch (error) {
    if (error instanceof SaipError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'taken';
}

describe('an edit', () => {
  it.each<[string, RegExp, object[], object[], Uint8Array?]>([
    ['of the algorithm', /EDIT_BAD_VALUE: (The algorithm is none|Only TUAK|K of TUAK has|TUAK takes|The options)/,
      [{ algorithm: 'xor' }, { algorithm: 'milenage', keyBytes: 32 }, { algorithm: 'milenage', iterations: 2 }, { algorithm: 'tuak', keyBytes: 24 }, { algorithm: 'tuak', iterations: 0 }, { algorithm: 'tuak', iterations: 256 },
        { algorithm: 'tuak', iterations: 1.5 }, { algorithm: 'milenage', options: -1 }, { algorithm: 'milenage', options: 256 }, { algorithm: 'milenage', options: 0.5 }].map((one) => ({ kind: 'algorithm', ...one })),
      [{ algorithm: 'milenage', keyBytes: 16, iterations: 1, options: 255 }, { algorithm: 'tuak', keyBytes: 32, iterations: 255, options: 0 }, { algorithm: 'test' }].map((one) => ({ kind: 'algorithm', ...one }))],
    ['of a code', /EDIT_BAD_VALUE: (A code has 1 to 15|A PUK has a number of attempts)/,
      [{ code: 'pin', attempts: 0 }, { code: 'pin', attempts: 16 }, { code: 'pin', attempts: 2.5 }, { code: 'puk', changeable: true }, { code: 'puk', switchable: false }, { code: 'puk', enabled: true }].map((one) => ({ kind: 'pin-policy', reference: 1, ...one })),
      [{ code: 'pin', attempts: 1 }, { code: 'pin', attempts: 15 }, { code: 'puk', attempts: 10 }].map((one) => ({ kind: 'pin-policy', reference: 1, ...one }))],
    ['of a key set', /EDIT_BAD_VALUE: (The protocol is none|Key versions of|A key of|SCP02 takes|SCP03 takes)/,
      [{ protocol: 'scp11', version: 1 }, { protocol: 'scp80', version: 0 }, { protocol: 'scp80', version: 0x10 }, { protocol: 'scp80', version: 2.5 }, { protocol: 'scp80', version: 2, bytes: 20 }, { protocol: 'scp80', version: 2, algorithm: 'des', bytes: 32 },
        { protocol: 'scp80', version: 2, algorithm: 'rsa' }, { protocol: 'scp02', version: 0x20, algorithm: 'des', bytes: 24 }, { protocol: 'scp03', version: 0x30, algorithm: 'des' }].map((set) => ({ kind: 'add-key-set', set: { algorithm: 'aes', bytes: 16, ...set } })),
      [{ protocol: 'scp80', version: 15 }, { protocol: 'scp02', version: 0x20, algorithm: 'des' }, { protocol: 'scp03', version: 0x30, bytes: 32 }].map((set) => ({ kind: 'add-key-set', set: { algorithm: 'aes', bytes: 16, ...set } }))],
    ['that replaces keys', /EDIT_NO_PLACE: The security domain has no keys of this version/,
      [{ kind: 'replace-key-set', version: 9, set: { protocol: 'scp80', version: 9, algorithm: 'aes', bytes: 16 } }], [{ kind: 'replace-key-set', version: 1, set: { protocol: 'scp80', version: 2, algorithm: 'aes', bytes: 32 } }]],
    ['of a list of networks', /EDIT_BAD_VALUE: A list has room for 1 to 4000/, [0, 4001, 1.5].map((capacity) => ({ kind: 'plmn-list', list: 'fplmn', entries: [], capacity })), [{ kind: 'plmn-list', list: 'fplmn', entries: ['26201'], capacity: 1 }]],
    ['of the search for the home network', /EDIT_BAD_VALUE: The search interval/, [-6, 486, 3].map((minutes) => ({ kind: 'hpplmn', minutes })), [0, 6, 480].map((minutes) => ({ kind: 'hpplmn', minutes }))],
    ['of access points', /EDIT_BAD_VALUE: (The list has room for 255|An access point name)/,
      [{ kind: 'apn-list', apns: Array.from({ length: 256 }, (_, n) => `n${n}`), enforced: false }, ...['a'.repeat(64), '-a', 'a-', 'a..b', `${'a'.repeat(50)}.${'b'.repeat(50)}`].map((apn) => ({ kind: 'apn-list', apns: [apn], enforced: false }))],
      [{ kind: 'apn-list', apns: ['a'.repeat(63), `${'a'.repeat(50)}.${'b'.repeat(49)}`], enforced: false }]],
    ['of emergency numbers', /EDIT_BAD_VALUE: (An emergency number has|The name of an emergency number)/,
      [{ number: '' }, { number: '1234567' }, { number: '11x' }, { number: '112', name: '' }, { number: '112', name: 'x'.repeat(61) }].map((one) => ({ kind: 'emergency-numbers', numbers: [one] })),
      [{ number: '1' }, { number: '123456', name: 'x'.repeat(60) }].map((one) => ({ kind: 'emergency-numbers', numbers: [one] }))],
    ['of rules for network names', /EDIT_BAD_VALUE: (A rule names a network|Areas are four|There is no network name)/,
      [{ plmn: '2620' }, { plmn: '26201F' }, { from: '000' }, { to: 'FFFFE' }, { from: '0002', to: '0001' }, { name: -1 }, { name: 0.5 }, { name: 2 }].map((rule) => ({ kind: 'network-names', names: [{ full: 'A' }], rules: [{ plmn: '26201', from: '0000', to: 'FFFE', name: 1, ...rule }] })),
      [{ plmn: '310D60', from: '0001', to: '0001', name: 0 }].map((rule) => ({ kind: 'network-names', names: [{ full: 'A' }], rules: [rule] }))],
    ['of more names than a file has records', /EDIT_BAD_VALUE: A file has at most 254 records, not 255/, [{ kind: 'network-names', names: Array.from({ length: 255 }, () => ({ full: 'A' })) }], []],
    ['of a service table', /EDIT_BAD_VALUE: (A service number|Service 20 cannot)/,
      [{ table: 'ust', on: [256] }, { table: 'est', on: [9] }, { table: 'ust', off: [1.5] }, { table: 'ust', on: [20], off: [20] }].map((one) => ({ kind: 'services', ...one })), [{ kind: 'services', table: 'ust', on: [20] }]],
    ['of services the eUICC must have', /EDIT_BAD_VALUE: The service usim cannot be demanded and not/, [{ kind: 'mandatory-services', on: ['usim'], off: ['usim'] }], [{ kind: 'mandatory-services', on: ['usim'] }]],
    ['of IMS identities', /EDIT_BAD_VALUE: (A home domain|At least one public identity|A public identity is|A private identity)/,
      [{ domain: '-x' }, { domain: 'a b' }, { impus: [] }, { impus: ['user@a'] }, { impus: ['sip:user'] }, { impus: ['tel:abc'] }, { impi: 'a b@c' }].map((one) => ({ kind: 'ims', ...one })),
      [{ kind: 'ims', domain: 'ims.example', impi: 'user@ims.example', impus: ['sip:user@ims.example', 'tel:+4917'] }], rich],
    ['of keys that conceal the SUPI', /EDIT_BAD_VALUE: (At least one scheme|A scheme is listed twice|The identifier of a public key|The scheme is none|The null scheme has no key|A key of profile B has|A key of profile A has)/,
      [{ schemes: [] }, { schemes: [{ scheme: 'null' }, { scheme: 'null', key: 0 }] }, { schemes: [{ scheme: 'profile-a', key: 1 }], keys: [{ id: -1, value: A }] }, { schemes: [{ scheme: 'profile-a', key: 1 }], keys: [{ id: 256, value: A }] },
        { schemes: [{ scheme: 'profile-a', key: 1 }], keys: [{ id: 0.5, value: A }] }, { schemes: [{ scheme: 'profile-c', key: 1 }], keys: [{ id: 1, value: B }] }, { schemes: [{ scheme: 'null', key: 1 }], keys: [{ id: 1, value: A }] },
        { schemes: [{ scheme: 'profile-b', key: 1 }], keys: [{ id: 1, value: B.slice(0, 68) }] }].map((one) => ({ kind: 'suci', calculatedBy: 'ue', keys: [], ...one })),
      [{ schemes: [{ scheme: 'null', key: 0 }] }, { schemes: [{ scheme: 'profile-a', key: 1 }, { scheme: 'null' }], keys: [{ id: 255, value: A }] }, { schemes: [{ scheme: 'profile-b', key: 1 }], keys: [{ id: 0, value: B }] }].map((one) => ({ kind: 'suci', calculatedBy: 'ue', keys: [], ...one }))],
    ['of the type of the package', /EDIT_BAD_VALUE: A profile type has 1 to 100/, ['', 'x'.repeat(101)].map((text) => ({ kind: 'profile-type', text })), [{ kind: 'profile-type', text: 'x'.repeat(100) }]],
  ])('%s keeps to its bounds', (_what, sentence, refused, taken, der) => {
    for (const edit of refused) expect(answer(edit, der), JSON.stringify(edit).slice(0, 200)).toMatch(sentence);
    for (const edit of taken) expect(answer(edit, der), JSON.stringify(edit).slice(0, 200)).toBe('taken');
  });
});
