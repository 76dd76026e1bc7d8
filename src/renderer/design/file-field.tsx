import { useId, useRef, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import UploadFileOutlined from '@mui/icons-material/UploadFileOutlined';
import { bytes } from './formats.ts';

/** One file, chosen or dropped. `error` is the sentence of a refusal that is about this file. */
export function FileField({ label, accept, file, onFile, help, error }: { readonly label: string; readonly accept: string; readonly file: File | undefined; readonly onFile: (file: File | undefined) => void; readonly help?: string; readonly error?: string | undefined }): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const [over, setOver] = useState(false);
  return (
    <Box
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFile(event.dataTransfer.files[0]);
      }}
      sx={(theme) => ({ position: 'relative', display: 'flex', alignItems: 'center', gap: 1.5, p: '12px 14px', borderRadius: '6px', border: `1px dashed ${over ? theme.desk.accent : error === undefined ? theme.desk.lineStrong : theme.desk.danger}`, background: over ? theme.desk.accentSoft : theme.desk.canvas })}
    >
      <UploadFileOutlined aria-hidden sx={(theme) => ({ color: theme.desk.muted, fontSize: '1.5rem' })} />
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Box component="label" id={`${id}-label`} htmlFor={id} sx={{ fontWeight: 500 }}>
          {label}
        </Box>
        <Box id={`${id}-help`} sx={(theme) => ({ color: theme.desk.muted, ...(file === undefined ? {} : { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }) })}>{file === undefined ? (help ?? 'Drop it here or choose it.') : `${file.name} · ${bytes(file.size)}`}</Box>
        {error !== undefined && (
          <Box id={`${id}-error`} role="alert" sx={(theme) => ({ color: theme.desk.danger, fontSize: '0.75rem', overflowWrap: 'anywhere' })}>
            {error}
          </Box>
        )}
      </Box>
      <input ref={input} id={id} type="file" accept={accept} className="visually-hidden" tabIndex={-1} aria-describedby={error === undefined ? `${id}-help` : `${id}-error`} aria-invalid={error !== undefined} onChange={(event) => onFile(event.target.files?.[0])} />
      <Button variant="outlined" aria-describedby={`${id}-label`} onClick={() => input.current?.click()}>
        {file === undefined ? 'Choose file' : 'Other file'}
      </Button>
    </Box>
  );
}
