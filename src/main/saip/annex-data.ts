/**
 * Template files of every profile element (SAIP 3.4.1, annex A; identifiers from TS 31.102, TS 31.103, TS 102 221,
 * TS 102 310 and 3GPP2 C.S0065), one line each, in the order of their tags from A2 on:
 *
 *   name[*] FID kind[size | record length x records] [s<SFI>] [a<record of EF.ARR>] [content]
 *
 * `*` marks a field the element must carry. FID `-` is chosen by the profile (temporary identifiers of ADFs, phone book
 * files). A size `?` is chosen by the profile. Content: `!` the element must supply it; `f:hex` a fill pattern whose last
 * octet goes on; `r:hex` a pattern that repeats; `t:hex` FF up to these last octets; FF when nothing is said.
 */
const MF_FILES = `
ef-pl 2f05 TR2 s05 a1
ef-iccid* 2fe2 TR10 a11 !
ef-dir* 2f00 LF?x? s1e a10 !
ef-arr* 2f06 LF?x? a10 !
ef-umpc 2f08 TR5 s08 a10`;

const MF = `mf* 3f00 MF a14${MF_FILES}`;

const USIM = `
adf-usim* - ADF a14
ef-imsi* 6f07 TR9 s07 a2 !
ef-arr* 6f06 LF?x? s17 a10 !
ef-keys 6f08 TR33 s08 a5 f:07ff
ef-keysPS 6f09 TR33 s09 a5 f:07ff
ef-hpplmn 6f31 TR1 s12 a2 f:0a
ef-ust* 6f38 TR14 s04 a2 !
ef-fdn 6f3b LF26x20 a8
ef-sms 6f3c LF176x10 a5 f:00ff
ef-smsp 6f42 LF38x1 a5
ef-smss 6f43 TR2 a5
ef-spn* 6f46 TR17 a10 !
ef-est* 6f56 TR1 s05 a8 !
ef-start-hfn 6f5b TR6 s0f a5 f:f00000f00000
ef-threshold 6f5c TR3 s10 a2
ef-psloci 6f73 TR14 s0c a5 f:ffffffffffffffffffff0000ff01
ef-acc* 6f78 TR2 s06 a2 !
ef-fplmn 6f7b TR12 s0d a5
ef-loci 6f7e TR11 s0b a5 f:ffffffffffffff0000ff01
ef-ad 6fad TR4 s03 a10 f:00000002
ef-ecc* 6fb7 LF4x1 s01 a10 !
ef-netpar 6fc4 TR128 a5
ef-epsloci 6fe3 TR18 s1e a5 f:ffffffffffffffffffffffffffffff000001
ef-epsnsc 6fe4 LF80x1 s18 a5`;

