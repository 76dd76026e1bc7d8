/** The Luhn check digit ('0'–'9') to append to `digits` (ITU-T E.118, ISO/IEC 7812-1 annex B). */
export function luhnCheckDigit(digits: string): string {
  let sum = 0;
  for (let i = digits.length - 1, double = true; i >= 0; i--, double = !double) {
    const d = digits.charCodeAt(i) - 48;
    sum += double ? (d > 4 ? 2 * d - 9 : 2 * d) : d;
  }
  return String((10 - (sum % 10)) % 10);
}

/** Whether the last digit is the Luhn check digit of those before it. */
export const luhnValid = (digits: string): boolean => digits.length > 1 && luhnCheckDigit(digits.slice(0, -1)) === digits.slice(-1);
