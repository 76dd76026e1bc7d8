import type { ReactElement } from 'react';
import { CopyButton } from '../design/text.tsx';

/** A SHA-256 that breaks in its middle, where it has to break at all. */
export function Digest({ value }: { readonly value: string }): ReactElement {
  return (
    <span className="mono" style={{ overflowWrap: 'normal' }}>
      {value.slice(0, 32)}
      <wbr />
      {value.slice(32)} <CopyButton value={value} what="SHA-256" />
    </span>
  );
}
