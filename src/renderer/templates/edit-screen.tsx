import type { ReactElement } from 'react';
import { Empty } from '../design/states.tsx';

export function EditScreen(): ReactElement {
  return <Empty title="Nothing to edit" />;
}