const OPT_USIM = `
ef-li 6f05 TR6 s02 a1
ef-acmax 6f37 TR3 a5 f:00
ef-acm 6f39 CY3x1 a7 f:00
ef-gid1 6f3e TR8 a2 !
ef-gid2 6f3f TR8 a2 !
ef-msisdn 6f40 LF24x1 a2
ef-puct 6f41 TR5 a5 f:ffffff0000
ef-cbmi 6f45 TR10 a5
ef-cbmid 6f48 TR10 s0e a2
ef-sdn 6f49 LF24x10 a2
ef-ext2 6f4b LF13x10 a8 f:00ff
ef-ext3 6f4c LF13x10 a2 f:00ff
ef-cbmir 6f50 TR20 a5
ef-plmnwact 6f60 TR40 s0a a5 r:ffffff0000
ef-oplmnwact 6f61 TR40 s11 a2 r:ffffff0000
ef-hplmnwact 6f62 TR5 s13 a2 r:ffffff0000
ef-dck 6f2c TR16 a5
ef-cnl 6f32 TR30 a2
ef-smsr 6f47 LF30x10 a5 f:00ff
ef-bdn 6f4d LF25x10 a8
ef-ext5 6f4e LF13x10 a5 f:00ff
ef-ccp2 6f4f LF15x5 s16 a5
ef-ext4 6f55 LF13x10 a8 f:00ff
ef-acl 6f57 TR101 a8 f:00ff
ef-cmi 6f58 LF11x10 a2
ef-ici 6f80 CY38x20 s14 a5 t:0000000001ffff
ef-oci 6f81 CY37x20 s15 a5 t:00000001ffff
ef-ict 6f82 CY3x1 a7 f:00
ef-oct 6f83 CY3x1 a7 f:00
ef-vgcs 6fb1 TR20 a2 !
ef-vgcss 6fb2 TR7 a5 !
ef-vbs 6fb3 TR20 a2 !
ef-vbss 6fb4 TR7 a5 !
ef-emlpp 6fb5 TR2 a2 !
ef-aaem 6fb6 TR1 a5 f:00
ef-hiddenkey 6fc3 TR4 a5
ef-pnn 6fc5 LF16x10 s19 a10 !
ef-opl 6fc6 LF8x5 s1a a10 !
ef-mbdn 6fc7 LF24x3 a5 !
ef-ext6 6fc8 LF13x10 a5 f:00ff
ef-mbi 6fc9 LF5x10 a5 !
ef-mwis 6fca LF6x10 a5 f:00
ef-cfis 6fcb LF16x10 a5 f:0100ff
ef-ext7 6fcc LF13x10 a5 f:00ff
ef-spdi 6fcd TR17 s1b a2 !
ef-mmsn 6fce LF6x10 a5 f:000000ff
ef-ext8 6fcf LF13x10 a5 f:00ff
ef-mmsicp 6fd0 TR100 a2
ef-mmsup 6fd1 LF?x? a5
ef-mmsucp 6fd2 TR100 a5
ef-nia 6fd3 LF11x5 a2
ef-vgcsca 6fd4 TR? a2 f:00
ef-vbsca 6fd5 TR? a2 f:00
ef-gbabp 6fd6 TR? a5
ef-msk 6fd7 LF?x? a2
ef-muk 6fd8 LF?x? a2
ef-ehplmn 6fd9 TR15 s1d a2
ef-gbanl 6fda LF?x? a2
ef-ehplmnpi 6fdb TR1 a2 f:00
ef-lrplmnsi 6fdc TR1 a2 f:00
ef-nafkca 6fdd LF?x? a2
ef-spni 6fde TR? a10 f:00ff
ef-pnni 6fdf LF?x? a10 f:00ff
ef-ncp-ip 6fe2 LF?x? a2 !
ef-ufc 6fe6 TR30 a10 f:801e60c01e900080040000000000000000f0000000400000000000000080
ef-nasconfig 6fe8 TR18 a2 !
ef-uicciari 6fe7 LF?x? a2 !
ef-pws 6fec TR? a10 !
ef-fdnuri 6fed LF?x? a8
ef-bdnuri 6fee LF?x? a8
ef-sdnuri 6fef LF?x? a2
ef-ial 6ff0 LF?x? a3
ef-ips 6ff1 CY4x? a10
ef-ipd 6ff2 LF?x? a3
ef-epdgid 6ff3 TR? a2 !
ef-epdgselection 6ff4 TR? a2 !
ef-epdgidem 6ff5 TR? a2 !
ef-epdgselectionem 6ff6 TR? a2 !
ef-frompreferred 6ff7 TR1 a2 f:00
ef-imsconfigdata 6ff8 BT? a2 !
ef-3gpppsdataoff 6ff9 TR4 a2 !
ef-3gpppsdataoffservicelist 6ffa LF?x? a2 !
ef-xcapconfigdata 6ffc BT? a2 !
ef-earfcnlist 6ffd TR? a10 !
ef-mudmidconfigdata 6ffe BT? a2 !
ef-eaka - TR?`;

const PHONEBOOK_FILES = `
ef-pbr 4f30 LF?x?
ef-ext1 - LF13x? f:00ff
ef-aas - LF?x?
ef-gas - LF?x?
ef-psc 4f22 TR4 f:00
ef-cc 4f23 TR2 f:00
ef-puid 4f24 TR2 f:00
ef-iap - LF?x?
ef-adn - LF?x?
ef-pbc - LF2x? f:00
ef-anr - LF?x?
ef-puri - LF?x?
ef-email - LF?x?
ef-sne - LF?x?
ef-uid - LF2x? f:00
ef-grp - LF?x? f:00
ef-ccp1 - LF?x?`;

