import { checkPackage } from './check.ts';
import { editAlgorithm } from './edit/authentication.ts';
import { editPinPolicy } from './edit/codes.ts';
import { editStripCsim } from './edit/csim.ts';
import { editAddKeySet, editRemoveKeySet, editReplaceKeySet } from './edit/keys.ts';
import { editApnList, editEmergency, editHomeSearch, editPlmnList } from './edit/lists.ts';
import { editNetworkNames, editSpn } from './edit/names.ts';
import { editMandatory, editServices } from './edit/services.ts';
import { editGroupIdentifier, editIms, editMncLength, editProfileType, editRoutingIndicator, editServiceCentre } from './edit/simple.ts';
import { editSuci } from './edit/suci.ts';
import type { EditedPackage, EditSummary, TemplateEdit } from './edit/types.ts';
import { closeWorkbench, openWorkbench, type Workbench } from './edit/workbench.ts';
import { SaipError } from './errors.ts';
import type { Finding } from './findings.ts';

/**
 * Makes a new package from a template by edits, one after the other. What no edit touches stays byte for byte, and
 * identifications of elements stay. Throws {@link SaipError} and changes nothing: `EDIT_BAD_VALUE` (the value), `EDIT_NO_PLACE`
 * (the template has nothing that could take it), `EDIT_REFUSED` (something else stands against it), `EDIT_BREAKS_RULE` (the
 * package would have an error it did not have; the place is the finding's).
 */
export function editPackage(der: Uint8Array, edits: readonly TemplateEdit[]): EditedPackage {
  const changes: EditSummary[] = [];
  let bench = openWorkbench(der);
  for (const edit of edits) {
    const text = apply(bench, edit);
    changes.push({ kind: edit.kind, places: [...bench.places], text });
    bench = { elements: bench.elements, places: new Set() };
  }
  const edited = closeWorkbench(bench);
  const broken = newErrors(der, edited)[0];
  if (broken) throw new SaipError('EDIT_BREAKS_RULE', `The edited package would break rule ${broken.rule}: ${broken.message}`, broken.place);
  return { der: edited, changes };
}

function apply(bench: Workbench, edit: TemplateEdit): string {
  switch (edit.kind) {
    case 'spn': return editSpn(bench, edit);
    case 'network-names': return editNetworkNames(bench, edit);
    case 'plmn-list': return editPlmnList(bench, edit);
    case 'services': return editServices(bench, edit);
    case 'hpplmn': return editHomeSearch(bench, edit);
    case 'pin-policy': return editPinPolicy(bench, edit);
    case 'add-key-set': return editAddKeySet(bench, edit);
    case 'remove-key-set': return editRemoveKeySet(bench, edit);
    case 'replace-key-set': return editReplaceKeySet(bench, edit);
    case 'apn-list': return editApnList(bench, edit);
    case 'suci': return editSuci(bench, edit);
    case 'routing-indicator': return editRoutingIndicator(bench, edit);
    case 'emergency-numbers': return editEmergency(bench, edit);
    case 'ims': return editIms(bench, edit);
    case 'service-centre': return editServiceCentre(bench, edit);
    case 'group-identifier': return editGroupIdentifier(bench, edit);
    case 'mnc-length': return editMncLength(bench, edit);
    case 'mandatory-services': return editMandatory(bench, edit);
    case 'strip-csim': return editStripCsim(bench);
    case 'algorithm': return editAlgorithm(bench, edit);
    case 'profile-type': return editProfileType(bench, edit);
    default: throw new SaipError('EDIT_BAD_VALUE', 'There is no such edit.', 'edit');
  }
}

/** Errors of the edited package that the one before did not have, by rule and place. */
function newErrors(before: Uint8Array, after: Uint8Array): Finding[] {
  const errors = (der: Uint8Array): Finding[] => checkPackage(der).filter((one) => one.severity === 'error');
  const known = new Set(errors(before).map((one) => `${one.rule} ${one.place}`));
  return errors(after).filter((one) => !known.has(`${one.rule} ${one.place}`));
}
