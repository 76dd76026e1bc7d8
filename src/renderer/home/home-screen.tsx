import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import { Link } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { count, plural, share, span } from '../design/formats.ts';
import { Figure, Page, PageHeader, Panel } from '../design/panel.tsx';
import { Problem } from '../design/states.tsx';
import { TextLink } from '../design/link.tsx';
import { Attention } from './attention.tsx';
import { FirstSteps } from './first-steps.tsx';
import { PerDay } from './per-day.tsx';
import { Recent } from './recent.tsx';
import { StockTable } from './stock-table.tsx';

type HomeData = OutputOf<typeof contract.workspace.home>;

export function HomeScreen(): ReactElement {
  const home = useDesk(contract.workspace.home, {}, { refetchInterval: 60_000 });
  if (home.isError && home.data === undefined) return <Problem error={home.error} what="Home" retry={() => void home.refetch()} />;
  const data = home.data;
  const fresh = data !== undefined && data.profiles === 0;
  return (
    <Page>
      <PageHeader title="Home">
        <CommandButton id="stock.import" />
        <CommandButton id="order.new" primary />
      </PageHeader>
      {data === undefined ? (
        <Loading />
      ) : fresh ? (
        <FirstSteps />
      ) : (
        <>
          <Figures data={data} />
          <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1.7fr) minmax(320px, 1fr)', gap: 2, '@media (max-width: 900px)': { gridTemplateColumns: '1fr' } }}>
            <PerDay days={data.perDay} />
            <Attention items={data.attention} />
            <StockTable rows={data.stock} />
            <Recent events={data.recent} />
          </Box>
        </>
      )}
    </Page>
  );
}

function Figures({ data }: { readonly data: HomeData }): ReactElement {
  const { activations, timeToInstalled } = data;
  const sellable = data.stock.reduce((sum, row) => sum + row.sellable, 0);
  const ended = activations.installed + activations.failed;
  return (
    <Panel sx={{ '& > div': { py: '14px' } }}>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(6, minmax(0, 1fr))', gap: 2, '@media (max-width: 1100px)': { gridTemplateColumns: 'repeat(3, minmax(0, 1fr))' } }}>
        <Figure name="Profiles" value={<FigureLink to="/inventory">{count(data.profiles)}</FigureLink>} note={plural(data.stock.length, 'profile type')} />
        <Figure name="Sellable" value={<FigureLink to="/inventory?stock=sellable">{count(sellable)}</FigureLink>} note={`${share(sellable, data.profiles)} of all profiles`} />
        <Figure name="Ordered today" value={count(activations.today)} note={`${count(activations.sevenDays)} in 7 days`} />
        <Figure name="Waiting for a device" value={<FigureLink to="/activations?state=released">{count(activations.waiting)}</FigureLink>} note="released, not yet downloaded" />
        <Figure
          name="Installed"
          value={<FigureLink to="/activations?state=installed">{count(activations.installed)}</FigureLink>}
          note={
            <>
              {share(activations.installed, ended)} of those that ended
              {activations.failed > 0 && (
                <>
                  {' · '}
                  <Box component="span" sx={{ whiteSpace: 'nowrap' }}>
                    <TextLink to="/activations?state=error">{count(activations.failed)} failed</TextLink>
                  </Box>
                </>
              )}
            </>
          }
        />
        <TimeToInstalled {...timeToInstalled} />
      </Box>
    </Panel>
  );
}

const enoughSamples = 20;

function TimeToInstalled({ samples, p50, p90 }: HomeData['timeToInstalled']): ReactElement {
  if (p50 === undefined || p90 === undefined) return <Figure name="Time to installed" value="–" note={`needs ${enoughSamples} in 30 days, has ${samples}`} />;
  return <Figure name="Time to installed, median" value={span(p50)} note={`90% within ${span(p90)} · ${count(samples)} in 30 days`} />;
}

function FigureLink({ to, children }: { readonly to: string; readonly children: string }): ReactElement {
  return (
    <Box component={Link} to={to} sx={(theme) => ({ color: 'inherit', textDecoration: 'none', borderRadius: '4px', '&:hover': { color: theme.desk.accentText, textDecoration: 'underline', textUnderlineOffset: '4px', textDecorationThickness: '1.5px' } })}>
      {children}
    </Box>
  );
}

function Loading(): ReactElement {
  return (
    <Box role="status" aria-label="Loading Home" sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
      <Skeleton variant="rounded" height={96} />
      <Box sx={{ display: 'grid', gridTemplateColumns: '1.7fr 1fr', gap: 2 }}>
        <Skeleton variant="rounded" height={300} />
        <Skeleton variant="rounded" height={300} />
      </Box>
    </Box>
  );
}
