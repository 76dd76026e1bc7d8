/** One column engine for every file that leaves: output files of recipients, lists, exports. Pure. */
export { encodeOpen, encodeSecret } from './encode.ts';
export { checkedKey, fieldInfos, fieldRefusal, fieldRules, isSecretField, secretFields, specimen } from './fields.ts';
export type { FieldRule, SecretField } from './fields.ts';
export { fieldsOf, keysNamed, planLayout, renderRows, withoutFormula, writeFoot, writeHead, writeRow } from './layout.ts';
export type { FileHead, Layout, LayoutProblem, LayoutRow } from './layout.ts';
export { outputPresets } from './presets.ts';
export { byteWriter } from './writer.ts';
export type { ByteWriter } from './writer.ts';