const TELECOM = `
df-telecom* 7f10 DF a14
ef-arr 6f06 LF?x? a10 !
ef-rma 6f53 LF?x?
ef-sume 6f54 TR?
ef-ice-dn 6fe0 LF24x?
ef-ice-ff 6fe1 LF?x?
ef-psismsc 6fe5 LF?x?
df-graphics 5f50 DF a14
ef-img 4f20 LF?x?
ef-iidf - TR?
ef-ice-graphics 4f21 BT?
ef-launch-scws 4f01 TR?
ef-icon - TR?
df-phonebook 5f3a DF a14${PHONEBOOK_FILES}
df-multimedia 5f3b DF a14
ef-mml 4f47 BT?
ef-mmdf 4f48 BT?
df-mmss 5f3c DF a14
ef-mlpl 4f20 TR?
ef-mspl 4f21 TR?
ef-mmssmode 4f22 TR1
df-mcs 5f3d DF a14
ef-mst 4f01 TR?
ef-mcs-config 4f02 BT?
df-v2x 5f3e DF a14
ef-vst 4f01 TR?
ef-v2x-config 4f02 BT?
ef-v2xp-pc5 4f03 TR?
ef-v2xp-Uu 4f04 TR?`;

const ISIM = `
adf-isim* - ADF a14
ef-impi* 6f02 TR? s02 a2 !
ef-impu* 6f04 LF?x1 s04 a2 !
ef-domain* 6f03 TR? s05 a2 !
ef-ist* 6f07 TR14 s07 a2 !
ef-ad 6fad TR3 s03 a10 f:00
ef-arr* 6f06 LF?x? s06 a10 !`;

const OPT_ISIM = `
ef-pcscf 6f09 LF?x1 a2 !
ef-sms 6f3c LF176x10 a5 f:00ff
ef-smsp 6f42 LF38x1 a5
ef-smss 6f43 TR2 a5
ef-smsr 6f47 LF30x10 a5 f:00ff
ef-gbabp 6fd5 TR? a5
ef-gbanl 6fd7 LF?x? a2
ef-nafkca 6fdd LF?x? a2
ef-uicciari 6fe7 LF?x? a2 !
ef-frompreferred 6ff7 TR1 a2 f:00
ef-imsconfigdata 6ff8 BT? a2 !
ef-xcapconfigdata 6ffc BT? a2 !
ef-webrtcuri 6ffa LF?x? a2 !
ef-mudmidconfigdata 6ffe BT? a2 !`;

const CSIM = `
adf-csim* - ADF a14
ef-arr* 6f06 LF?x? !
ef-call-count* 6f21 CY2x? f:00
ef-imsi-m* 6f22 TR10 !
ef-imsi-t* 6f23 TR10 !
ef-tmsi* 6f24 TR16
ef-ah* 6f25 TR2
ef-aop* 6f26 TR1
ef-aloc* 6f27 TR7
ef-cdmahome 6f28 LF5x?
ef-znregi 6f29 LF8x?
ef-snregi 6f2a TR7
ef-distregi 6f2b TR8
ef-accolc* 6f2c TR1 !
ef-term* 6f2d TR1
ef-acp* 6f2f TR7
ef-prl* 6f30 TR? !
ef-ruimid* 6f31 TR8 !
ef-csim-st* 6f32 TR? !
ef-spc* 6f33 TR3
ef-otapaspc* 6f34 TR1
ef-namlock* 6f35 TR1
ef-ota* 6f36 TR? !
ef-sp* 6f37 TR1
ef-esn-meid-me* 6f38 TR8
ef-li* 6f3a TR?
ef-usgind* 6f42 TR1
ef-ad* 6f43 TR3
ef-max-prl* 6f45 TR4
ef-spcs* 6f46 TR1
ef-mecrp* 6f55 TR3
ef-home-tag* 6f70 TR?
ef-group-tag* 6f71 TR?
ef-specific-tag* 6f72 TR?
ef-call-prompt* 6f73 TR?`;

