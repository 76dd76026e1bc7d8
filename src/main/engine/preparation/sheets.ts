/** Label and voucher sheets as PDF: one cell a profile, symbols drawn as vectors, page and batch in the footer. */
import PDFDocument from 'pdfkit';
import { create } from 'qrcode';
import { createHash } from 'node:crypto';
import type { Sheet } from '../../../shared/contract/preparation.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { activationCodeOf } from './activation.ts';
import { code128 } from './code128.ts';
import type { FileFacts, FileMaker, FileRow } from './files.ts';

export interface SheetOptions {
  readonly sheet: Sheet;
  readonly symbol: 'code128' | 'qr';
}

/** Common label sheets, in millimetres. */
export const sheetForms: Readonly<Record<'a4-3x8' | 'a4-2x7', Sheet>> = {
  'a4-3x8': { page: 'a4', columns: 3, rows: 8, labelWidth: 64, labelHeight: 33.9, marginLeft: 7.2, marginTop: 12.9, gapX: 2.5, gapY: 0 },
  'a4-2x7': { page: 'a4', columns: 2, rows: 7, labelWidth: 99.1, labelHeight: 38.1, marginLeft: 4.65, marginTop: 15.15, gapX: 2.5, gapY: 0 },
};
const pages: Readonly<Record<Sheet['page'], readonly [number, number]>> = { a4: [210, 297], letter: [215.9, 279.4] };

/** Why a sheet cannot be, or undefined. */
export function sheetProblem(sheet: Sheet): string | undefined {
  const [width, height] = pages[sheet.page];
  if (sheet.marginLeft + sheet.columns * sheet.labelWidth + (sheet.columns - 1) * sheet.gapX > width + 0.05) return `Its labels are wider than the page (${width} mm).`;
  if (sheet.marginTop + sheet.rows * sheet.labelHeight + (sheet.rows - 1) * sheet.gapY > height + 0.05) return `Its labels are higher than the page (${height} mm).`;
  return undefined;
}

const mm = (n: number): number => (n * 72) / 25.4;
interface Box { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

export function drawQr(doc: PDFKit.PDFDocument, text: string, x: number, y: number, size: number): void {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  // Four modules of quiet zone belong to the symbol.
  const side = size / (modules.size + 8);
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.data[row * modules.size + column]) doc.rect(x + (column + 4) * side, y + (row + 4) * side, side, side);
    }
  }
  doc.fill('#000000');
}

export function drawCode128(doc: PDFKit.PDFDocument, text: string, box: Box): void {
  const widths = code128(text);
  const side = box.width / (widths.reduce((sum, one) => sum + one, 0) + 20);
  let at = box.x + 10 * side;
  widths.forEach((width, index) => {
    if (index % 2 === 0) doc.rect(at, box.y, width * side, box.height);
    at += width * side;
  });
  doc.fill('#000000');
}

const groups = (iccid: string): string => iccid.replace(/(.{4})(?=.)/g, '$1 ');

function drawLabel(doc: PDFKit.PDFDocument, box: Box, row: FileRow, symbol: SheetOptions['symbol'], type: string): void {
  const pad = mm(2.5);
  const inner = { x: box.x + pad, y: box.y + pad, width: box.width - 2 * pad, height: box.height - 2 * pad };
  if (symbol === 'qr') {
    const side = Math.min(inner.height, inner.width / 2.4);
    drawQr(doc, row.iccid, inner.x, inner.y + (inner.height - side) / 2, side);
    const text = inner.x + side + mm(1.5);
    const width = inner.width - side - mm(1.5);
    doc.font('Helvetica').fontSize(7).text(type, text, inner.y + inner.height / 2 - 14, { width, height: 9, ellipsis: true });
    doc.font('Courier').fontSize(Math.min(9, width / 9)).text(row.iccid.slice(0, 10), text, inner.y + inner.height / 2 - 2, { width, lineBreak: false }).text(row.iccid.slice(10), text, inner.y + inner.height / 2 + 9, { width, lineBreak: false });
    return;
  }
  doc.font('Helvetica').fontSize(7).text(type, inner.x, inner.y, { width: inner.width, height: 9, ellipsis: true });
  drawCode128(doc, row.iccid, { x: inner.x, y: inner.y + 11, width: inner.width, height: Math.max(mm(8), inner.height - 24) });
  doc.font('Courier').fontSize(Math.min(8.5, inner.width / (groups(row.iccid).length * 0.62))).text(groups(row.iccid), inner.x, inner.y + inner.height - 9, { width: inner.width, align: 'center', lineBreak: false });
}

function drawVoucher(doc: PDFKit.PDFDocument, box: Box, row: FileRow, facts: FileFacts, code: string): void {
  const pad = mm(2.5);
  const side = Math.min(box.height - 2 * pad, (box.width - 2 * pad) * 0.45);
  drawQr(doc, code, box.x + pad, box.y + (box.height - side) / 2, side);
  const x = box.x + pad + side + mm(1.5);
  const width = box.width - 2 * pad - side - mm(1.5);
  const [, address = '', matchingId = ''] = code.split('$');
  doc.font('Helvetica-Bold').fontSize(8).text(facts.batch.brand ?? facts.type, x, box.y + pad, { width, height: 10, ellipsis: true });
  const line = (label: string, value: string, offset: number): void => {
    doc.font('Helvetica').fontSize(5).text(label, x, box.y + pad + offset, { width, lineBreak: false });
    doc.font('Courier').fontSize(Math.max(4, Math.min(6.5, width / (value.length * 0.61)))).text(value, x, box.y + pad + offset + 6, { width, lineBreak: false });
  };
  line('SM-DP+ address', address, 12);
  line('Activation code', matchingId, 27);
  line('ICCID', row.iccid, 42);
  if (row.confirmed === 1) doc.font('Helvetica-Bold').fontSize(5.5).text('The device asks for a confirmation code.', x, box.y + pad + 57, { width, height: 14 });
}

