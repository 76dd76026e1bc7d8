/** A check's answer as a value: what was read, or a stable code and a sentence an operator understands. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string; readonly message: string };

export const accept = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const refuse = (code: string, message: string): { readonly ok: false; readonly code: string; readonly message: string } => ({ ok: false, code, message });

/** Spreadsheets turn long digit strings into `8.9014E+18`: the digits are lost, so such a value can only be refused. */
export const spreadsheetNumber = /^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$/;

/** Removes what people paste around digits: spaces of all kinds, dashes, dots between groups, zero-width marks. */
export const withoutSeparators = (text: string): string => text.replace(/[\s\u00a0\u200b-\u200d\u2060\ufeff\-_.']/gu, '');

export const onlyDigits = (text: string): boolean => /^\d+$/.test(text);
