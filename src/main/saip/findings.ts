/** What a rule has to say about a package or a profile. */
export type RuleId =
  | 'V01' | 'V02' | 'V03' | 'V04' | 'V05' | 'V06' | 'V07' | 'V08' | 'V09' | 'V10' | 'V11' | 'V12' | 'V13' | 'V14' | 'V15' | 'V16' | 'V17' | 'V18' | 'V19'
  | 'V20' | 'V21' | 'V22' | 'V23' | 'V24' | 'V25' | 'V26' | 'V27' | 'V28' | 'V29' | 'V30' | 'V31' | 'V32' | 'V33' | 'V34' | 'V35' | 'V36' | 'V37' | 'V38'
  | 'V39' | 'V40';

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
  V12: { clause: 'SAIP 3.4.1, 8.5.1 and 8.5.2; TS 102 221, 9.5', fix: 'Let a code start with as many attempts as it has, at least one.' },
  V13: { clause: 'TS 102 221, 9.5; TS 31.101, 9.5', fix: 'Give PINs 4 to 8 digits, PUKs eight digits and ADM codes eight bytes of their own; personalise published defaults.' },
  V14: { clause: 'SAIP 3.4.1, 8.3.2 and 8.3.3', fix: 'List the key references of the PINs the directory uses, without the object around them.' },
  V15: { clause: 'SAIP 3.4.1, 8.3.3', fix: 'Take the parameter out, or add the one an application directory needs.' },
  V16: { clause: 'SAIP 3.4.1, 8.3.5', fix: 'Give createFCP fileID, fileDescriptor and securityAttributesReferenced; a link takes its size from its target.' },
  V17: { clause: 'SAIP 3.4.1, 8.3.2; TS 102 222, 6.3.2', fix: 'Make type, record length and file size agree.' },
  V18: { clause: 'SAIP 3.4.1, 8.3.2; TS 102 222, 6.3.2', fix: 'Use each short identifier from 1 to 30 once in a directory and leave reserved bits zero.' },
  V19: { clause: 'SAIP 3.4.1, 8.3.2', fix: 'Keep one pattern of 1 to 200 bytes; give BER-TLV files their objects as content only.' },
  V20: { clause: 'SAIP 3.4.1, 8.3.2 and annex A', fix: 'Enlarge the file, shorten the content, or supply the content the template lacks.' },
  V21: { clause: 'SAIP 3.4.1, 8.3.1', fix: 'Put one file descriptor first; use doNotCreate alone, and only where the template creates files unasked.' },
  V22: { clause: 'SAIP 3.4.1, 8.2.1 and annex A', fix: 'Use a template of the header\'s version and list exactly the templates of mandated elements.' },
  V23: { clause: 'SAIP 3.4.1, 8.3.2; TS 102 221, 9.2.7', fix: 'Name an existing record of an EF.ARR of this directory or one above.' },
  V24: { clause: 'SAIP 3.4.1, 8.2.1', fix: 'Demand the service in the header.' },
  V25: { clause: 'SAIP 3.4.1, 8.4; TS 35.206, 5.3', fix: 'Correct the length or the constants of the authentication parameters.' },
  V26: { clause: 'TS 35.206, 5.1', fix: 'Personalise K and OPc with secret random values before a profile leaves the Lab.' },
  V27: { clause: 'SAIP 3.4.1, 8.4', fix: 'Put the authentication parameters behind the application they serve, mappings behind their source.' },
  V28: { clause: 'SAIP 3.4.1, 8.2.1; ITU-T E.118', fix: 'Use one valid ICCID in header and EF.ICCID.' },
  V29: { clause: 'TS 31.102, 4.2.2 and 4.2.18; TS 23.003, 2.2; SGP.22 v2.2, 5.5.5', fix: 'Correct EF.IMSI, the MNC length in EF.AD, or the profile owner.' },
  V30: { clause: 'TS 31.102, 4.2.15; TS 22.011, 4', fix: 'Set exactly one of the access classes 0 to 9 and leave bit 10 clear.' },
  V31: { clause: 'TS 31.102, 4.2.26 and 4.2.27', fix: 'Write the number as length, type of number 81 or 91 and BCD digits.' },
  V32: { clause: 'TS 31.102, 4.2.5, 4.2.16 and 4.2.53; TS 24.008, 10.5.1.13', fix: 'Write each network once, with a technology, from the first entry on and without holes.' },
  V33: { clause: 'TS 31.102, 4.2.8 and 4.2.47', fix: 'Set the service exactly when its file is in the package.' },
  V34: { clause: 'TS 31.102, 4.4.11.8; TS 33.501, annex C; SAIP 3.4.1, 12.2', fix: 'Enter the home network\'s public keys again and name them by their place in the list.' },
  V35: { clause: 'SAIP 3.4.1, 8.6; GlobalPlatform 2.3, 11.8', fix: 'Correct the security domain or its key set; personalise published keys.' },
  V36: { clause: 'SAIP 3.4.1, 8.7; TS 102 226, 8.2; TS 102 225, 5.1.1', fix: 'Put the element behind its domain and application, with a TAR of its own and messages that are signed and ciphered.' },
  V37: { clause: 'TS 102 221, 13.1 and 8.3; SAIP 3.4.1, 8.3.3', fix: 'Let EF.DIR name each application of the package once, and give each its own temporary identifier.' },
  V38: { clause: 'SAIP 3.4.1, 8.3.5', fix: 'Create the directory first, and give each file of it an identifier of its own.' },
  V39: { clause: 'SGP.22 v2.2, 5.7.8 (extCardResource); SAIP 3.4.1, 8.8', fix: 'Make files smaller or leave applications out; sign the load block again.' },
  V40: { clause: 'SAIP 3.4.1, 7.1', fix: 'Do not deliver the profile: prepare it again, and report it when it happens twice.' },
};

export function finding(rule: RuleId, severity: 'error' | 'warning', place: string, message: string, fix?: string): Finding {
  return { rule, severity, place, clause: RULES[rule].clause, message, fix: fix ?? RULES[rule].fix };
}
