/** Which dialog is open. Dialogs live above the screens, so that any command can open any of them. */
import type { BrandRow } from '../../shared/contract/brands.ts';
import type { LevelRow, PolicyRow, ProposalRow } from '../../shared/contract/numbers.ts';
import type { OrderRow } from '../../shared/contract/orders.ts';
import type { OutboxRow } from '../../shared/contract/outbox.ts';
import type { certificateRoles, ListedCertificate } from '../../shared/contract/pki.ts';
import type { TypeRow } from '../../shared/contract/types.ts';
import type { BulkRequest } from '../inventory/bulk-dialog.tsx';
import type { ExportRequest } from '../inventory/export-dialog.tsx';
import { useLocation } from 'react-router';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from 'react';

export type DialogRequest =
  | { readonly kind: 'palette' }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'order.new'; readonly type?: string; readonly iccid?: string }
  | { readonly kind: 'range.create' }
  | { readonly kind: 'numbers.add' }
  | { readonly kind: 'numbers.block'; readonly id: string }
  | { readonly kind: 'level.set'; readonly row: LevelRow }
  | { readonly kind: 'proposal.dismiss'; readonly proposal: ProposalRow }
  | { readonly kind: 'policy.set'; readonly policy: PolicyRow }
  | { readonly kind: 'profile.add' }
  | { readonly kind: 'lab.fill' }
  | { readonly kind: 'template.import' }
  | { readonly kind: 'type.create'; readonly template?: string }
  | { readonly kind: 'type.change'; readonly type: TypeRow; readonly template?: string }
  | { readonly kind: 'job'; readonly id: string }
  | { readonly kind: 'profile.reason'; readonly action: 'quarantine' | 'unquarantine' | 'retire'; readonly iccid: string }
  | ({ readonly kind: 'bulk' } & BulkRequest)
  | ({ readonly kind: 'profiles.export' } & ExportRequest)
  | { readonly kind: 'brand.add' }
  | { readonly kind: 'brand.change'; readonly brand: BrandRow; readonly part: 'entitlements' | 'quotas' | 'callback' }
  | { readonly kind: 'brand.state'; readonly brand: BrandRow; readonly to: BrandRow['state'] }
  | { readonly kind: 'brand.credential'; readonly brand: BrandRow }
  | { readonly kind: 'brand.credential.remove'; readonly brand: BrandRow; readonly sha256: string }
  | { readonly kind: 'outbox.replay'; readonly messages?: readonly OutboxRow[]; readonly all?: { readonly dead?: number; readonly brand?: string } }
  | { readonly kind: 'outbox.discard'; readonly messages: readonly OutboxRow[] }
  | { readonly kind: 'certificate.import'; readonly identity?: string; readonly role?: (typeof certificateRoles)[number] }
  | { readonly kind: 'certificate.retire'; readonly identity: string; readonly certificate?: ListedCertificate }
  | { readonly kind: 'crl.import' }
  | { readonly kind: 'transportKey.add' }
  | { readonly kind: 'transportKey.retire'; readonly name: string }
  | { readonly kind: 'transportKey.change'; readonly name: string; readonly index: string; readonly note: string }
  | { readonly kind: 'order.confirm'; readonly order: OrderRow }
  | { readonly kind: 'order.cancel'; readonly orderId: string; readonly iccid: string; readonly delivered: boolean; readonly ended?: boolean; readonly unconfirmed?: boolean };

interface Dialogs {
  readonly current: DialogRequest | undefined;
  open(request: DialogRequest): void;
  close(): void;
  /** The same as `current`, without waiting for the next drawing. */
  isOpen(): boolean;
}

const Context = createContext<Dialogs | undefined>(undefined);

export function DialogProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [current, set] = useState<DialogRequest | undefined>();
  const before = useRef<Element | null>(null);
  const { pathname } = useLocation();
  const openedOn = useRef(pathname);
  const standing = useRef(false);
  const open = useCallback((request: DialogRequest) => {
    before.current ??= document.activeElement;
    // From the address itself: the new screen may still be loading while the old one is drawn.
    openedOn.current = window.location.hash.slice(1).split('?', 1)[0] || '/';
    standing.current = true;
    set(request);
  }, []);
  const close = useCallback(() => {
    standing.current = false;
    set(undefined);
    const back = before.current;
    before.current = null;
    // The dialog gives the focus back itself when its opener is still there; a palette that opened a dialog is not.
    setTimeout(() => {
      if (document.activeElement === document.body && back instanceof HTMLElement && back.isConnected) back.focus();
    }, 0);
  }, []);
  // A dialog belongs to the screen it was opened on: Back must not leave it standing over another one.
  useEffect(() => {
    if (standing.current && openedOn.current !== pathname) close();
  }, [pathname, close]);
  const value = useMemo(() => ({ current, open, close, isOpen: () => standing.current }), [current, open, close]);
  return <Context value={value}>{children}</Context>;
}

export function useDialogs(): Dialogs {
  const value = useContext(Context);
  if (value === undefined) throw new Error('DialogProvider is missing');
  return value;
}
