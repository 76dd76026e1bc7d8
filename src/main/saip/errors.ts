/** What a profile package, a plan or a value can be refused for. Codes are stable; the sentence is for an operator. */
export type SaipErrorCode =
  | 'SAIP_MALFORMED' | 'SAIP_TOO_LARGE' | 'SAIP_TOO_DEEP' | 'SAIP_TOO_MANY_NODES' | 'SAIP_EMPTY'
  | 'SAIP_BAD_ELEMENT' | 'SAIP_BAD_FILE' | 'SAIP_NO_HEADER'
  | 'PLAN_BAD' | 'SLOT_NO_TARGET' | 'SLOT_BAD_TARGET' | 'SLOT_VALUE_MISSING' | 'SLOT_VALUE_BAD'
  | 'LIST_TOO_LONG' | 'LIST_BAD_ENTRY' | 'BUFFER_TOO_SMALL' | 'COMPILED_MALFORMED' | 'READ_BACK_DIFFERS' | 'MILENAGE_BAD_INPUT'
  | 'TUAK_BAD_INPUT' | 'EDIT_BAD_VALUE' | 'EDIT_NO_PLACE' | 'EDIT_REFUSED' | 'EDIT_BREAKS_RULE';

/**
 * The only error this folder throws on purpose. `place` names the element and field (`akaParameter[11]/key`) or the
 * offset in the input (`offset 1234`). The message never holds a secret value.
 */
export class SaipError extends Error {
  readonly code: SaipErrorCode;
  readonly place: string | undefined;

  constructor(code: SaipErrorCode, message: string, place?: string) {
    super(message);
    this.name = 'SaipError';
    this.code = code;
    this.place = place;
  }
}
