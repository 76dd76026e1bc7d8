import { lazy, Suspense, type ReactElement } from 'react';
import { CommandPalette } from './palette.tsx';
import { useDialogs, type DialogRequest } from './dialogs.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { JobDialog } from './job-dialog.tsx';
import { ShortcutSheet } from './shortcut-sheet.tsx';

const NewOrder = lazy(async () => ({ default: (await import('../activations/new-order-dialog.tsx')).NewOrderDialog }));
const ConfirmOrder = lazy(async () => ({ default: (await import('../activations/confirm-dialog.tsx')).ConfirmOrderDialog }));
const CancelOrder = lazy(async () => ({ default: (await import('../activations/cancel-dialog.tsx')).CancelDialog }));
const AddRange = lazy(async () => ({ default: (await import('../inventory/range-dialog.tsx')).RangeDialog }));
const AddBlock = lazy(async () => ({ default: (await import('../numbers/number-dialogs.tsx')).AddBlockDialog }));
const NumberBlock = lazy(async () => ({ default: (await import('../numbers/block-dialog.tsx')).BlockDialog }));
const SetLevel = lazy(async () => ({ default: (await import('../numbers/number-dialogs.tsx')).LevelDialog }));
const DismissProposal = lazy(async () => ({ default: (await import('../numbers/number-dialogs.tsx')).DismissDialog }));
const SetPolicy = lazy(async () => ({ default: (await import('../numbers/number-dialogs.tsx')).PolicyDialog }));
const AddProfile = lazy(async () => ({ default: (await import('../inventory/add-profile-dialog.tsx')).AddProfileDialog }));
const FillLab = lazy(async () => ({ default: (await import('../inventory/fill-dialog.tsx')).FillDialog }));
const Bulk = lazy(async () => ({ default: (await import('../inventory/bulk-dialog.tsx')).BulkDialog }));
const ExportProfiles = lazy(async () => ({ default: (await import('../inventory/export-dialog.tsx')).ExportDialog }));
const Reason = lazy(async () => ({ default: (await import('../inventory/reason-dialog.tsx')).ReasonDialog }));
const ImportTemplate = lazy(async () => ({ default: (await import('../templates/template-dialog.tsx')).TemplateDialog }));
const TypeForm = lazy(async () => ({ default: (await import('../templates/type-dialog.tsx')).TypeDialog }));

const AddBrand = lazy(async () => ({ default: (await import('../brands/brand-dialogs.tsx')).AddBrandDialog }));
const ChangeBrand = lazy(async () => ({ default: (await import('../brands/brand-dialogs.tsx')).ChangeBrandDialog }));
const BrandState = lazy(async () => ({ default: (await import('../brands/brand-dialogs.tsx')).BrandStateDialog }));
const AddCredential = lazy(async () => ({ default: (await import('../brands/brand-dialogs.tsx')).AddCredentialDialog }));
const RemoveCredential = lazy(async () => ({ default: (await import('../brands/brand-dialogs.tsx')).RemoveCredentialDialog }));
const Replay = lazy(async () => ({ default: (await import('../outbox/outbox-dialogs.tsx')).ReplayDialog }));
const Discard = lazy(async () => ({ default: (await import('../outbox/outbox-dialogs.tsx')).DiscardDialog }));
const ImportCertificate = lazy(async () => ({ default: (await import('../keys/key-dialogs.tsx')).ImportCertificateDialog }));
const ImportCrl = lazy(async () => ({ default: (await import('../keys/key-dialogs.tsx')).ImportCrlDialog }));
const AddTransportKey = lazy(async () => ({ default: (await import('../imports/key-dialogs.tsx')).AddTransportKeyDialog }));
const ChangeTransportKey = lazy(async () => ({ default: (await import('../imports/key-dialogs.tsx')).ChangeTransportKeyDialog }));
const RetireTransportKey = lazy(async () => ({ default: (await import('../imports/key-dialogs.tsx')).RetireTransportKeyDialog }));
const Retire = lazy(async () => ({ default: (await import('../keys/key-dialogs.tsx')).RetireDialog }));

/** The one dialog that is open, whoever asked for it. */
export function DialogHost(): ReactElement | null {
  const { current, close, isOpen } = useDialogs();
  if (current === undefined) return null;
  return (
    <>
      <Suspense fallback={null}>{dialogFor(current, close)}</Suspense>
      <LeaveGuard request={current} isOpen={isOpen} />
    </>
  );
}

