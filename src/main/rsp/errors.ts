import { TlvError } from '../../shared/tlv/index.ts';

export type RspErrorCode =
  | 'MESSAGE_MALFORMED' | 'VALUE_INVALID' | 'METADATA_INVALID' | 'BIND_INPUT_INVALID' | 'SEGMENT_TOO_LARGE'
  | 'ECKA_BAD_POINT' | 'ECKA_BAD_KEY' | 'CERTIFICATE_MALFORMED' | 'CERTIFICATE_UNSUPPORTED' | 'CRL_MALFORMED' | 'CRL_UNSUPPORTED'
  | 'PRIVATE_KEY_UNREADABLE' | 'REPLAY_INPUT_INVALID';

/** The only error this room throws besides {@link TlvError}: a stable code and a sentence an operator understands. */
export class RspError extends Error {
  readonly code: RspErrorCode;

  constructor(code: RspErrorCode, message: string) {
    super(message);
    this.name = 'RspError';
    this.code = code;
  }
}

/** Runs a decoder; a {@link TlvError} from below becomes an {@link RspError} that names the message. */
export function decoding<T>(what: string, decode: () => T, code: RspErrorCode = 'MESSAGE_MALFORMED'): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof TlvError) throw new RspError(code, `${what} cannot be read: ${error.message}`);
    throw error;
  }
}
