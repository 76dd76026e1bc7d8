import type { Field } from './types.ts';

/** Services of EF.UST by number from 1 (TS 31.102, 4.2.8). */
export const UST_NAMES: readonly string[] = `Local phone book|Fixed dialling numbers (FDN)|Extension 2|Service dialling numbers (SDN)|Extension 3
Barred dialling numbers (BDN)|Extension 4|Outgoing call information|Incoming call information|Short message storage (SMS)
Short message status reports (SMSR)|Short message service parameters (SMSP)|Advice of charge|Capability configuration parameters 2
Cell broadcast message identifier|Cell broadcast message identifier ranges|Group identifier level 1|Group identifier level 2
Service provider name|User controlled PLMN selector|MSISDN|Image|Localised service areas (SoLSA)|Enhanced multi-level precedence (eMLPP)
Automatic answer for eMLPP|Reserved|GSM access|Data download via SMS-PP|Data download via SMS-CB|Call control by USIM
MO-SMS control by USIM|RUN AT COMMAND command|Always set|Enabled services table|APN control list (ACL)|Depersonalisation control keys
Co-operative network list|GSM security context|CPBCCH information|Investigation scan|MExE|Operator controlled PLMN selector
HPLMN selector with access technology|Extension 5|PLMN network name|Operator PLMN list|Mailbox dialling numbers
Message waiting indication status|Call forwarding indication status|Reserved|Service provider display information
Multimedia messaging service (MMS)|Extension 8|Call control on GPRS by USIM|MMS user connectivity parameters
Network's indication of alerting (NIA)|VGCS group identifiers|VBS group identifiers|Pseudonym
User controlled PLMN selector for I-WLAN|Operator controlled PLMN selector for I-WLAN|User controlled WSID list
Operator controlled WSID list|VGCS security|VBS security|WLAN reauthentication identity|Multimedia messages storage
Generic bootstrapping architecture (GBA)|MBMS security|Data download via USSD|Equivalent HPLMN
Additional TERMINAL PROFILE after activation|Equivalent HPLMN presentation indication|Last RPLMN selection indication
OMA BCAST smart card profile|GBA-based local key establishment|Terminal applications|Service provider name icon|PLMN network name icon
Connectivity parameters for USIM IP|Home I-WLAN specific identifiers|I-WLAN equivalent HPLMN presentation|I-WLAN HPLMN priority
I-WLAN last registered PLMN|EPS mobility management information|Allowed CSG lists|Call control on EPS PDN connection
HPLMN direct access|eCall data|Operator CSG lists|SMS over IP|CSG display control|Communication control for IMS
Extended terminal applications|UICC access to IMS|Non-access stratum configuration|PWS configuration|Reserved|URI support by UICC
Extended EARFCN|ProSe|USAT application pairing|Media type|IMS call disconnection cause|URI for MO short message control
ePDG configuration support|ePDG configuration configured|ACDC|Mission critical services|ePDG configuration for emergency support
ePDG configuration for emergency configured|eCall data over IMS|URI for SMS-PP download|From preferred|IMS configuration data
TV configuration|3GPP PS data off|3GPP PS data off service list|V2X|XCAP configuration data|EARFCN list for MTC and NB-IoT
5GS mobility management information|5G security parameters|Subscription identifier privacy|SUCI calculation by the USIM
UAC access identities|Steering of UE in VPLMN over control plane|Call control on PDU session|5GS operator PLMN list
SUPI of type NSI, GLI or GCI|PS data off separate for home and roaming|URSP by USIM|5G security parameters extended
MuD and MiD configuration data|Trusted non-3GPP access networks|Multiple records of NAS security context
Pre-configured CAG information|SOR-CMCI storage|5G ProSe|Disaster roaming information|Pre-configured eDRX parameters|5G NSWO
PWS configuration for SNPN|PLMN search multiplier via satellite NG-RAN|KAUSF derivation configuration|Network identifier for SNPN
5G multicast and broadcast`.split(/[|\n]/);

/** Services of EF.IST by number from 1 (TS 31.103, 4.2.7). */
export const IST_NAMES: readonly string[] = `P-CSCF address|Generic bootstrapping architecture (GBA)|HTTP digest|GBA-based local key establishment
P-CSCF discovery for local break-out|Short message storage (SMS)|Short message status reports (SMSR)|SMS over IP
Communication control for IMS|UICC access to IMS|URI support by UICC|Media type|IMS call disconnection cause
URI for MO short message control|Mission critical services|URI for SMS-PP download|From preferred|IMS configuration data
XCAP configuration data|WebRTC URI|MuD and MiD configuration data`.split(/[|\n]/);

/** Services of EF.EST by number from 1 (TS 31.102, 4.2.47). */
export const EST_NAMES: readonly string[] = ['Fixed dialling numbers (FDN)', 'Barred dialling numbers (BDN)', 'APN control list (ACL)'];

/** Numbers of the services a table has on. */
export function servicesOn(table: Uint8Array): number[] {
  const on: number[] = [];
  for (let n = 1; n <= 8 * table.length; n++) if (table[(n - 1) >> 3]! & (1 << ((n - 1) & 7))) on.push(n);
  return on;
}

/** One line per service that is on. */
export function serviceFields(table: Uint8Array, names: readonly string[]): Field[] {
  const on = servicesOn(table);
  if (on.length === 0) return [{ label: 'Services', value: 'none' }];
  return on.map((n) => ({ label: `Service ${n}`, value: names[n - 1] ?? 'Unknown service' }));
}
