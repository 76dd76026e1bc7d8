import { expect, test } from 'vitest';
import { parseEs2plusListener } from '../../../src/main/commands/serve.ts';

test.each<[string, object]>([
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }], ['0.0.0.0:8444=nist', { host: '0.0.0.0', port: 8444, identity: 'nist' }], ['[::1]:8444', { host: '::1', port: 8444 }],
])('--es2plus %s', (text, expected) => {
  expect(parseEs2plusListener(text)).toEqual(expected);
});
test.each(['', '8444', 'host', 'host:99999', 'host:1=', 'host:1=a,b', 'host:1=a=b', 'https://host:1'])('--es2plus %j is none', (text) => {
  expect(() => parseEs2plusListener(text)).toThrow();
});
