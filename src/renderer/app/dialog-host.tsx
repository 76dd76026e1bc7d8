import { lazy, Suspense, type ReactElement } from 'react';
import { CommandPalette } from './palette.tsx';
import { useDialogs, type DialogRequest } from './dialogs.tsx';
import { JobDialog } from './job-dialog.tsx';
import { ShortcutSheet } from './shortcut-sheet.tsx';

const NewOrder = lazy(async () => ({ default: (await import('../activations/new-order-dialog.tsx')).NewOrderDialog }));
const CancelOrder = lazy(async () => ({ default: (await import('../activations/cancel-dialog.tsx')).CancelDialog }));
const ImportStock = lazy(async () => ({ default: (await import('../inventory/import-dialog.tsx')).ImportDialog }));
const Prepare = lazy(async () => ({ default: (await import('../inventory/prepare-dialog.tsx')).PrepareDialog }));
const AddRange = lazy(async () => ({ default: (await import('../inventory/range-dialog.tsx')).RangeDialog }));
const AddProfile = lazy(async () => ({ default: (await import('../inventory/add-profile-dialog.tsx')).AddProfileDialog }));
const FillLab = lazy(async () => ({ default: (await import('../inventory/fill-dialog.tsx')).FillDialog }));
const Reason = lazy(async () => ({ default: (await import('../inventory/reason-dialog.tsx')).ReasonDialog }));
const ImportTemplate = lazy(async () => ({ default: (await import('../settings/template-dialog.tsx')).TemplateDialog }));
const CreateType = lazy(async () => ({ default: (await import('../settings/type-dialog.tsx')).TypeDialog }));

/** The one dialog that is open, whoever asked for it. */
export function DialogHost(): ReactElement | null {
  const { current, close } = useDialogs();
  if (current === undefined) return null;
  return <Suspense fallback={null}>{dialogFor(current, close)}</Suspense>;
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
      return <CancelOrder onClose={onClose} orderId={request.orderId} iccid={request.iccid} delivered={request.delivered} {...(request.ended === undefined ? {} : { ended: request.ended })} />;
    case 'stock.import':
      return <ImportStock onClose={onClose} />;
    case 'stock.prepare':
      return <Prepare onClose={onClose} {...(request.type === undefined ? {} : { type: request.type })} />;
    case 'range.create':
      return <AddRange onClose={onClose} />;
    case 'profile.add':
      return <AddProfile onClose={onClose} />;
    case 'lab.fill':
      return <FillLab onClose={onClose} />;
    case 'profile.reason':
      return <Reason onClose={onClose} action={request.action} iccid={request.iccid} />;
    case 'template.import':
      return <ImportTemplate onClose={onClose} />;
    case 'type.create':
      return <CreateType onClose={onClose} />;
  }
}
