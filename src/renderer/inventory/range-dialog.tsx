import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useForm } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import { parseIccid, parseImsi, parseMsisdn } from '../../shared/identifiers/index.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { asNumber, checked, Columns, Field, refusalToField, TypeField, wholeNumber } from '../design/form.tsx';
import { count } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';

interface Values {
  type: string;
  iccidFirst: string;
  imsiFirst: string;
  msisdnFirst: string;
  count: string;
}
const digits = (text: string): string => text.replaceAll(/[\s-]+/g, '');

export function RangeDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const form = useForm<Values>({ defaultValues: { type: '', iccidFirst: '', imsiFirst: '', msisdnFirst: '', count: '1,000' } });
  const create = useDeskCommand(contract.stock.createRange);
  const ranges = useDesk(contract.stock.ranges, {});
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const submit = (v: Values): void => {
    setRefusal(undefined);
    create.mutate(
      { type: v.type, iccidFirst: digits(v.iccidFirst), imsiFirst: digits(v.imsiFirst), count: asNumber(v.count), ...(v.msisdnFirst.trim() === '' ? {} : { msisdnFirst: digits(v.msisdnFirst) }) },
      {
        onSuccess: (range) => {
          toasts.done(`Range added: ICCID ${range.iccidFirst} to ${range.iccidLast}`);
          onClose();
        },
        onError: (error) => {
          if (!refusalToField<Values>(error, { type: 'type', iccidFirst: 'iccidFirst', imsiFirst: 'imsiFirst', msisdnFirst: 'msisdnFirst', count: 'count' }, form.setError)) setRefusal(error);
        },
      },
    );
  };
  return (
    <DeskDialog
      title="Add number range"
      onClose={onClose}
      width={640}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={create.isPending}>
            Add range
          </PrimaryButton>
        </>
      }
    >
      <Note tone="info">
        A range is a run of ICCIDs with as many IMSIs, and MSISDNs if wanted, that go together one by one: the first with the first, the second with the second. Batches of its profile type take them in order, and none is given out twice. Each kind also stands in its ledger under Numbers.
      </Note>
      <Columns>
        <TypeField control={form.control} name="type" />
        <Field control={form.control} name="count" label="How many" rules={{ validate: wholeNumber(1, 100_000_000) }} slotProps={{ htmlInput: { inputMode: 'numeric' } }} />
        <Field control={form.control} name="iccidFirst" label="First ICCID" mono rules={{ validate: (v) => (digits(String(v)).length === 18 || digits(String(v)).length === 19 ? checked(parseIccid)(v) : '18 digits without, or 19 with, check digit') }} help="Check digits are computed for each." />
        <Field control={form.control} name="imsiFirst" label="First IMSI" mono rules={{ validate: checked(parseImsi) }} />
        <Field control={form.control} name="msisdnFirst" label="First MSISDN (optional)" mono rules={{ validate: checked(parseMsisdn, true) }} />
      </Columns>
      <ProblemNote error={refusal} />
      {(ranges.data?.rows.length ?? 0) > 0 && (
        <Box>
          <Typography variant="h3" sx={{ mb: '4px' }}>
            Ranges so far
          </Typography>
          <Box tabIndex={0} role="group" aria-label="Ranges so far" sx={(theme) => ({ maxHeight: 180, overflow: 'auto', border: `1px solid ${theme.desk.line}`, borderRadius: '6px' })}>
            <Table size="small">
              <TableHead>
                <TableRow>
                  <TableCell>Type</TableCell>
                  <TableCell>First ICCID</TableCell>
                  <TableCell>First IMSI</TableCell>
                  <TableCell align="right">Left</TableCell>
                </TableRow>
              </TableHead>
              <TableBody>
                {ranges.data?.rows.map((range) => (
                  <TableRow key={range.id}>
                    <TableCell>{range.type}</TableCell>
                    <TableCell className="mono">{range.iccidFirst}</TableCell>
                    <TableCell className="mono">{range.imsiFirst}</TableCell>
                    <TableCell align="right">
                      {count(range.count - range.used)} of {count(range.count)}
                    </TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </Box>
        </Box>
      )}
    </DeskDialog>
  );
}
