/** An empty list that filters made: which of them keeps the most away, and a button to drop it. */
import type { ReactElement } from 'react';
import Button from '@mui/material/Button';
import FilterListOff from '@mui/icons-material/FilterListOff';
import { inventory } from '../../shared/contract/inventory.ts';
import type { ProfileFilter } from '../../shared/contract/profile-filter.ts';
import { useDesk } from '../app/queries.ts';
import { count } from '../design/formats.ts';
import { Empty } from '../design/states.tsx';
import type { Chip } from './filter.ts';
import { conditionWords, fieldNames } from './filter-words.ts';
import { valueWord } from './value-options.ts';

interface Props {
  readonly filter: ProfileFilter;
  readonly chips: readonly Chip[];
  readonly onRemove: (chip: string) => void;
  readonly onClear: () => void;
}

function chipWords(chip: string, chips: readonly Chip[], filter: ProfileFilter): string {
  if (chip === 'text') return `“${filter.text ?? ''}”`;
  const found = chips.find((c) => c.id === chip);
  if (found === undefined) return chip;
  const { op, value } = conditionWords(found.condition, (v) => valueWord(found.condition.field, v));
  return `“${[op === '' ? `${fieldNames[found.condition.field]}:` : fieldNames[found.condition.field], op, value].filter((part) => part !== '').join(' ')}”`;
}

export function NothingFits({ filter, chips, onRemove, onClear }: Props): ReactElement {
  const blame = useDesk(inventory.blame, { filter });
  const worst = blame.data?.chips.filter((c) => c.count > 0)[0];
  const one = chips.length + (filter.text === undefined ? 0 : 1) === 1;
  return (
    <Empty
      icon={FilterListOff}
      title="Nothing fits these filters"
      actions={
        <>
          {worst !== undefined && !one && <Button variant="contained" color="primary" onClick={() => onRemove(worst.chip)}>Remove {chipWords(worst.chip, chips, filter)}</Button>}
          <Button variant="outlined" onClick={onClear}>{one ? 'Remove the filter' : 'Remove all filters'}</Button>
        </>
      }
    >
      {worst === undefined || one ? (
        'The list itself is not empty.'
      ) : (
        <>
          {chipWords(worst.chip, chips, filter)} keeps the most away: without it {worst.more ? `more than ${count(worst.count)}` : count(worst.count)} {worst.count === 1 && !worst.more ? 'profile fits' : 'profiles fit'}.
        </>
      )}
    </Empty>
  );
}