const OPT_CSIM = `
ef-ssci 6f2e TR1
ef-fdn 6f3b LF?x?
ef-sms 6f3c LF?x? f:00ff
ef-smsp 6f3d LF?x?
ef-smss 6f3e TR?
ef-ssfc 6f3f TR?
ef-spn 6f41 TR35
ef-mdn 6f44 LF11x?
ef-ecc 6f47 TR?
ef-me3gpdopc 6f48 TR1
ef-3gpdopm 6f49 TR1
ef-sipcap 6f4a TR4
ef-mipcap 6f4b TR5
ef-sipupp 6f4c TR?
ef-mipupp 6f4d TR?
ef-sipsp 6f4e TR1
ef-mipsp 6f4f TR?
ef-sippapss 6f50 TR?
ef-puzl 6f53 TR?
ef-maxpuzl 6f54 TR5
ef-hrpdcap 6f56 TR3
ef-hrpdupp 6f57 TR?
ef-csspr 6f58 TR1
ef-atc 6f59 TR1
ef-eprl 6f5a TR?
ef-bcsmscfg 6f5b TR1
ef-bcsmspref 6f5c TR1
ef-bcsmstable 6f5d LF?x?
ef-bcsmsp 6f5e LF2x?
ef-bakpara 6f63 LF?x?
ef-upbakpara 6f64 LF?x?
ef-mmsn 6f65 LF?x?
ef-ext8 6f66 LF13x?
ef-mmsicp 6f67 TR?
ef-mmsup 6f68 LF?x?
ef-mmsucp 6f69 TR?
ef-auth-capability 6f6a LF5x?
ef-3gcik 6f6b TR32
ef-dck 6f6c TR20
ef-gid1 6f6d TR?
ef-gid2 6f6e TR?
ef-cdmacnl 6f6f TR?
ef-sf-euimid 6f74 TR7
ef-est 6f75 TR?
ef-hidden-key 6f76 TR4
ef-lcsver 6f77 TR2
ef-lcscp 6f78 TR?
ef-sdn 6f79 LF?x?
ef-ext2 6f7a LF13x?
ef-ext3 6f7b LF13x?
ef-ici 6f7c CY?x?
ef-oci 6f7d CY?x?
ef-ext5 6f7e LF13x?
ef-ccp2 6f7f LF15x?
ef-applabels 6f80 TR?
ef-model 6f81 TR126
ef-rc 6f82 TR?
ef-smscap 6f83 TR4
ef-mipflags 6f84 TR1
ef-3gpduppext 6f85 TR?
ef-ipv6cap 6f87 TR21
ef-tcpconfig 6f88 TR2
ef-dgc 6f89 TR3
ef-wapbrowsercp 6f8a TR?
ef-wapbrowserbm 6f8b TR?
ef-mmsconfig 6f8c TR8
ef-jdl 6f8d TR?`;

const FIVE_GS_FILES = `
ef-5gs3gpploci 4f01 TR20 s01 a5 f:ffffffffffffffffffffffffffffffff00000001
ef-5gsn3gpploci 4f02 TR20 s02 a5 f:ffffffffffffffffffffffffffffffff00000001
ef-5gs3gppnsc 4f03 LF62x2 s03 a5
ef-5gsn3gppnsc 4f04 LF62x2 s04 a5
ef-5gauthkeys 4f05 TR110 s05 a5
ef-uac-aic 4f06 TR4 s06 a2 !
ef-suci-calc-info 4f07 TR? s07 a2
ef-opl5g 4f08 LF10x? s08 a10
ef-supinai 4f09 TR? s09 a2 !
ef-routing-indicator 4f0a TR4 s0a a2 f:f0ff0000
ef-ursp 4f0b BT? a2
ef-tn3gppsnn 4f0c TR1 s0c a2 f:00`;

