import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { useParams } from 'react-router';
import { brands, progressPoints, type BrandRow } from '../../shared/contract/brands.ts';
import { CommandButton, useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { useNow } from '../app/now.tsx';
import { useDesk } from '../app/queries.ts';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { count, plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Page, PageHeader, Pairs, Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Note, Problem } from '../design/states.tsx';
import { Badge, Status } from '../design/status.tsx';
import { Absent, CopyButton, Moment, Muted } from '../design/text.tsx';
import { ValidityBar } from '../keys/validity-bar.tsx';
import { brandLook, callbackLook, pointNames } from './brand-words.ts';
import { shownRanges } from './ranges.ts';
import { UsageBar } from './usage.tsx';

export function BrandScreen(): ReactElement {
  const { name = '' } = useParams();
  const list = useDesk(brands.list, {}, { refetchInterval: 30_000 });
  useEscapeTo('/brands');
  if (list.isError && list.data === undefined) return <Problem error={list.error} what="The brand" retry={() => void list.refetch()} />;
  if (list.data === undefined) return <LoadingRows rows={12} />;
  const brand = list.data.rows.find((b) => b.name === name);
  if (brand === undefined) return <Empty title="No such brand" actions={<BackLink to="/brands">Brands</BackLink>}>There is no brand called {name}.</Empty>;
  return <BrandView brand={brand} />;
}

function BrandView({ brand }: { readonly brand: BrandRow }): ReactElement {
  const { open } = useDialogs();
  const active = brand.state === 'active';
  const commands = useMemo(
    (): readonly CommandSpec[] => [
      { id: 'brand.entitlements', title: 'Change entitlements', group: 'Here', permission: 'brand.manage', keywords: ['types', 'iccid', 'ranges'], run: () => open({ kind: 'brand.change', brand, part: 'entitlements' }) },
      { id: 'brand.quotas', title: 'Change quotas', group: 'Here', permission: 'brand.manage', keywords: ['limit', 'orders'], run: () => open({ kind: 'brand.change', brand, part: 'quotas' }) },
      { id: 'brand.callback', title: 'Change callback', group: 'Here', permission: 'brand.manage', keywords: ['notifications', 'url', 'progress'], run: () => open({ kind: 'brand.change', brand, part: 'callback' }) },
      { id: 'brand.credential', title: 'Add client credential', group: 'Here', permission: 'brand.manage', keywords: ['certificate', 'ca', 'tls'], run: () => open({ kind: 'brand.credential', brand }) },
      { id: 'brand.suspend', title: 'Suspend brand', group: 'Here', permission: 'brand.manage', blocked: () => (active ? undefined : 'It is suspended already'), run: () => open({ kind: 'brand.state', brand, to: 'suspended' }) },
      { id: 'brand.resume', title: 'Resume brand', group: 'Here', permission: 'brand.manage', blocked: () => (active ? 'It is active' : undefined), run: () => open({ kind: 'brand.state', brand, to: 'active' }) },
      {
        id: 'brand.replay', title: 'Send its dead messages again', group: 'Here', permission: 'outbox.manage', keywords: ['outbox', 'callback', 'replay'],
        blocked: () => ((brand.callback?.dead ?? 0) > 0 ? undefined : 'No message of this brand is dead'), run: () => open({ kind: 'outbox.replay', all: { dead: brand.callback?.dead ?? 0, brand: brand.name } }),
      },
    ],
    [brand, active, open],
  );
  useScreenCommands(commands);
  return (
    <Page>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: '2px' }}>
        <BackLink to="/brands">Brands</BackLink>
        <PageHeader
          title={
            <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1.5 }}>
              {brand.name}
              <Badge look={brandLook[brand.state]} />
            </Box>
          }
        >
          <CommandButton id={active ? 'brand.suspend' : 'brand.resume'} label={active ? 'Suspend' : 'Resume'} />
        </PageHeader>
      </Box>
      {!active && <Note tone="warning">Suspended: every ES2+ request of {brand.name} is refused. {brand.openNow > 0 && `${plural(brand.openNow, 'open order')} of it ${brand.openNow === 1 ? 'stays' : 'stay'} as they are.`}</Note>}
      <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1.35fr) minmax(330px, 1fr)', gap: 2, alignItems: 'start', '@media (max-width: 900px)': { gridTemplateColumns: '1fr' } }}>
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, minWidth: 0 }}>
          <Panel title="Orders" aside={<CommandButton id="brand.quotas" label="Change" variant="text" />}>
            <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 3 }}>
              <Quota name="Open now" used={brand.openNow} limit={brand.openOrders} />
              <Quota name="In the last 24 hours" used={brand.lastDay} limit={brand.ordersPerDay} />
            </Box>
            <Box sx={{ mt: 1.5, display: 'flex', gap: 2 }}>
              <TextLink to={`/activations?brand=${encodeURIComponent(brand.name)}&open=yes`}>Open orders</TextLink>
              <TextLink to={`/activations?brand=${encodeURIComponent(brand.name)}`}>All its orders</TextLink>
            </Box>
          </Panel>
          <Entitlements brand={brand} />
          <Credentials brand={brand} />
        </Box>
        <Callback brand={brand} />
      </Box>
    </Page>
  );
}

