/** What is known of one number, wherever it stands. */
import { useState, type FormEvent, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import Popover from '@mui/material/Popover';
import TextField from '@mui/material/TextField';
import Close from '@mui/icons-material/Close';
import ManageSearch from '@mui/icons-material/ManageSearch';
import { contract } from '../../shared/contract/index.ts';
import type { NumberAnswer } from '../../shared/contract/numbers.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk } from '../app/queries.ts';
import { TextLink } from '../design/link.tsx';
import { Pairs } from '../design/panel.tsx';
import { LoadingRows, ProblemNote } from '../design/states.tsx';
import { Badge } from '../design/status.tsx';
import { Identifier, Moment, Muted } from '../design/text.tsx';
import { kindName, numberLook } from './number-words.ts';

export function FindNumber(): ReactElement {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState<string | undefined>();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (text.trim().length < 3) return;
    setAnchor(event.currentTarget);
    setAsked(text.trim());
  };
  const close = (): void => setAsked(undefined);
  return (
    <>
      <Box component="form" onSubmit={submit} sx={{ display: 'flex' }}>
        <TextField
          value={text} onChange={(event) => setText(event.target.value)} placeholder="What is this number?" sx={{ width: 226 }}
          slotProps={{
            htmlInput: { 'aria-label': 'Number to look up: ICCID, IMSI or MSISDN', spellCheck: false, autoComplete: 'off', className: 'mono' },
            input: { endAdornment: <InputAdornment position="end"><IconButton type="submit" aria-label="Look the number up" edge="end" size="small"><ManageSearch fontSize="small" /></IconButton></InputAdornment> },
          }}
        />
      </Box>
      <Popover open={asked !== undefined} anchorEl={anchor} onClose={close} anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }} transformOrigin={{ vertical: 'top', horizontal: 'right' }} slotProps={{ paper: { role: 'dialog', 'aria-label': 'What is known of the number', sx: { width: 460, maxWidth: 'calc(100vw - 32px)', p: '12px 16px 14px', mt: '4px' } } }}>
        {asked !== undefined && <Answer number={asked} onClose={close} />}
      </Popover>
    </>
  );
}

function Answer({ number, onClose }: { readonly number: string; readonly onClose: () => void }): ReactElement {
  const found = useDesk(contract.numbers.find, { number });
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
        <Box component="span" className="mono" sx={{ flex: 1, fontWeight: 600, overflowWrap: 'anywhere' }}>{number}</Box>
        <IconButton aria-label="Close" onClick={onClose} size="small"><Close fontSize="small" /></IconButton>
      </Box>
      {found.isError ? <ProblemNote error={found.error} /> : found.data === undefined ? <LoadingRows rows={3} /> : found.data.rows.map((row) => <One key={row.kind} row={row} onClose={onClose} />)}
    </Box>
  );
}

function One({ row, onClose }: { readonly row: NumberAnswer; readonly onClose: () => void }): ReactElement {
  const { open } = useDialogs();
  const { block } = row;
  return (
    <Box>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: '6px' }}>
        <Muted>{kindName[row.kind]}</Muted>
        <Badge look={numberLook[row.status]} />
      </Box>
      <Box sx={{ mb: '6px' }}>{row.text}</Box>
      <Pairs
        nameWidth={84}
        rows={[
          ...(row.iccid === undefined ? [] : [['Profile', <TextLink key="p" to={`/inventory/${row.iccid}`}>{row.iccid}</TextLink>] as const]),
          ...(row.burnt === undefined ? [] : [['Burnt', <Moment key="b" at={row.burnt.at} show="minutes" />] as const]),
          ...(block === undefined ? [] : [['Block', (
            <span key="k">
              <Identifier value={block.first} what="First number" /> to <Identifier value={block.last} what="Last number" />
            </span>
          )] as const, ['Owner', block.owner ?? 'operator'] as const, ['Type', block.type ?? 'any'] as const]),
          ...(row.job === undefined ? [] : [['Batch', <TextLink key="j" to={`/preparation/${row.job}`}>{row.job}</TextLink>] as const]),
        ]}
      />
      {block !== undefined && <Button sx={{ mt: '6px', ml: '-8px' }} onClick={() => { onClose(); open({ kind: 'numbers.block', id: block.id }); }}>Open the block</Button>}
    </Box>
  );
}
