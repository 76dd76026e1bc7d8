import { useState, type ReactElement, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import GlobalStyles from '@mui/material/GlobalStyles';
import Print from '@mui/icons-material/Print';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { useDesk } from '../app/queries.ts';
import { Panel } from '../design/panel.tsx';
import { CopyButton, Muted } from '../design/text.tsx';
import { QrCode } from './qr.tsx';

type Order = OutputOf<typeof contract.orders.show>;
type Delivery = NonNullable<Order['delivery']>;

/** What is handed to the subscriber, in every form a device takes it. */
export function DeliveryPanel({ order, delivery }: { readonly order: Order; readonly delivery: Delivery }): ReactElement {
  const [copied, setCopied] = useState(false);
  const types = useDesk(contract.types.list, {});
  const type = types.data?.rows.find((t) => t.name === order.type);
  const onCopied = (): void => setCopied(true);
  return (
    <Panel
      title="Hand over"
      aside={
        <Button startIcon={<Print />} onClick={() => window.print()}>
          Print
        </Button>
      }
    >
      <Box sx={{ display: 'grid', gridTemplateColumns: '216px minmax(0, 1fr)', gap: 2.5, '@media (max-width: 700px)': { gridTemplateColumns: '1fr' } }}>
        <QrCode matrix={delivery.qr} size={216} label={`QR code of the activation code for profile ${order.iccid}`} />
        <Box sx={{ minWidth: 0, display: 'flex', flexDirection: 'column', gap: '3px' }}>
          <Line name="Activation code" value={delivery.lpaCode} onCopied={onCopied} />
          <Line name="SM-DP+ address" value={delivery.smdpAddress} onCopied={onCopied} />
          <Line name="Code by hand" value={delivery.matchingId} onCopied={onCopied} empty="none, the device is found by its EID" />
          <Line name="iOS 17.4 and later" value={delivery.iosLink} onCopied={onCopied} oneLine />
          <Line name="Android" value={delivery.androidLink} onCopied={onCopied} oneLine />
          <Box aria-live="polite" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', minHeight: 18, mt: '2px' })}>
            {copied ? 'Copied. The clipboard now holds the code: anyone who pastes it can download the profile. Copy something else when you are done.' : 'Whoever has the code can download the profile' + (order.eid === undefined ? '.' : ', on the one device with this EID.')}
          </Box>
        </Box>
      </Box>
      <WhatTheUserSees order={order} provider={type?.serviceProviderName} profileName={type?.profileName} />
      <PrintSheet order={order} delivery={delivery} provider={type?.serviceProviderName} />
    </Panel>
  );
}

function Line({ name, value, onCopied, empty, oneLine = false }: { readonly name: string; readonly value: string; readonly onCopied: () => void; readonly empty?: string; readonly oneLine?: boolean }): ReactElement {
  return (
    <Box sx={(theme) => ({ display: 'grid', gridTemplateColumns: '128px minmax(0, 1fr) 28px', gap: 1, alignItems: 'center', minHeight: 34, borderBottom: `1px solid ${theme.desk.line}` })}>
      <Muted>{name}</Muted>
      {value === '' ? (
        <Muted>{empty}</Muted>
      ) : (
        <Box component="span" className="mono" title={oneLine ? value : undefined} sx={oneLine ? { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } : { overflowWrap: 'anywhere', py: '4px' }}>
          {value}
        </Box>
      )}
      {value !== '' && <CopyButton value={value} what={name} onCopied={onCopied} />}
    </Box>
  );
}

function WhatTheUserSees({ order, provider, profileName }: { readonly order: Order; readonly provider: string | undefined; readonly profileName: string | undefined }): ReactElement {
  const steps: ReactNode[] = [
    'Scans the code with the camera, or opens the link on the device itself.',
    <>
      The device asks whether to add {profileName === undefined ? 'the profile' : <strong>{profileName}</strong>}
      {provider === undefined ? '' : ` from ${provider}`}.
    </>,
    ...(order.confirmationRequired ? [<>Then it asks for the confirmation code. Send it by another way than the QR code; {order.confirmationLimit - order.confirmationAttempts} tries are left.</>] : []),
    'The download needs Wi-Fi or another connection and takes seconds; the new line then appears in the settings.',
  ];
  return (
    <Box sx={(theme) => ({ mt: 2, pt: '10px', borderTop: `1px solid ${theme.desk.line}` })}>
      <Box component="h3" sx={{ m: 0, fontSize: '0.8125rem', fontWeight: 600 }}>
        What the user will see
      </Box>
      <Box component="ol" sx={(theme) => ({ m: '4px 0 0', pl: '18px', color: theme.desk.muted, '& strong': { color: theme.desk.text, fontWeight: 500 } })}>
        {steps.map((step, at) => (
          <li key={at}>{step}</li>
        ))}
      </Box>
    </Box>
  );
}

/** One page for the counter: shown to the printer only. */
function PrintSheet({ order, delivery, provider }: { readonly order: Order; readonly delivery: Delivery; readonly provider: string | undefined }): ReactElement {
  return createPortal(
    <Box className="print-sheet" aria-hidden sx={{ display: 'none', color: '#000', background: '#fff', p: '20mm', textAlign: 'center', fontSize: '11pt' }}>
      <GlobalStyles styles={{ '@media print': { '#root, .MuiDialog-root': { display: 'none !important' }, '.print-sheet': { display: 'block !important' }, body: { background: '#fff !important' } } }} />
      <Box sx={{ fontSize: '16pt', fontWeight: 600, mb: '6mm' }}>{provider ?? order.type}</Box>
      <Box sx={{ display: 'grid', placeItems: 'center', mb: '6mm' }}>
        <QrCode matrix={delivery.qr} size={320} label="QR code" />
      </Box>
      <p>Scan this code with the camera of your device, or type it in by hand:</p>
      <p>
        SM-DP+ address <span className="mono">{delivery.smdpAddress}</span>
        <br />
        Activation code <span className="mono">{delivery.matchingId}</span>
      </p>
      {order.confirmationRequired && <p>Your device will ask for a confirmation code, which reaches you separately.</p>}
      <p>
        ICCID <span className="mono">{order.iccid}</span>
      </p>
    </Box>,
    document.body,
  );
}