function Quota({ name, used, limit }: { readonly name: string; readonly used: number; readonly limit: number | undefined }): ReactElement {
  return (
    <Box>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', mb: '4px' })}>{name}</Box>
      <UsageBar name={name} used={used} limit={limit} wide />
    </Box>
  );
}

function Entitlements({ brand }: { readonly brand: BrandRow }): ReactElement {
  const ranges = shownRanges(brand.iccids);
  return (
    <Panel title="May order" aside={<CommandButton id="brand.entitlements" label="Change" variant="text" />}>
      <Pairs
        nameWidth={110}
        rows={[
          ['Profile types', brand.allTypes ? 'Every type, also later ones' : brand.types.length === 0 ? <Absent key="t">none: it can order nothing</Absent> : <Box key="t" component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexWrap: 'wrap', gap: '2px 14px' }}>{brand.types.map((type) => <li key={type}><TextLink to={`/inventory?type=${encodeURIComponent(type)}`}>{type}</TextLink></li>)}</Box>],
          [
            'ICCID ranges',
            brand.iccids.length === 0 ? (
              <Absent key="r">every ICCID that is not another brand's</Absent>
            ) : (
              <Box key="r" component="ul" tabIndex={ranges.length > 8 ? 0 : undefined} aria-label="ICCID ranges" className="mono" sx={{ listStyle: 'none', m: 0, p: 0, maxHeight: 200, overflow: 'auto' }}>
                {ranges.map((range) => (
                  <li key={range}>{range}</li>
                ))}
              </Box>
            ),
          ],
        ]}
      />
    </Panel>
  );
}

function Credentials({ brand }: { readonly brand: BrandRow }): ReactElement {
  const now = useNow();
  const { open } = useDialogs();
  const last = brand.credentials.length <= 1;
  return (
    <Panel title="Recognised by" flush aside={<CommandButton id="brand.credential" label="Add" variant="text" />}>
      <Scroll label="Client credentials" actions>
        <TableHead>
          <TableRow>
            <TableCell>Certificate</TableCell>
            <TableCell>Validity</TableCell>
            <TableCell>
              <span className="visually-hidden">Actions</span>
            </TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {brand.credentials.map((c) => (
            <TableRow key={c.sha256}>
              <TableCell component="th" scope="row" sx={{ width: '100%', maxWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }}>
                <Box component="span" title={c.subject} sx={{ display: 'block', overflow: 'hidden', textOverflow: 'ellipsis' }}>
                  {c.subject}
                </Box>
                <Muted>
                  {c.kind === 'ca' ? 'CA' : 'This certificate'} · SHA-256 <span className="mono">{c.sha256.slice(0, 10)}…</span>
                </Muted>
                <CopyButton value={c.sha256} what="fingerprint" />
              </TableCell>
              <TableCell>
                <ValidityBar notAfter={c.notAfter} now={now} />
              </TableCell>
              <TableCell align="right">
                <Button disabled={last} title={last ? 'The last one stays: suspend the brand instead' : undefined} onClick={() => open({ kind: 'brand.credential.remove', brand, sha256: c.sha256 })}>
                  Remove
                </Button>
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Scroll>
    </Panel>
  );
}

function Callback({ brand }: { readonly brand: BrandRow }): ReactElement {
  const { callback } = brand;
  return (
    <Panel title="Is told of downloads" aside={<CommandButton id="brand.callback" label={callback === undefined ? 'Set up' : 'Change'} variant="text" />}>
      {callback === undefined ? (
        <Muted>No callback: {brand.name} is not told how its downloads go and has to ask.</Muted>
      ) : (
        <>
          <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 1 }}>
            <Box sx={{ flex: 1 }}>
              <Status look={callbackLook(callback)} />
            </Box>
            {callback.dead > 0 && <CommandButton id="brand.replay" label="Send again" />}
          </Box>
          <Pairs
            nameWidth={118}
            rows={[
              ['Address', <span key="u" className="mono">{callback.url}</span>],
              ['Trusts', callback.ownTrust ? 'its own CA' : 'the CAs of this computer'],
              ['Shows identity', callback.identity ?? 'the first with a TLS certificate'],
              ['Last delivered', callback.lastDeliveredAt === undefined ? <Absent key="l">never</Absent> : <Moment key="l" at={callback.lastDeliveredAt} show="both" />],
              ['Waiting', <TextLink key="w" to={`/outbox?brand=${encodeURIComponent(brand.name)}&state=waiting`}>{count(callback.waiting)}</TextLink>],
              ['Dead', <TextLink key="d" to={`/outbox?brand=${encodeURIComponent(brand.name)}&state=dead`}>{count(callback.dead)}</TextLink>],
            ]}
          />
          <Box component="h3" sx={{ m: '14px 0 4px', fontSize: '0.8125rem', fontWeight: 600 }}>
            Numbers on the wire
          </Box>
          <Pairs
            nameWidth={160}
            rows={progressPoints.map((point) => [pointNames[point].name, callback.points[point] === null || callback.points[point] === undefined ? <Absent key={point}>not sent</Absent> : <span key={point} className="mono">{callback.points[point]}</span>])}
          />
        </>
      )}
    </Panel>
  );
}
