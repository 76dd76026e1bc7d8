/**
 * Cells of a long list: plain elements styled by the grid they stand in (`grid-style.ts`). A page draws hundreds of them; a styled
 * component or a tooltip in each of them costs more than all the rest of the list.
 */
import type { MouseEvent, ReactElement, ReactNode } from 'react';
import { useNow } from '../app/now.tsx';
import { usePreferences } from '../app/preferences.tsx';
import { ago, moment, momentInFull } from './formats.ts';
import type { DeskIcon, Look } from './status.tsx';

/** What an icon draws, without the component around it; undefined when it is not built as expected. */
export function drawingOf(icon: DeskIcon): ReactNode | undefined {
  // Icons of MUI are memo(forwardRef(f)), and f only hands its drawing on.
  const render = (icon as unknown as { type?: { render?: (props: object, ref: null) => ReactElement<{ children?: ReactNode }> } }).type?.render;
  return typeof render === 'function' ? render({}, null).props.children : undefined;
}

const drawings = new Map<DeskIcon, ReactNode>();
function Drawing({ icon: Icon }: { readonly icon: DeskIcon }): ReactElement {
  let drawing = drawings.get(Icon);
  if (drawing === undefined) {
    drawing = drawingOf(Icon);
    drawings.set(Icon, drawing);
  }
  return drawing === undefined ? <Icon aria-hidden /> : <svg viewBox="0 0 24 24" aria-hidden>{drawing}</svg>;
}

/** A state as icon and word; `quiet` greys the resting state of an axis. */
export function StateCell({ look, quiet = false, why }: { readonly look: Look; readonly quiet?: boolean; readonly why?: string | undefined }): ReactElement {
  return (
    <span className={`state ${quiet ? 'quiet' : look.tone}`} title={why ?? look.meaning}>
      <Drawing icon={look.icon} />
      {look.word}
    </span>
  );
}

/** A moment; what it is in full is worked out when somebody points at it. */
export function MomentCell({ at, show = 'absolute' }: { readonly at: number; readonly show?: 'absolute' | 'minutes' }): ReactElement {
  const { zone } = usePreferences();
  return (
    <time dateTime={new Date(at).toISOString()} onMouseEnter={(event) => tell(event, momentInFull(at, zone, Date.now()))}>
      {moment(at, zone, show === 'absolute')}
    </time>
  );
}

/** Age of a moment, which goes on with the clock. */
export function AgeCell({ at }: { readonly at: number }): ReactElement {
  const now = useNow();
  const { zone } = usePreferences();
  return (
    <time className="dim" dateTime={new Date(at).toISOString()} onMouseEnter={(event) => tell(event, momentInFull(at, zone, Date.now()))}>
      {ago(at, now)}
    </time>
  );
}

function tell(event: MouseEvent<HTMLElement>, text: string): void {
  event.currentTarget.title = text;
}

export const DigitsCell = ({ value }: { readonly value: string }): ReactElement => <span className="mono">{value}</span>;
export const NoneCell = (): ReactElement => <span className="dim">–</span>;