/** Profiles of a batch a voucher can be printed for: those with an open order that has an activation code. */
export async function withCode(db: Reader | Tx, batchId: number | null): Promise<number> {
  const row = await db.selectFrom('profiles').innerJoin('orders', 'orders.id', 'profiles.order_id').select((e) => e.fn.countAll<number>().as('n'))
    .where('batch_id', '=', batchId).where('orders.matching_id', 'is not', null).where('orders.matching_id', '!=', '').where('orders.closed_at', 'is', null).executeTakeFirstOrThrow();
  return Number(row.n);
}

/** `labels a4-3x8 qr`: two sheets of one batch differ in their names by what differs on the paper. */
const nameOf = (spec: { readonly what: 'labels' | 'vouchers' } & SheetOptions): string => {
  const known = Object.entries(sheetForms).find(([, form]) => JSON.stringify(form) === JSON.stringify({ ...form, ...spec.sheet }))?.[0];
  const { page, columns, rows } = spec.sheet;
  return [spec.what, known ?? `${page}-${columns}x${rows}-own`, ...(spec.what === 'labels' ? [spec.symbol] : [])].join(' ');
};

/** Throws {@link DeskProblem} ORDERS_MISSING when no profile of the batch has an order to print. */
export async function sheetFile(ctx: EngineContext, facts: FileFacts, spec: { readonly what: 'labels' | 'vouchers' } & SheetOptions): Promise<FileMaker> {
  const { sheet, what } = spec;
  const { batch, type } = facts;
  const problem = sheetProblem(sheet);
  if (problem) throw new DeskProblem('SHEET_INVALID', problem);
  const wanted = what === 'labels' ? batch.prepared : await withCode(ctx.reader, batch.batch_id);
  if (wanted === 0) throw new DeskProblem('ORDERS_MISSING', 'No profile of this batch has an open order with an activation code.');
  const perPage = sheet.columns * sheet.rows;
  const total = Math.max(1, Math.ceil(wanted / perPage));
  const [width, height] = pages[sheet.page];
  const doc = new PDFDocument({
    size: [mm(width), mm(height)], margin: 0, autoFirstPage: false,
    info: { Title: `${what === 'labels' ? 'Labels' : 'Vouchers'} of ${batch.reference}`, Creator: `MVNE Desk ${ctx.runtime.version}`, CreationDate: new Date(ctx.clock.now()) },
  });
  const pieces: Buffer[] = [];
  doc.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<void>((done) => doc.on('end', () => done()));
  const take = (): Uint8Array => Buffer.concat(pieces.splice(0));
  let drawn = 0;
  let page = 0;
  let onPage: string[] = [];
  const footer = (): void => {
    const digest = createHash('sha256').update(onPage.join('\n')).digest('hex');
    doc.font('Helvetica').fontSize(6).fillColor('#444444').text(`${batch.reference} · ${batch.id} · page ${page} of ${total} · SHA-256 of the ICCIDs on this page ${digest}`, mm(7), mm(height) - mm(5), { width: mm(width) - mm(14), lineBreak: false, align: 'center' });
    doc.fillColor('#000000');
    onPage = [];
  };
  return {
    kind: what, title: what === 'labels' ? 'Label sheets' : 'Voucher sheets', name: `${batch.reference} ${nameOf(spec)}.pdf`, numbered: true, mediaType: 'application/pdf',
    ...(what === 'vouchers' ? { protection: 'Activation codes' } : {}),
    inIt: () => drawn,
    head: () => new Uint8Array(0),
    rows: (rows) => {
      for (const row of rows) {
        // A code that was used up, or whose order was cancelled, is nothing to hand out.
        const code = what === 'vouchers' && row.closed_at === null ? activationCodeOf(row) : undefined;
        if ((what === 'vouchers' && code === undefined) || drawn >= wanted) continue;
        if (drawn % perPage === 0) {
          if (page > 0) footer();
          page += 1;
          doc.addPage();
        }
        const place = drawn % perPage;
        const box: Box = {
          x: mm(sheet.marginLeft + (place % sheet.columns) * (sheet.labelWidth + sheet.gapX)), y: mm(sheet.marginTop + Math.floor(place / sheet.columns) * (sheet.labelHeight + sheet.gapY)),
          width: mm(sheet.labelWidth), height: mm(sheet.labelHeight),
        };
        if (code === undefined) drawLabel(doc, box, row, spec.symbol, type);
        else drawVoucher(doc, box, row, facts, code);
        onPage.push(row.iccid);
        drawn += 1;
      }
      return take();
    },
    foot: async () => {
      if (page === 0) doc.addPage();
      if (page > 0) footer();
      doc.end();
      await ended;
      return take();
    },
    drop: () => {
      doc.destroy();
    },
  };
}
