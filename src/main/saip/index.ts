/** Profile packages as pure functions: read, check, build, compile, personalise. */
export { SaipError, type SaipErrorCode } from './errors.ts';
export { type Node, MAX_PACKAGE_BYTES, parseTree, encodeTree } from './tree.ts';
export {
  readPackage, encodePackage, elementPlace, type ProfileElement, type ProfileHeader, type ProfilePackage,
} from './package.ts';
export { type AnnexFile, annexFile, annexFiles, type FileKind } from './annex.ts';
export { type FileSite, type FileView, findFiles, viewAnyFile, viewFile } from './files.ts';
export { type FileEntry, fileSystem, type FileSystem, findEntries, pathOf, viewEntry } from './file-system.ts';
export { packageRequirements, type PackageRequirements } from './requirements.ts';
export { describe, type ElementDescription, type FileDescription, type PackageDescription } from './describe.ts';
export { viewPackage } from './tree-view.ts';
export { type Field, HEX_BYTES, type PackageView, type ViewKind, type ViewNode } from './decode/types.ts';
export { IST_NAMES, UST_NAMES } from './decode/services.ts';
export { presentValues, technologiesOf, type TemplatePresent } from './present.ts';
export { diffPackages, type DiffChange, type DiffEntry, type PackageDiff } from './diff.ts';
export { editPackage } from './edit.ts';
export type * from './edit/types.ts';
export { checkPackage, hasErrors, type PackageContext } from './check.ts';
export { checkProfileValues, type ProfileValues } from './check-profile.ts';
export type { ValueContext } from './check-values.ts';
export type { ProfileOwner } from './rules/owner.ts';
export { estimateSize, type SizeBudget, type SizeEstimate } from './rules/size.ts';
export { checkReadBack, checkRoundTrip } from './rules/round-trip.ts';
export { readSuci, type SuciInfo } from './rules/suci.ts';
export { type Finding, type RuleId, RULES } from './findings.ts';
export {
  compileTemplate, type CompiledTemplate, type PersonalisationPlan, type PlanConstants, type Slot, type SlotWrite,
} from './compile.ts';
export { serialiseCompiled, parseCompiled } from './compiled-file.ts';
export { IMPU_ROOM, SLOT_NAMES, LATE_NAMES, isSecretSlot, KEY_VERSIONS, type KeyFamily, type SlotName, type LateName } from './slots.ts';
export { type PlmnEntry, type RoamingLists, emptyList, writeList } from './lists.ts';
export {
  encodeSlots, decodePublicSlots, personalise, personaliseFrom, encodeLate, writeLate, packageDigest, readSlots, type PublicValues,
  type SlotValues,
} from './personalise.ts';
export { computeOpc, computeOpcInto, milenage, type MilenageConstants, type MilenageResult } from './milenage.ts';
export { computeTopc, computeTopcInto, tuak, type TuakOptions, type TuakResult } from './tuak.ts';
export { switchToMilenage } from './algorithm.ts';
export { buildSampleTemplate, SAMPLE_SLOTS, type SampleOptions } from './sample.ts';
export {
  ACCESS_TECHNOLOGY, type AccessTechnology, acc, accOf, adm, type Digits, diallingDigits, fixedBytes, identityOf, identityText, iccidDigits, iccidEf, iccidHeader,
  imsiDigits, imsiEf, msisdnRecord, MSISDN_TAIL, pin, plmn, plmnWithAct, puk, smspRecord, SMSP_TAIL, spn, spnText,
} from './encoders.ts';
