/** A whole screen that takes a file: dropped anywhere on it, pasted, or chosen. */
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button, { type ButtonProps } from '@mui/material/Button';
import UploadFileOutlined from '@mui/icons-material/UploadFileOutlined';
import { isTyping, layerOpen } from '../app/typing.ts';

interface DropAreaProps {
  readonly label: string;
  /** Ends the listening, e.g. while a file is on its way. */
  readonly disabled?: boolean;
  readonly onFile: (file: File) => void;
  /** Text pasted while no field has the focus becomes a file of this name. */
  readonly pastedName?: string;
  readonly children: ReactNode;
}

const carriesFile = (event: DragEvent): boolean => [...(event.dataTransfer?.types ?? [])].includes('Files');

export function DropArea({ label, disabled = false, onFile, pastedName, children }: DropAreaProps): ReactElement {
  const [over, setOver] = useState(false);
  const take = useRef(onFile);
  useEffect(() => {
    take.current = onFile;
  }, [onFile]);
  useEffect(() => {
    if (disabled) return;
    let depth = 0;
    const enter = (event: DragEvent): void => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!carriesFile(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const drag = (event: DragEvent): void => {
      if (carriesFile(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!carriesFile(event)) return;
      depth = 0;
      setOver(false);
      // A field of a dialog took it already.
      if (event.defaultPrevented) return;
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) take.current(file);
    };
    const paste = (event: ClipboardEvent): void => {
      if (isTyping(event.target) || layerOpen(event.target)) return;
      const file = event.clipboardData?.files[0];
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (file === undefined && (pastedName === undefined || text.trim() === '')) return;
      event.preventDefault();
      take.current(file ?? new File([text], pastedName ?? 'pasted.csv', { type: 'text/plain' }));
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('dragover', drag);
    window.addEventListener('drop', drop);
    window.addEventListener('paste', paste);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('dragover', drag);
      window.removeEventListener('drop', drop);
      window.removeEventListener('paste', paste);
    };
  }, [disabled, pastedName]);
  return (
    <Box sx={{ height: '100%', minHeight: 0, position: 'relative' }}>
      {children}
      {over && (
        <Box role="status" sx={(theme) => ({ position: 'absolute', inset: 8, zIndex: 20, borderRadius: '10px', border: `2px dashed ${theme.desk.accent}`, background: `color-mix(in srgb, ${theme.desk.accentSoft} 92%, transparent)`, display: 'grid', placeItems: 'center', pointerEvents: 'none' })}>
          <Box sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: 1, fontSize: '1.125rem', fontWeight: 600, color: theme.desk.accentText })}>
            <UploadFileOutlined aria-hidden sx={{ fontSize: '1.75rem' }} />
            {label}
          </Box>
        </Box>
      )}
    </Box>
  );
}

/** A button that opens the system's file choice. */
export function ChooseFile({ accept, onFile, children, inputLabel, inputId, ...rest }: { readonly accept?: string; readonly inputId?: string; readonly onFile: (file: File) => void; readonly children: ReactNode; readonly inputLabel: string } & Omit<ButtonProps, 'onClick'>): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        {...(accept === undefined ? {} : { accept })}
        {...(inputId === undefined ? {} : { id: inputId })}
        aria-label={inputLabel}
        className="visually-hidden"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file !== undefined) onFile(file);
        }}
      />
      <Button {...rest} onClick={() => input.current?.click()}>
        {children}
      </Button>
    </>
  );
}
