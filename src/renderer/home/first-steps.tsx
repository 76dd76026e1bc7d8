import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import RadioButtonUnchecked from '@mui/icons-material/RadioButtonUnchecked';
import { Link } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { Panel } from '../design/panel.tsx';

type Step = { readonly done: boolean; readonly title: string; readonly text: string; readonly second?: string } & ({ readonly command: string } | { readonly command?: undefined; readonly link: string; readonly label: string });

/** A workspace without profiles: what to do, in order, with what is already done ticked off. */
export function FirstSteps(): ReactElement {
  const templates = useDesk(contract.types.templates, {});
  const types = useDesk(contract.types.list, {});
  const identities = useDesk(contract.pki.list, {});
  const steps: readonly Step[] = [
    { done: (identities.data?.rows.some((c) => c.role === 'dpauth') ?? false), title: 'Have an identity', text: 'Certificates and keys of this SM-DP+: one CI root, DPauth, DPpb and TLS. In a Lab, mvne-desk lab setup makes them.', link: '/keys', label: 'See certificates' },
    { done: (templates.data?.rows.length ?? 0) > 0, title: 'Import a template', text: 'A profile package (.der) that every profile of a kind is made from. It is checked before it is taken.', command: 'template.import' },
    { done: (types.data?.rows.length ?? 0) > 0, title: 'Create a profile type', text: 'What the subscriber sees (provider name, profile name, icon), on top of a template.', command: 'type.create' },
    { done: false, title: 'Bring in stock', text: 'A vendor’s file (CSV, TSV, JSON lines, .inp or .out), or a number range. Columns are recognised, every row is checked, faults are mended in groups; nothing is written before you have seen the outcome.', command: 'stock.import', second: 'range.create' },
    { done: false, title: 'Prepare profiles', text: 'Personalises, seals and stores them. After that they can be sold.', command: 'stock.prepare' },
    { done: false, title: 'Order one and hand over the code', text: 'QR code and links for the device; the timeline follows the download to installed.', command: 'order.new' },
  ];
  const next = steps.findIndex((s) => !s.done);
  return (
    <Panel title="No profiles yet: the way to the first activation" sx={{ maxWidth: 820 }} aside={<CommandButton id="lab.fill" />}>
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {steps.map((step, at) => (
          <Box component="li" key={step.title} sx={(theme) => ({ display: 'flex', gap: '14px', alignItems: 'center', py: '12px', borderTop: at === 0 ? 'none' : `1px solid ${theme.desk.line}` })}>
            {step.done ? <CheckCircleOutlined titleAccess="Done" sx={(theme) => ({ color: theme.desk.success })} /> : <RadioButtonUnchecked titleAccess="To do" sx={(theme) => ({ color: at === next ? theme.desk.accent : theme.desk.lineStrong })} />}
            <Box sx={{ flex: 1, minWidth: 0 }}>
              <Box sx={{ fontWeight: 600 }}>{step.title}</Box>
              <Box sx={(theme) => ({ color: theme.desk.muted })}>{step.text}</Box>
            </Box>
            {step.second !== undefined && <CommandButton id={step.second} />}
            {step.command === undefined ? (
              <Button component={Link} to={step.link} variant={at === next ? 'contained' : 'outlined'} color={at === next ? 'primary' : 'inherit'}>
                {step.label}
              </Button>
            ) : (
              <CommandButton id={step.command} primary={at === next} />
            )}
          </Box>
        ))}
      </Box>
    </Panel>
  );
}
