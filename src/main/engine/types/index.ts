/** Profile types and the templates they stand on. */
export { createType } from './catalogue.ts';
export { procedures } from './procedures.ts';
export { draftTemplate, storeTemplate } from './templates.ts';
export { ensureTemplateLoaded, loadedTemplate, withTemplate } from './loading.ts';
export { knownType } from './known.ts';
export { metadataFor } from './metadata.ts';
export type { Owner } from './metadata.ts';
export { networkOf, plmnText } from './network.ts';
export type { TypeNetwork } from './network.ts';
export { warningsOf } from './placeholders.ts';
export { templateRequirements } from './requirements.ts';
export { templateById, templateByName, typeById, typeByName } from './records.ts';
export type { TemplateRecord, TypeRecord } from './records.ts';
