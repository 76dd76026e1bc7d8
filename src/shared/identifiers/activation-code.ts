import { accept, type Parsed, refuse } from './result.ts';

export interface ActivationCode {
  /** FQDN of the SM-DP+, in the lab with a port. */
  readonly smdpAddress: string;
  /** May be empty: the device is found by its EID. */
  readonly matchingId: string;
  readonly oid?: string;
  readonly confirmationRequired: boolean;
  /** Parts later versions of the specification add (CI key identifier and so on), kept as they are. */
  readonly extra?: readonly string[];
}

export const activationCodeLimit = 255;
const address = /^(?=.{1,253}(:|$))[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$/;
const objectIdentifier = /^\d+(\.\d+)+$/;

/**
 * Reads an activation code (SGP.22 v2.2, 4.1): `1$address$matchingId[$oid[$flag]]`, with or without the `LPA:` of the QR form.
 * Further `$` parts are kept, not refused. Codes: `ACTIVATION_CODE_INVALID`.
 */
export function parseActivationCode(text: string): Parsed<ActivationCode> {
  const no = (message: string) => refuse('ACTIVATION_CODE_INVALID', message);
  const code = text.trim().replace(/^lpa:/i, '');
  if (code.length > activationCodeLimit) return no(`An activation code has at most ${activationCodeLimit} characters; this one has ${code.length}`);
  const [format, host, token, oid, flag, ...extra] = code.split('$');
  if (format !== '1') return no('An activation code starts with 1$ (or LPA:1$)');
  if (host === undefined || token === undefined) return no('An activation code has an SM-DP+ address and a MatchingID, separated by $');
  if (!address.test(host)) return no('The SM-DP+ address in the activation code is not a host name');
  if (!/^[0-9A-Za-z-]*$/.test(token)) return no('The MatchingID in the activation code has other characters than letters, digits and dashes');
  if (oid !== undefined && oid !== '' && !objectIdentifier.test(oid)) return no('The SM-DP+ object identifier in the activation code is not dotted digits');
  if (flag !== undefined && flag !== '' && flag !== '0' && flag !== '1') return no('The confirmation code flag of the activation code is neither empty nor 1');
  return accept({
    smdpAddress: host, matchingId: token, confirmationRequired: flag === '1',
    ...(oid ? { oid } : {}), ...(extra.length > 0 ? { extra } : {}),
  });
}

/**
 * Writes an activation code without prefix. Delimiters of missing trailing parts are dropped, of missing middle parts kept
 * (`1$host$token$$1`). Throws RangeError when a part is not allowed or the whole is too long: callers check their parts first.
 */
export function buildActivationCode(code: ActivationCode): string {
  const parts = ['1', code.smdpAddress, code.matchingId, code.oid ?? '', code.confirmationRequired ? '1' : '', ...(code.extra ?? [])];
  while (parts.length > 3 && parts[parts.length - 1] === '') parts.pop();
  const text = parts.join('$');
  const check = parseActivationCode(text);
  if (!check.ok) throw new RangeError(check.message);
  // A `$` inside a part would come back as another part.
  if (check.value.smdpAddress !== code.smdpAddress || check.value.matchingId !== code.matchingId) throw new RangeError('No part of an activation code may contain $');
  return text;
}

/** The form in the QR code and in links. */
export const lpaCode = (activationCode: string): string => `LPA:${activationCode}`;

/** Opens the installation on iOS 17.4 and later. */
export const iosLink = (activationCode: string): string =>
  `https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=${encodeURIComponent(lpaCode(activationCode))}`;

/** Opens the installation on Android. */
export const androidLink = (activationCode: string): string =>
  `https://esimsetup.android.com/esim_qrcode_provisioning?carddata=${encodeURIComponent(lpaCode(activationCode))}`;

/** Reads an activation code out of such a link; undefined when the text is not one. */
export function activationCodeInLink(text: string): string | undefined {
  const match = /^https:\/\/esimsetup\.(?:apple|android)\.com\/esim_qrcode_provisioning\?(?:.*&)?carddata=([^&#]+)/i.exec(text.trim());
  if (!match) return undefined;
  try {
    return decodeURIComponent(match[1]!);
  } catch {
    return undefined;
  }
}
