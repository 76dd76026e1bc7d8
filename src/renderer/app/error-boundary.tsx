import { Component, type ReactElement, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import { Problem } from '../design/states.tsx';

interface Props {
  readonly children: ReactNode;
  /** Changing it (another screen) gives the children a new try. */
  readonly resetKey: string;
}
interface State {
  readonly error: unknown;
  readonly key: string;
}

/** A screen that fails fails alone: frame, navigation and the other screens go on. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined, key: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.key ? null : { error: undefined, key: props.resetKey };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <Fallen error={this.state.error} again={() => this.setState({ error: undefined })} />;
  }
}

function Fallen({ error, again }: { readonly error: unknown; readonly again: () => void }): ReactElement {
  return (
    <>
      <Problem error={error} what="This screen" retry={again} />
      <Button sx={{ display: 'block', mx: 'auto' }} onClick={() => window.location.reload()}>
        Reload the window
      </Button>
    </>
  );
}
