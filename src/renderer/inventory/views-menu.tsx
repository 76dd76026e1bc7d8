/** Saved views of the inventory: names for addresses. Those of the program, one's own, and the shared ones. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Divider from '@mui/material/Divider';
import ListSubheader from '@mui/material/ListSubheader';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import ArrowDropDown from '@mui/icons-material/ArrowDropDown';
import BookmarksOutlined from '@mui/icons-material/BookmarksOutlined';
import Check from '@mui/icons-material/Check';
import GroupsOutlined from '@mui/icons-material/GroupsOutlined';
import { useForm } from 'react-hook-form';
import { views, type SavedView, type ViewContent } from '../../shared/contract/inventory.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { Field, refusalToField } from '../design/form.tsx';
import type { GridLayout } from '../design/grid-layout.ts';
import { Note, ProblemNote } from '../design/states.tsx';
import { copyText } from '../design/text.tsx';
import { inventoryColumns } from './columns.tsx';
import { allProfiles, builtInViews, contentOf, linkOf, paramsOfView, sameList } from './view-address.ts';

export interface ViewsState {
  readonly rows: readonly SavedView[];
  readonly loaded: boolean;
  readonly current: SavedView | undefined;
  readonly title: string;
  /** The list is not as the view says any more. */
  readonly changed: boolean;
}

/** What view an address stands for. */
export function useViews(params: URLSearchParams): ViewsState {
  const list = useDesk(views.list, {});
  const rows = list.data?.rows ?? [];
  const id = params.get('view') ?? '';
  const current = rows.find((v) => v.id === id);
  const builtIn = builtInViews.find((v) => v.id === id) ?? (id === '' ? builtInViews.find((v) => sameList(v.params, params)) : undefined);
  const bare = [...params.keys()].every((key) => key === 'view');
  const changed = current !== undefined ? !sameList(paramsOfView(current, inventoryColumns), params) : builtIn !== undefined ? !sameList(builtIn.params, params) : false;
  return { rows, loaded: list.data !== undefined || list.isError, current, changed, title: current?.name ?? builtIn?.name ?? (bare ? 'All profiles' : 'Filtered') };
}

interface MenuProps {
  readonly state: ViewsState;
  readonly params: URLSearchParams;
  readonly layout: GridLayout;
  readonly onGo: (params: URLSearchParams) => void;
}

type Asking = { readonly kind: 'save' | 'rename'; readonly view?: SavedView } | undefined;