const FIVE_GS = `df-df-5gs* 5fc0 DF a14${FIVE_GS_FILES}
ef-cag 4f0d TR2 s0d a2 !
ef-sor-cmci 4f0e TR? s0e a2 !
ef-dri 4f0f TR7 s0f a2 !
ef-5gsedrx 4f10 TR2 s10 a2 !
ef-5gnswo-conf 4f11 TR1 s11 a2 !
ef-mchpplmn 4f15 TR1 s15 a2 !
ef-kausf-derivation 4f16 TR1 s16 a2 !`;

const SAIP = `
df-df-saip* 5fd0 DF a14
ef-suci-calc-info-usim 4f01 TR? a3`;

/** The lines of another element's files, under other names (`new=old`) or without the mark of a needed field (`name-`). */
function pick(source: string, wanted: string): string {
  const lines = new Map(source.trim().split('\n').map((line) => [line.split(/[* ]/, 1)[0]!, line.trim()]));
  return wanted.split(' ').map((word) => {
    const [name, old = name] = word.replace(/[*]$/, '').split('=') as [string, string?];
    const [, ...rest] = lines.get(old)!.split(' ');
    return [word.endsWith('*') ? `${name}*` : name, ...rest].join(' ');
  }).join('\n');
}

const IOT = `${pick(MF, 'mf ef-pl ef-iccid ef-dir ef-arr ef-umpc')}
${pick(USIM, 'adf-usim ef-imsi* ef-arr-usim=ef-arr ef-keys ef-keysPS ef-hpplmn ef-ust ef-start-hfn ef-threshold ef-psloci ef-acc* ef-fplmn ef-loci ef-ad ef-ecc ef-netpar')}`;

const OPT_IOT = `${pick(USIM, 'ef-fdn ef-sms ef-smsp ef-smss ef-spn ef-est')}
${pick(OPT_USIM, 'ef-oplmnwact ef-hplmnwact ef-ehplmn')}
${pick(USIM, 'ef-epsloci ef-epsnsc')}
${pick(FIVE_GS, 'df-df-5gs ef-5gs3gpploci ef-5gsn3gpploci ef-5gs3gppnsc ef-5gsn3gppnsc ef-5gauthkeys ef-uac-aic ef-suci-calc-info ef-opl5g ef-supi-nai=ef-supinai ef-routing-indicator ef-ursp ef-tn3gppsnn')}
${pick(SAIP, 'df-df-saip ef-suci-calc-info-usim')}`;

export const ANNEX_LINES = {
  'mf': MF, 'usim': USIM, 'opt-usim': OPT_USIM, 'telecom': TELECOM, 'isim': ISIM, 'opt-isim': OPT_ISIM, 'csim': CSIM, 'opt-csim': OPT_CSIM,
  'df-5gs': FIVE_GS, 'df-saip': SAIP, 'iot': IOT, 'opt-iot': OPT_IOT,
  'phonebook': `df-phonebook* 5f3a DF a14${PHONEBOOK_FILES}`,
  'cd': `
df-cd* 7f11 DF a14
ef-launchpad 6f01 TR?
ef-icon - TR?`,
  'gsm-access': `
df-gsm-access* 5f3b DF a14
ef-kc 4f20 TR9 s01 a5 t:07
ef-kcgprs 4f52 TR9 s02 a5 t:07
ef-cpbcch 4f63 TR10 a5
ef-invscan 4f64 TR1 a2 f:00`,
  'eap': `
df-eap* 5f40 DF a14
ef-eapkeys 4f01 TR?
ef-eapstatus* 4f02 TR1
ef-puid 4f03 TR?
ef-ps 4f04 TR?
ef-curid 4f20 TR?
ef-reid 4f21 TR?
ef-realm 4f22 TR?`,
  'df-snpn': `
df-df-snpn* 5fe0 DF a14
ef-pws-snpn 4f01 TR1
ef-nid 4f02 LF6x?`,
  'df-5gprose': `
df-df-5g-prose* 5ff0 DF a14
ef-5g-prose-st 4f01 TR?
ef-5g-prose-dd 4f02 TR?
ef-5g-prose-dc 4f03 TR?
ef-5g-prose-u2nru 4f04 TR?
ef-5g-prose-ru 4f05 TR?
ef-5g-prose-uir 4f06 TR?`,
} as const;
