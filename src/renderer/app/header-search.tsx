/** Paste any identifier and land on it: one hit jumps, several are listed. */
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import Search from '@mui/icons-material/Search';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate } from 'react-router';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import type { searchHit } from '../../shared/contract/workspace.ts';
import { headerSearchId } from '../design/ids.ts';
import { Key } from '../design/text.tsx';
import { call } from './client.ts';
import { useDesk, useSettled } from './queries.ts';
import { byKind, groupWord, listAddressFor, nothingFound, readAs } from './search-words.ts';
import { useToasts } from './toasts.tsx';

/** `all` stands for the list of everything with these digits. */
type Hit = Omit<z.infer<typeof searchHit>, 'kind'> & { readonly kind: z.infer<typeof searchHit>['kind'] | 'all' };
const longest = 400;

export function HeaderSearch(): ReactElement {
  const navigate = useNavigate();
  const toasts = useToasts();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const text = useSettled(typed.trim().slice(0, longest), 160);
  const found = useDesk(contract.workspace.search, { text }, { enabled: text.length >= 2 });
  const wanted = typed.trim().slice(0, longest);
  const current = text.length >= 2 && text === wanted ? found.data : undefined;
  const [asked, setAsked] = useState<{ readonly text: string; readonly recognised?: string | undefined } | undefined>();
  const empty = wanted === '' ? undefined : current?.hits.length === 0 ? { text: wanted, recognised: current.recognised } : asked?.text === wanted ? asked : undefined;
  const hits = useMemo((): readonly Hit[] => {
    const found: readonly Hit[] = byKind(current?.hits ?? []);
    const all = listAddressFor(wanted, found.filter((hit) => hit.kind === 'profile').length);
    return all === undefined ? found : [...found, { kind: 'all', id: 'all', title: `All with ${wanted}`, subtitle: 'as a list', href: all }];
  }, [current, wanted]);
  const { pathname } = useLocation();
  useEffect(() => {
    // Somebody who types on, or a scanner, is already at the next number.
    if (document.activeElement?.id === headerSearchId) return;
    setTyped('');
    setOpen(false);
  }, [pathname]);
  const latest = useRef(wanted);
  latest.current = wanted;

  const land = (hit: Hit): void => {
    setTyped('');
    setOpen(false);
    document.getElementById(headerSearchId)?.blur();
    void navigate(hit.href);
  };
  const jump = async (): Promise<void> => {
    if (wanted === '') return;
    try {
      const answer = await client.fetchQuery({ queryKey: [contract.workspace.search.name, { text: wanted }], queryFn: () => call(contract.workspace.search, { text: wanted }), staleTime: 1_000 });
      if (latest.current !== wanted) return;
      const only = answer.hits[0];
      if (only !== undefined && answer.hits.length === 1) land(only);
      else {
        setAsked(answer.hits.length === 0 ? { text: wanted, recognised: answer.recognised } : undefined);
        setOpen(true);
      }
    } catch (error) {
      toasts.failed(error, 'Search');
    }
  };

  return (
    <Box sx={{ position: 'relative' }}>
      <Autocomplete<Hit, false, false, true>
        id={headerSearchId}
        freeSolo
        options={hits}
        filterOptions={(shown) => shown}
        getOptionLabel={(option) => (typeof option === 'string' ? option : option.title)}
        isOptionEqualToValue={(a, b) => typeof a !== 'string' && typeof b !== 'string' && a.id === b.id && a.kind === b.kind}
        inputValue={typed}
        value={null}
        open={open && (current !== undefined || empty !== undefined)}
        onOpen={() => setOpen(true)}
        onClose={() => setOpen(false)}
        onInputChange={(_, next, reason) => {
          if (reason === 'input' || reason === 'clear') setTyped(next);
        }}
        onChange={(_, option) => {
          if (option !== null && typeof option !== 'string') land(option);
          else if (typeof option === 'string') void jump();
        }}
        groupBy={(hit) => hit.kind}
        slotProps={{ popper: { disablePortal: true, placement: 'bottom-start', sx: { minWidth: 'min(560px, 70vw)' } }, listbox: { sx: { p: '4px 0', maxHeight: 420 } } }}
        renderGroup={(group) => (
          <Box role="group" aria-label={groupWord(group.group)} key={group.key}>
            <Box aria-hidden sx={(theme) => ({ display: 'flex', justifyContent: 'space-between', gap: 2, p: '7px 14px 2px', fontSize: '0.75rem', color: theme.desk.muted })}>
              <span>{groupWord(group.group)}</span>
              {group.group === hits[0]?.kind && readAs(wanted, current) !== undefined && <span>Read as {readAs(wanted, current)}</span>}
            </Box>
            <Box component="ul" role="none" sx={{ p: 0, m: 0 }}>
              {group.children}
            </Box>
          </Box>
        )}
        renderOption={({ key, ...props }, hit) => (
          <Box component="li" key={key} {...props} sx={{ display: 'flex', gap: 2, justifyContent: 'space-between !important' }}>
            <Box component="span" className={hit.kind !== 'all' && /\d{4}/.test(hit.title) ? 'mono' : ''} sx={{ whiteSpace: 'nowrap', flex: '0 1 auto', maxWidth: '75%', minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }}>{hit.title}</Box>
            <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', textAlign: 'right', flex: '1 1000 0', minWidth: 0, whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis' })}>{hit.subtitle}</Box>
          </Box>
        )}
        renderInput={(params) => (
          <TextField
            {...params}
            placeholder="Find ICCID, IMSI, MSISDN, EID, MatchingID…"
            sx={{ width: 'clamp(200px, 34vw, 480px)' }}
            slotProps={{
              ...params.slotProps,
              htmlInput: { ...params.slotProps.htmlInput, 'aria-label': 'Find any identifier', spellCheck: false },
              input: {
                ...params.slotProps.input,
                startAdornment: (
                  <InputAdornment position="start">
                    <Search sx={(theme) => ({ color: theme.desk.muted })} />
                  </InputAdornment>
                ),
                endAdornment: typed === '' ? <Key>S</Key> : undefined,
              },
            }}
          />
        )}
      />
      <Box role="status" aria-live="polite" sx={{ position: 'absolute', top: '100%', left: 0, right: 0, mt: '4px', zIndex: 1300 }}>
        {open && empty !== undefined && (
          <Box sx={(theme) => ({ p: '8px 14px', borderRadius: '6px', background: theme.desk.surface, border: `1px solid ${theme.desk.lineStrong}`, color: theme.desk.text, overflowWrap: 'anywhere', boxShadow: '0 4px 14px rgba(0, 0, 0, 0.16)' })}>{nothingFound(empty.text, empty.recognised)}</Box>
        )}
      </Box>
    </Box>
  );
}