export function ViewsMenu({ state, params, layout, onGo }: MenuProps): ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [asking, setAsking] = useState<Asking>();
  const toasts = useToasts();
  const save = useDeskCommand(views.save);
  const remove = useDeskCommand(views.remove);
  const setDefault = useDeskCommand(views.setDefault);
  const { current, changed, rows } = state;
  const mine = rows.filter((v) => v.mine);
  const shared = rows.filter((v) => !v.mine);
  const hasDefault = rows.some((v) => v.isDefault);
  const content = (): ViewContent => contentOf(params, inventoryColumns, layout);
  const close = (): void => setAnchor(null);
  const act = (run: () => void) => () => {
    close();
    run();
  };
  const choose = (id: string, to: URLSearchParams) => act(() => {
    const next = new URLSearchParams(to);
    if (id === '') next.delete('view');
    else next.set('view', id);
    onGo(next);
  });
  const item = (id: string, name: string, to: URLSearchParams, view?: SavedView): ReactElement => {
    const on = view === undefined ? state.current === undefined && state.title === name : current?.id === view.id;
    return (
      <MenuItem key={`${id}${name}`} role="menuitemradio" aria-checked={on} selected={on} onClick={choose(id, to)} sx={{ gap: 1 }}>
        <Check aria-hidden sx={{ fontSize: '1rem', visibility: on ? 'visible' : 'hidden' }} />
        <Box component="span" sx={{ flex: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }}>{name}</Box>
        {view?.isDefault === true && <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>opens first</Box>}
        {view?.shared === true && <GroupsOutlined aria-label="Shared" role="img" sx={{ fontSize: '1rem' }} />}
      </MenuItem>
    );
  };
  const overwrite = (view: SavedView): void => save.mutate({ id: view.id, name: view.name, shared: view.shared, content: content() }, { onSuccess: (saved) => { onGo(paramsOfView(saved, inventoryColumns)); toasts.done(`View “${saved.name}” saved`); }, onError: (error) => toasts.failed(error, 'Saving the view') });
  const discard = (view: SavedView): void =>
    remove.mutate({ id: view.id }, {
      onSuccess: () => {
        const next = new URLSearchParams(params);
        next.delete('view');
        onGo(next);
        toasts.done(`View “${view.name}” deleted`, { label: 'Undo', run: () => save.mutate({ name: view.name, shared: view.shared, content: view.content }, { onError: (error) => toasts.failed(error, 'Undo') }) });
      },
      onError: (error) => toasts.failed(error, 'Deleting the view'),
    });
  const copyLink = async (): Promise<void> => {
    const here = new URL(window.location.href);
    // The session of this console does not belong into a link.
    const text = `${here.origin}${here.pathname}#/inventory?${linkOf(params, inventoryColumns, layout).toString()}`;
    if (await copyText(text)) toasts.done('Link copied: filter, order and columns are in it');
    else toasts.failed('The browser does not allow it here', 'Copying');
  };
  return (
    <>
      <Button variant="outlined" startIcon={<BookmarksOutlined />} endIcon={<ArrowDropDown />} aria-haspopup="menu" aria-expanded={anchor !== null} aria-label={`View: ${state.title}${changed ? ', changed' : ''}`} onClick={(event) => setAnchor(event.currentTarget)} sx={{ fontWeight: 600, maxWidth: 240, '& .MuiButton-endIcon': { ml: '2px', mr: '-6px' } }}>
        <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{state.title}</Box>
        {changed && <Box component="span" sx={(theme) => ({ fontWeight: 400, color: theme.desk.muted, ml: '5px' })}>changed</Box>}
      </Button>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={close} slotProps={{ list: { dense: true, 'aria-label': 'Views' }, paper: { sx: { minWidth: 270, maxWidth: 360 } } }}>
        {item(hasDefault ? allProfiles : '', 'All profiles', new URLSearchParams())}
        {builtInViews.map((v) => item(v.id, v.name, v.params))}
        {mine.length > 0 && <ListSubheader sx={subheader} role="presentation">My views</ListSubheader>}
        {mine.map((v) => item(v.id, v.name, paramsOfView(v, inventoryColumns), v))}
        {shared.length > 0 && <ListSubheader sx={subheader} role="presentation">Shared with everybody</ListSubheader>}
        {shared.map((v) => item(v.id, v.name, paramsOfView(v, inventoryColumns), v))}
        <Divider />
        {current?.mine === true && changed && <MenuItem onClick={act(() => overwrite(current))}>Save changes to “{current.name}”</MenuItem>}
        {current !== undefined && changed && <MenuItem onClick={act(() => onGo(paramsOfView(current, inventoryColumns)))}>Back to “{current.name}” as saved</MenuItem>}
        <MenuItem onClick={act(() => setAsking({ kind: 'save' }))}>Save as a new view…</MenuItem>
        {current?.mine === true && <MenuItem onClick={act(() => setAsking({ kind: 'rename', view: current }))}>Rename or share “{current.name}”…</MenuItem>}
        {current !== undefined && <MenuItem onClick={act(() => setDefault.mutate(current.isDefault ? {} : { id: current.id }, { onSuccess: () => toasts.done(current.isDefault ? 'The inventory opens with all profiles' : `The inventory opens with “${current.name}”`), onError: (error) => toasts.failed(error, 'Default view') }))}>{current.isDefault ? 'Do not open it first any more' : 'Open the inventory with it'}</MenuItem>}
        <MenuItem onClick={act(() => void copyLink())}>Copy link to this list</MenuItem>
        {current?.mine === true && <MenuItem onClick={act(() => discard(current))}>Delete “{current.name}”</MenuItem>}
      </Menu>
      {asking !== undefined && <ViewDialog asking={asking} content={content()} onClose={() => setAsking(undefined)} onSaved={(view) => onGo(paramsOfView(view, inventoryColumns))} />}
    </>
  );
}

const subheader = { lineHeight: '26px', fontSize: '0.75rem', background: 'transparent', fontWeight: 500 } as const;

function ViewDialog({ asking, content, onClose, onSaved }: { readonly asking: NonNullable<Asking>; readonly content: ViewContent; readonly onClose: () => void; readonly onSaved: (view: SavedView) => void }): ReactElement {
  const form = useForm({ defaultValues: { name: asking.view?.name ?? '', shared: asking.view?.shared ?? false } });
  const save = useDeskCommand(views.save);
  const rename = useDeskCommand(views.rename);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const submit = async ({ name, shared }: { name: string; shared: boolean }): Promise<void> => {
    setRefusal(undefined);
    try {
      const view = asking.view === undefined ? await save.mutateAsync({ name: name.trim(), shared, content }) : await rename.mutateAsync({ id: asking.view.id, name: name.trim(), shared });
      toasts.done(`View “${view.name}” saved`);
      onSaved(view);
      onClose();
    } catch (error) {
      if (!refusalToField<{ name: string; shared: boolean }>(error, { name: 'name', VIEW_EXISTS: 'name' }, form.setError)) setRefusal(error);
    }
  };
  return (
    <DeskDialog
      title={asking.view === undefined ? 'Save as a view' : 'Rename or share view'}
      onClose={onClose}
      width={460}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={form.formState.isSubmitting}>Save view</PrimaryButton>
        </>
      }
    >
      <Field control={form.control} name="name" label="Name" autoFocus rules={{ validate: (v) => (String(v).trim() === '' ? 'This is needed' : String(v).trim().length > 60 ? 'At most 60 characters' : true) }} />
      <Box component="label" sx={{ display: 'flex', gap: 1, alignItems: 'center', cursor: 'pointer' }}>
        <Box component="input" type="checkbox" {...form.register('shared')} sx={(theme) => ({ width: 15, height: 15, m: 0, accentColor: theme.desk.accent })} />
        Everybody in this workspace may open it
      </Box>
      {asking.view === undefined && <Note tone="info">It keeps filter, order, columns with their widths, and the height of rows.</Note>}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