function dialogFor(request: DialogRequest, onClose: () => void): ReactElement {
  switch (request.kind) {
    case 'palette':
      return <CommandPalette onClose={onClose} />;
    case 'shortcuts':
      return <ShortcutSheet onClose={onClose} />;
    case 'job':
      return <JobDialog id={request.id} onClose={onClose} />;
    case 'order.new':
      return <NewOrder onClose={onClose} {...(request.type === undefined ? {} : { type: request.type })} {...(request.iccid === undefined ? {} : { iccid: request.iccid })} />;
    case 'order.cancel':
      return <CancelOrder onClose={onClose} orderId={request.orderId} iccid={request.iccid} delivered={request.delivered} {...(request.ended === undefined ? {} : { ended: request.ended })} {...(request.unconfirmed === undefined ? {} : { unconfirmed: request.unconfirmed })} />;
    case 'order.confirm':
      return <ConfirmOrder onClose={onClose} order={request.order} />;
    case 'bulk':
      return <Bulk onClose={onClose} action={request.action} selection={request.selection} {...(request.profiles === undefined ? {} : { profiles: request.profiles })} {...(request.onStarted === undefined ? {} : { onStarted: request.onStarted })} />;
    case 'profiles.export':
      return <ExportProfiles onClose={onClose} selection={request.selection} columns={request.columns} sort={request.sort} profiles={request.profiles} />;
    case 'brand.add':
      return <AddBrand onClose={onClose} />;
    case 'brand.change':
      return <ChangeBrand onClose={onClose} brand={request.brand} part={request.part} />;
    case 'brand.state':
      return <BrandState onClose={onClose} brand={request.brand} to={request.to} />;
    case 'brand.credential':
      return <AddCredential onClose={onClose} brand={request.brand} />;
    case 'brand.credential.remove':
      return <RemoveCredential onClose={onClose} brand={request.brand} sha256={request.sha256} />;
    case 'outbox.replay':
      return <Replay onClose={onClose} {...(request.messages === undefined ? {} : { messages: request.messages })} {...(request.all === undefined ? {} : { all: request.all })} />;
    case 'outbox.discard':
      return <Discard onClose={onClose} messages={request.messages} />;
    case 'certificate.import':
      return <ImportCertificate onClose={onClose} {...(request.identity === undefined ? {} : { identity: request.identity })} {...(request.role === undefined ? {} : { role: request.role })} />;
    case 'certificate.retire':
      return <Retire onClose={onClose} identity={request.identity} {...(request.certificate === undefined ? {} : { certificate: request.certificate })} />;
    case 'crl.import':
      return <ImportCrl onClose={onClose} />;
    case 'transportKey.add':
      return <AddTransportKey onClose={onClose} />;
    case 'transportKey.change':
      return <ChangeTransportKey onClose={onClose} name={request.name} index={request.index} note={request.note} />;
    case 'transportKey.retire':
      return <RetireTransportKey onClose={onClose} name={request.name} />;
    case 'range.create':
      return <AddRange onClose={onClose} />;
    case 'numbers.add':
      return <AddBlock onClose={onClose} />;
    case 'numbers.block':
      return <NumberBlock onClose={onClose} id={request.id} />;
    case 'level.set':
      return <SetLevel onClose={onClose} row={request.row} />;
    case 'proposal.dismiss':
      return <DismissProposal onClose={onClose} proposal={request.proposal} />;
    case 'policy.set':
      return <SetPolicy onClose={onClose} policy={request.policy} />;
    case 'profile.add':
      return <AddProfile onClose={onClose} />;
    case 'lab.fill':
      return <FillLab onClose={onClose} />;
    case 'profile.reason':
      return <Reason onClose={onClose} action={request.action} iccid={request.iccid} />;
    case 'template.import':
      return <ImportTemplate onClose={onClose} />;
    case 'type.create':
      return <TypeForm onClose={onClose} {...(request.template === undefined ? {} : { template: request.template })} />;
    case 'type.change':
      return <TypeForm onClose={onClose} type={request.type} {...(request.template === undefined ? {} : { template: request.template })} />;
  }
}
