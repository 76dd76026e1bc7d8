import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import { qrPath, quietZone } from './qr-path.ts';

/** The QR code as the engine computed it, dark on white with its quiet zone in both themes: scanners need it so. */
export function QrCode({ matrix, size, label }: { readonly matrix: readonly string[]; readonly size: number; readonly label: string }): ReactElement {
  const side = matrix.length + 2 * quietZone;
  return (
    <Box component="svg" role="img" aria-label={label} viewBox={`0 0 ${side} ${side}`} width={size} height={size} shapeRendering="crispEdges" sx={(theme) => ({ display: 'block', borderRadius: '6px', border: `1px solid ${theme.desk.line}` })}>
      <rect width={side} height={side} fill="#ffffff" />
      <path d={qrPath(matrix)} fill="#000000" />
    </Box>
  );
}
