/** Names the engine uses inside, as people say them. */
import { ago } from '../design/formats.ts';

const secrets: Readonly<Record<string, string>> = {
  k: 'K', opc: 'OPc', pin1: 'PIN 1', pin2: 'PIN 2', puk1: 'PUK 1', puk2: 'PUK 2', adm1: 'ADM 1', adm2: 'ADM 2',
  scp81psk: 'SCP81 PSK', scp81dek: 'SCP81 DEK', scp02enc: 'SCP02 ENC', scp02mac: 'SCP02 MAC', scp02dek: 'SCP02 DEK', scp03enc: 'SCP03 ENC', scp03mac: 'SCP03 MAC', scp03dek: 'SCP03 DEK',
  scp80kic: 'OTA key KIc', scp80kid: 'OTA key KID', scp80kik: 'OTA key KIK', 'subscriber record': 'Record from the stock file',
};

/** A slot of the template as a secret's name; one nobody named stays as it is. */
export const secretWord = (name: string): string => secrets[name.toLowerCase()] ?? name;

const sources: Readonly<Record<string, string>> = {
  euicc: 'reported by the eUICC', es9plus: 'seen in the download', es2plus: 'told by the operator system', operator: 'entered by an operator',
  network: 'told by the network', partner: 'told by a partner', system: 'noted by this program',
};

/** What an axis rests on, as one sentence for a tooltip. */
export function evidenceText(evidence: { readonly at: number; readonly source: string; readonly text: string; readonly actor?: string | undefined } | undefined, now: number): string {
  if (evidence === undefined) return 'Nothing was ever recorded about it.';
  const by = evidence.actor === undefined ? '' : ` (${evidence.actor})`;
  return `${[evidence.text, evidenceWord(evidence.source)].filter((part) => part !== '').join(' · ')}${by}, ${ago(evidence.at, now)}.`;
}

/** What the evidence of a device state rests on. */
export const evidenceWord = (source: string | undefined): string => (source === undefined ? 'reported' : sources[source] ?? source);
