/** The LPA's reading of an activation code (SGP.22 v2.2, 4.1). */
export interface ParsedActivationCode {
  /** Host, or host:port in a lab. */
  readonly smdpAddress: string;
  /** AC_Token; may be empty. */
  readonly matchingId: string;
  /** Dotted, when the code names one. */
  readonly smdpOid?: string;
  readonly confirmationCodeRequired: boolean;
}

const ADDRESS = /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:\d{1,5})?$/;

/** Parses `LPA:1$…` and `1$…`; undefined when it is not one. Parts behind the fifth belong to later versions and are ignored. */
export function parseActivationCode(code: string): ParsedActivationCode | undefined {
  const text = code.trim().replace(/^lpa:/i, '');
  if (text.length > 255) return undefined;
  const [format, smdpAddress, matchingId, oid = '', flag = ''] = text.split('$');
  if (format !== '1' || smdpAddress === undefined || matchingId === undefined) return undefined;
  if (!ADDRESS.test(smdpAddress) || !/^[0-9A-Za-z-]*$/.test(matchingId)) return undefined;
  if (!/^(\d+(\.\d+)+)?$/.test(oid) || !/^[01]?$/.test(flag)) return undefined;
  return { smdpAddress, matchingId, ...(oid ? { smdpOid: oid } : {}), confirmationCodeRequired: flag === '1' };
}

/** Host and port of an SM-DP+ address; 443 unless it says otherwise. */
export function splitAddress(address: string): { host: string; port: number } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(address);
  return { host: (match?.[1] ?? address).replace(/^\[|\]$/g, ''), port: Number(match?.[2] ?? 443) };
}
