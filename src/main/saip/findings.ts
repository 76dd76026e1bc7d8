/** What a rule has to say about a package or a profile. */
export type RuleId =
  | 'V01' | 'V02' | 'V03' | 'V04' | 'V05' | 'V06' | 'V07' | 'V08' | 'V09' | 'V10' | 'V11'
  | 'V25' | 'V26' | 'V27' | 'V28' | 'V29' | 'V30';

export interface Finding {
  readonly rule: RuleId;
  readonly severity: 'error' | 'warning';
  /** Element and field, or the offset in the package. */
  readonly place: string;
  /** Where the rule comes from. */
  readonly clause: string;
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

/** Clause and remedy of each rule; a finding may say its own remedy. */
export const RULES: Readonly<Record<RuleId, { clause: string; fix: string }>> = {
  V01: { clause: 'SAIP 3.4.1, 8.2.1 and 8.10', fix: 'Put one header first and one end element last.' },
  V02: { clause: 'SAIP 3.4.1, 7.1; X.690, 10 and 11', fix: 'Export the package again as strict DER, without default values.' },
  V03: { clause: 'SAIP 3.4.1, 7.1 and 8.1.3', fix: 'Give every element except the header its own identification from 0 to 32767.' },
  V04: { clause: 'SAIP 3.4.1, 7.4 and 7.5', fix: 'Keep exactly one file system root: mf, a root made by file management, or iot with iotOptions.' },
  V05: { clause: 'SAIP 3.4.1, 8.1, 8.3.4 and 8.5.2', fix: 'Remove the second element.' },
  V06: { clause: 'SAIP 3.4.1, 8.1', fix: 'Move the element behind the one it belongs to.' },
  V07: { clause: 'SAIP 3.4.1, 8.1.3', fix: 'Keep the element once for each application directory.' },
  V08: { clause: 'SAIP 3.4.1, 8.5.2', fix: 'Move pukCodes directly behind the element that creates the MF.' },
  V09: { clause: 'SAIP 3.4.1, 8.5.1', fix: 'Use one pinCodes per context, with global references for the MF and local ones elsewhere.' },
  V10: { clause: 'SAIP 3.4.1, 8.5.1 and 8.5.2', fix: 'Make each key reference unique and let unblocking references name a PUK of the package.' },
  V11: { clause: 'SAIP 3.4.1, 8.1.3', fix: 'Define the PIN in the pinCodes of its context, or take it out of the PIN status template.' },
  V25: { clause: 'SAIP 3.4.1, 8.4; TS 35.206, 5.3', fix: 'Correct the length or the constants of the authentication parameters.' },
  V26: { clause: 'TS 35.206, 5.1', fix: 'Personalise K and OPc with secret random values before a profile leaves the Lab.' },
  V27: { clause: 'SAIP 3.4.1, 8.4', fix: 'Put the authentication parameters behind the application they serve, mappings behind their source.' },
  V28: { clause: 'SAIP 3.4.1, 8.2.1; ITU-T E.118', fix: 'Use one valid ICCID in header and EF.ICCID.' },
  V29: { clause: 'TS 31.102, 4.2.2 and 4.2.18; TS 23.003, 2.2', fix: 'Correct EF.IMSI, or the MNC length in EF.AD.' },
  V30: { clause: 'TS 31.102, 4.2.15; TS 22.011, 4', fix: 'Set exactly one of the access classes 0 to 9 and leave bit 10 clear.' },
};

export function finding(rule: RuleId, severity: 'error' | 'warning', place: string, message: string, fix?: string): Finding {
  return { rule, severity, place, clause: RULES[rule].clause, message, fix: fix ?? RULES[rule].fix };
}
