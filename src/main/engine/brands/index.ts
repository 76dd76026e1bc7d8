/** Brands: who orders over ES2+, recognised by what certificate, with which rights. */
export { procedures } from './procedures.ts';
export { brandByCertificate, clientAuthorities, recogniseBrand } from './recognition.ts';
export type { Recognition, RecognitionCode } from './recognition.ts';
export { brandById, brandByName, callbackOf, grantsOf, hasRanges, rangeOfIccid, usageOf } from './records.ts';
export type { BrandRecord, OwnedRange } from './records.ts';
export { iccidLengths, mayOrderIccid, mayOrderType, nextIccid, withinQuota } from './rules.ts';
export type { Grants, IccidRange, Points } from './rules.ts';
