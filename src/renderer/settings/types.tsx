import type { ReactElement } from 'react';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import CategoryOutlined from '@mui/icons-material/CategoryOutlined';
import DescriptionOutlined from '@mui/icons-material/DescriptionOutlined';
import { contract } from '../../shared/contract/index.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { bytes, count, words } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Status, toneIcon } from '../design/status.tsx';
import { Absent, Identifier, Moment, Muted } from '../design/text.tsx';

export function TypesAndTemplates(): ReactElement {
  const types = useDesk(contract.types.list, {});
  const templates = useDesk(contract.types.templates, {});
  return (
    <>
      <Panel title="Profile types" flush>
        {types.isError && types.data === undefined ? (
          <Problem error={types.error} what="The profile types" retry={() => void types.refetch()} />
        ) : types.data === undefined ? (
          <LoadingRows rows={3} />
        ) : types.data.rows.length === 0 ? (
          <Empty icon={CategoryOutlined} title="No profile type yet" actions={<CommandButton id="type.create" primary />}>
            A profile type says what the subscriber sees and which template the profiles are made from.
          </Empty>
        ) : (
          <Scroll label="Profile types">
            <TableHead>
              <TableRow>
                <TableCell>Name</TableCell>
                <TableCell>Shown to the user as</TableCell>
                <TableCell>Template</TableCell>
                <TableCell>Class</TableCell>
                <TableCell>Protection</TableCell>
                <TableCell>Policy rules</TableCell>
                <TableCell>Notifies</TableCell>
                <TableCell align="right">Sellable</TableCell>
                <TableCell align="right">Sold</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {types.data.rows.map((type) => (
                <TableRow key={type.name}>
                  <TableCell component="th" scope="row">
                    <TextLink to={`/inventory?type=${encodeURIComponent(type.name)}`}>{type.name}</TextLink>
                  </TableCell>
                  <TableCell>
                    {type.profileName} <Muted>by {type.serviceProviderName}{type.hasIcon ? ', with icon' : ''}</Muted>
                  </TableCell>
                  <TableCell>
                    {type.template} <Muted>v{type.templateVersion}</Muted>
                  </TableCell>
                  <TableCell>{words(type.profileClass)}</TableCell>
                  <TableCell>{words(type.protection)}</TableCell>
                  <TableCell>{[type.ppr1 ? 'PPR1' : '', type.ppr2 ? 'PPR2' : ''].filter(Boolean).join(', ') || <Absent>none</Absent>}</TableCell>
                  <TableCell>{type.notificationAddresses.length === 0 ? <Absent>none</Absent> : <span className="mono">{type.notificationAddresses.join(', ')}</span>}</TableCell>
                  <TableCell align="right">{count(type.stock.sellable)}</TableCell>
                  <TableCell align="right">{count(type.stock.sold)}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Scroll>
        )}
      </Panel>
      <Panel title="Templates" flush>
        {templates.isError && templates.data === undefined ? (
          <Problem error={templates.error} what="The templates" retry={() => void templates.refetch()} />
        ) : templates.data === undefined ? (
          <LoadingRows rows={3} />
        ) : templates.data.rows.length === 0 ? (
          <Empty icon={DescriptionOutlined} title="No template yet" actions={<CommandButton id="template.import" primary />}>
            A template is a profile package (.der) with places for the numbers and keys of each profile.
          </Empty>
        ) : (
          <Scroll label="Templates">
            <TableHead>
              <TableRow>
                <TableCell>Name</TableCell>
                <TableCell align="right">Version</TableCell>
                <TableCell>Algorithm</TableCell>
                <TableCell>SAIP</TableCell>
                <TableCell align="right">Elements</TableCell>
                <TableCell align="right">Size</TableCell>
                <TableCell>Check</TableCell>
                <TableCell>Digest</TableCell>
                <TableCell>Imported</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {templates.data.rows.map((template) => (
                <TableRow key={template.id}>
                  <TableCell component="th" scope="row">
                    {template.name}
                  </TableCell>
                  <TableCell align="right">{template.version}</TableCell>
                  <TableCell>{template.algorithm}</TableCell>
                  <TableCell>{template.saipVersion}</TableCell>
                  <TableCell align="right">{count(template.elements)}</TableCell>
                  <TableCell align="right">{bytes(template.sizeBytes)}</TableCell>
                  <TableCell>
                    <CheckResult errors={template.errors} warnings={template.warnings} />
                  </TableCell>
                  <TableCell>
                    <Identifier value={`${template.digest.slice(0, 12)}…`} what="digest" />
                  </TableCell>
                  <TableCell>
                    <Moment at={template.createdAt} show="minutes" />
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Scroll>
        )}
      </Panel>
    </>
  );
}

function CheckResult({ errors, warnings }: { readonly errors: number; readonly warnings: number }): ReactElement {
  const tone = errors > 0 ? 'danger' : warnings > 0 ? 'warning' : 'success';
  const word = errors > 0 ? `${count(errors)} errors, ${count(warnings)} warnings` : warnings > 0 ? `${count(warnings)} warnings` : 'Clean';
  return <Status look={{ tone, icon: toneIcon(tone), word }} />;
}
