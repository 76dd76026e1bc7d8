/** The LPA of the virtual device: downloads and installs a profile (SGP.22 v2.2, 3.1.3) and delivers notifications. */
import { fromHex, sameBytes, toHex } from '../../../shared/tlv/index.ts';
import { oidContent } from '../pki/der.ts';
import { parseActivationCode, splitAddress } from './activation-code.ts';
import { createEs9Client } from './es9-client.ts';
import type { Es9Binding, Es9Client, Es9Function, Es9Reply, Es9Tls } from './es9-client.ts';
import { CANCEL_REASON, confirmationHash } from './euicc.ts';
import type { Answer, LoadAnswer, VirtualEuicc } from './euicc.ts';
import { readServerSigned1, readSmdpSigned2 } from './messages.ts';
import type { Misbehaviour, RequestName, StepName } from './misbehaviour.ts';
import { readMetadata } from './profile.ts';
import type { DeviceMetadata } from './profile.ts';
import { segmentBoundPackage } from './segmentation.ts';

export interface Step {
  readonly name: StepName;
  /** Milliseconds, by the caller's clock. */
  readonly ms: number;
  /** `ok`, the SGP.22 codes `subject/reason`, or the device's own code. */
  readonly status: string;
}

export type DownloadResult =
  | { readonly kind: 'installed'; readonly iccid: string; readonly aid: string }
  /** The server's Failed reply. */
  | { readonly kind: 'refused'; readonly step: StepName; readonly subjectCode: string; readonly reasonCode: string; readonly message: string }
  /** The eUICC did not accept what the server sent; `code` is its error code. */
  | { readonly kind: 'device-refused'; readonly step: StepName; readonly code: number }
  /** The LPA did not accept it. */
  | { readonly kind: 'rejected'; readonly code: RejectionCode; readonly message: string }
  | { readonly kind: 'install-failed'; readonly bppCommandId: number; readonly errorReason: number }
  | { readonly kind: 'broken'; readonly step: StepName; readonly code: string; readonly message: string };

export type RejectionCode =
  | 'ACTIVATION_CODE_INVALID' | 'CONFIRMATION_CODE_NEEDED' | 'TRANSACTION_MISMATCH' | 'ADDRESS_MISMATCH' | 'SMDP_OID_MISMATCH' | 'METADATA_MALFORMED'
  | 'METADATA_MISMATCH' | 'PPR_NOT_ALLOWED' | 'PACKAGE_MALFORMED' | 'LOAD_REFUSED' | 'USER_REJECTED' | 'USER_POSTPONED';

export interface DownloadOptions {
  /** `LPA:1$…` or `1$…`, or address and MatchingID (absent and empty are two things). */
  readonly activationCode: string | { readonly smdpAddress: string; readonly matchingId?: string };
  /** Text bytes of the code; a list is tried one after the other in the same session. Left to the caller to erase. */
  readonly confirmationCode?: Uint8Array | readonly Uint8Array[];
  readonly device: VirtualEuicc;
  readonly tls: Es9Tls;
  /** An open client for the same SM-DP+, to save connections. */
  readonly client?: Es9Client;
  readonly onStep?: (step: Step) => void;
  /** What the user says to the profile shown; `accept` unless told. */
  readonly consent?: (metadata: DeviceMetadata) => 'accept' | 'reject' | 'postpone';
  /** `honest` cancels with the reason SGP.22 gives, a number is sent whatever happened, `never` leaves the session open. */
  readonly cancel?: 'honest' | 'never' | number;
  readonly misbehaviour?: Misbehaviour;
  /** Milliseconds for each request; 30,000 unless told. */
  readonly timeout?: number;
  /** How requests are coded (SGP.22 v2.2, 6.5 and 6.6); JSON unless told. */
  readonly binding?: Es9Binding;
  /** Source address of the connections, for machines that have several. */
  readonly localAddress?: string;
  /** Monotonic milliseconds, for the steps' durations. */
  readonly clock?: () => number;
}

export interface DownloadOutcome {
  readonly ok: boolean;
  readonly iccid?: string;
  /** Upper-case hexadecimal, as soon as the server has named one. */
  readonly transactionId?: string;
  readonly steps: readonly Step[];
  readonly result: DownloadResult;
}

/** Ends a download early; carries what happened and the reason with which the session is to be cancelled. */
interface Stop { readonly result: DownloadResult; readonly cancelReason?: number }
type Body = Readonly<Record<string, string>>;
type Outcome<T> = { readonly value: T } | { readonly stop: Stop };

const der = (body: Body, member: string): Buffer => Buffer.from(body[member] ?? '', 'base64');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const reject = (code: RejectionCode, message: string, cancelReason?: number): { stop: Stop } => ({ stop: { result: { kind: 'rejected', code, message }, cancelReason } });

/** Runs the whole procedure. Every failure is a value; only a fault in the device itself throws. */
export async function download(options: DownloadOptions): Promise<DownloadOutcome> {
  const target = typeof options.activationCode === 'string' ? parseActivationCode(options.activationCode) : options.activationCode;
  if (!target) {
    return { ok: false, steps: [], result: { kind: 'rejected', code: 'ACTIVATION_CODE_INVALID', message: 'This is not an activation code.' } };
  }
  const codes = options.confirmationCode === undefined ? [] : options.confirmationCode instanceof Uint8Array ? [options.confirmationCode] : options.confirmationCode;
  if ('confirmationCodeRequired' in target && target.confirmationCodeRequired && codes.length === 0) {
    return { ok: false, steps: [], result: { kind: 'rejected', code: 'CONFIRMATION_CODE_NEEDED', message: 'This activation code asks for a confirmation code.' } };
  }
  const client = options.client ?? createEs9Client({
    smdpAddress: target.smdpAddress, tls: options.tls, keepAlive: true, timeout: options.timeout, binding: options.binding, localAddress: options.localAddress,
  });
  try {
    return await new Download(options, client, target, codes).run();
  } finally {
    if (!options.client) client.close();
  }
}

/** One download in progress. */
class Download {
  readonly #options: DownloadOptions;
  readonly #client: Es9Client;
  readonly #target: { readonly smdpAddress: string; readonly matchingId?: string; readonly smdpOid?: string };
  readonly #codes: readonly Uint8Array[];
  readonly #steps: Step[] = [];
  #transactionId: string | undefined;

  constructor(options: DownloadOptions, client: Es9Client, target: { smdpAddress: string; matchingId?: string; smdpOid?: string }, codes: readonly Uint8Array[]) {
    this.#options = options;
    this.#client = client;
    this.#target = target;
    this.#codes = codes;
  }

  get #wrong(): Misbehaviour {
    return this.#options.misbehaviour ?? {};
  }

  async run(): Promise<DownloadOutcome> {
    const outcome = await this.#procedure();
    if ('stop' in outcome) {
      if (outcome.stop.cancelReason !== undefined) await this.#cancel(outcome.stop.cancelReason);
      return this.#finish(outcome.stop.result);
    }
    return this.#finish(outcome.value);
  }

  #finish(result: DownloadResult): DownloadOutcome {
    const installed = result.kind === 'installed';
    return { ok: installed, ...(installed ? { iccid: result.iccid } : {}), transactionId: this.#transactionId, steps: this.#steps, result };
  }

  async #procedure(): Promise<Outcome<DownloadResult>> {
    const initiated = await this.#initiate();
    if ('stop' in initiated) return initiated;
    const authenticated = await this.#authenticate(initiated.value);
    if ('stop' in authenticated) return authenticated;
    const metadata = this.#showToUser(der(authenticated.value, 'profileMetadata'));
    if ('stop' in metadata) return metadata;
    const bpp = await this.#fetchPackage(authenticated.value);
    if ('stop' in bpp) return bpp;
    return this.#install(der(bpp.value, 'boundProfilePackage'), der(authenticated.value, 'profileMetadata'), metadata.value);
  }

  async #initiate(): Promise<Outcome<Body>> {
    const { device } = this.#options;
    const euiccChallenge = device.getEuiccChallenge();
    const reply = await this.#call('initiateAuthentication', {
      euiccChallenge: base64(euiccChallenge), euiccInfo1: base64(device.euiccInfo1()), smdpAddress: this.#target.smdpAddress,
    });
    if ('stop' in reply) return reply;
    this.#transactionId = reply.value['transactionId']!;
    const signed1 = readServerSigned1(der(reply.value, 'serverSigned1'));
    if (!signed1 || toHex(signed1.transactionId).toUpperCase() !== this.#transactionId) {
      return reject('TRANSACTION_MISMATCH', 'serverSigned1 names another transaction than the reply');
    }
    if (hostOf(signed1.serverAddress) !== hostOf(this.#target.smdpAddress)) {
      return reject('ADDRESS_MISMATCH', `the server calls itself "${signed1.serverAddress}"`);
    }
    return reply;
  }

  async #authenticate(initiated: Body): Promise<Outcome<Body>> {
    const answer = this.#onDevice('authenticateServer', () => this.#options.device.authenticateServer({
      serverSigned1: der(initiated, 'serverSigned1'), serverSignature1: der(initiated, 'serverSignature1'),
      euiccCiPKIdToBeUsed: der(initiated, 'euiccCiPKIdToBeUsed'), serverCertificate: der(initiated, 'serverCertificate'),
      matchingId: this.#target.matchingId,
    }));
    if (!answer.ok && !this.#wrong.postRefusals) return { stop: { result: { kind: 'device-refused', step: 'authenticateServer', code: answer.code } } };
    const { serverOid } = this.#options.device;
    if (this.#target.smdpOid && serverOid && !sameBytes(oidContent(this.#target.smdpOid), serverOid)) {
      return reject('SMDP_OID_MISMATCH', 'the activation code names another SM-DP+', CANCEL_REASON.undefinedReason);
    }
    return this.#call('authenticateClient', {
      transactionId: this.#id('authenticateClient'), authenticateServerResponse: base64(answer.der),
    }, CANCEL_REASON.postponed);
  }

  #showToUser(metadataDer: Uint8Array): Outcome<DeviceMetadata> {
    const metadata = readMetadata(metadataDer);
    if (!metadata) return reject('METADATA_MALFORMED', 'the profile metadata cannot be read', CANCEL_REASON.metadataMismatch);
    const { forbiddenRules } = this.#options.device.state;
    if ((metadata.ppr1 && forbiddenRules.ppr1) || (metadata.ppr2 && forbiddenRules.ppr2)) {
      return reject('PPR_NOT_ALLOWED', 'the device does not allow the policy rules of this profile', CANCEL_REASON.pprNotAllowed);
    }
    const said = this.#options.consent?.(metadata) ?? 'accept';
    if (said === 'reject') return reject('USER_REJECTED', 'the user did not want this profile', CANCEL_REASON.endUserRejection);
    if (said === 'postpone') return reject('USER_POSTPONED', 'the user put the download off', CANCEL_REASON.postponed);
    return { value: metadata };
  }

  async #fetchPackage(authenticated: Body): Promise<Outcome<Body>> {
    const signed2 = readSmdpSigned2(der(authenticated, 'smdpSigned2'));
    const needed = signed2?.ccRequired === true;
    if (needed && this.#codes.length === 0 && this.#wrong.hashCc === undefined) {
      return reject('CONFIRMATION_CODE_NEEDED', 'the SM-DP+ asks for a confirmation code', CANCEL_REASON.postponed);
    }
    const attempts = needed && this.#codes.length ? this.#codes : [undefined];
    let last: Outcome<Body> | undefined;
    for (const code of attempts) {
      const hashCc = code && confirmationHash(code, fromHex(this.#transactionId!));
      const answer = this.#onDevice('prepareDownload', () => this.#options.device.prepareDownload({
        smdpSigned2: der(authenticated, 'smdpSigned2'), smdpSignature2: der(authenticated, 'smdpSignature2'),
        smdpCertificate: der(authenticated, 'smdpCertificate'), hashCc,
      }));
      if (!answer.ok && !this.#wrong.postRefusals) {
        return { stop: { result: { kind: 'device-refused', step: 'prepareDownload', code: answer.code }, cancelReason: CANCEL_REASON.undefinedReason } };
      }
      last = await this.#call('getBoundProfilePackage', {
        transactionId: this.#id('getBoundProfilePackage'), prepareDownloadResponse: base64(answer.der),
      }, CANCEL_REASON.postponed);
      const wrongCode = 'stop' in last && last.stop.result.kind === 'refused' && last.stop.result.subjectCode === '8.2.7' && last.stop.result.reasonCode === '3.8';
      if (!wrongCode) return last;
    }
    return last!;
  }

  async #install(received: Buffer, shown: Uint8Array, metadata: DeviceMetadata): Promise<Outcome<DownloadResult>> {
    const bpp = Buffer.from(received);
    const flip = this.#wrong.flipPackageBit;
    if (flip !== undefined) bpp[flip >>> 3]! ^= 0x80 >>> (flip & 7);
    const cut = segmentBoundPackage(bpp);
    if (!cut.ok) return reject('PACKAGE_MALFORMED', cut.why, CANCEL_REASON.loadBppExecutionError);
    if (!sameBytes(cut.metadata, shown)) {
      const inside = readMetadata(cut.metadata);
      const rules = inside && (inside.ppr1 !== metadata.ppr1 || inside.ppr2 !== metadata.ppr2);
      return rules
        ? reject('PPR_NOT_ALLOWED', 'the policy rules in the package are not the ones shown', CANCEL_REASON.pprNotAllowed)
        : reject('METADATA_MISMATCH', 'the metadata in the package is not the one shown', CANCEL_REASON.metadataMismatch);
    }
    const started = this.#now();
    const loaded = this.#load(cut.segments);
    if (loaded.kind !== 'result') {
      this.#record('loadBoundProfilePackage', started, loaded.kind === 'status' ? loaded.sw.toString(16).toUpperCase() : 'incomplete');
      return reject('LOAD_REFUSED', 'the eUICC does not take the package', CANCEL_REASON.loadBppExecutionError);
    }
    const { outcome } = loaded;
    this.#record('loadBoundProfilePackage', started, outcome.ok ? 'ok' : `${outcome.bppCommandId}/${outcome.errorReason}`);
    if (!this.#wrong.keepNotification) await this.#deliver(loaded.seqNumber);
    if (!outcome.ok) return { value: { kind: 'install-failed', bppCommandId: outcome.bppCommandId, errorReason: outcome.errorReason } };
    return { value: { kind: 'installed', iccid: loaded.iccid!, aid: toHex(outcome.aid) } };
  }

  #load(segments: readonly Uint8Array[]): LoadAnswer {
    const { device } = this.#options;
    for (const [i, segment] of segments.entries()) {
      if (this.#wrong.interruptBeforeSegment === i) return device.interrupt();
      const answer = device.loadSegment(segment);
      if (answer.kind !== 'continue') return answer;
    }
    return { kind: 'continue' };
  }

  /** Posts the installation result and whatever the installation made besides; a notification leaves the eUICC only when taken. */
  async #deliver(fromSeqNumber: number): Promise<void> {
    const { device, tls, timeout, binding, localAddress } = this.#options;
    for (const one of device.state.notifications.filter((pending) => pending.seqNumber >= fromSeqNumber)) {
      const own = hostOf(one.address) === hostOf(this.#client.smdpAddress);
      const client = own ? this.#client : createEs9Client({ smdpAddress: one.address, tls, timeout, binding, localAddress });
      try {
        const times = this.#wrong.repeatNotification ? 2 : 1;
        for (let i = 0; i < times; i++) {
          const reply = await this.#send('handleNotification', () => client.notify(one.der));
          if (!('stop' in reply)) device.removeNotification(one.seqNumber);
        }
      } finally {
        if (!own) client.close();
      }
    }
  }

  async #cancel(honestReason: number): Promise<void> {
    const { cancel = 'honest', device } = this.#options;
    if (cancel === 'never' || this.#transactionId === undefined) return;
    const answer = device.cancelSession(fromHex(this.#transactionId), cancel === 'honest' ? honestReason : cancel);
    // An eUICC without this session has nothing signed to send, unless the test wants exactly that.
    if (!answer.ok && !this.#wrong.refuseCancel) return;
    await this.#call('cancelSession', { transactionId: this.#id('cancelSession'), cancelSessionResponse: base64(answer.der) });
  }

  #id(where: 'authenticateClient' | 'getBoundProfilePackage' | 'cancelSession'): string {
    const id = this.#transactionId!;
    return this.#wrong.wrongTransactionId === where ? id.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) : id;
  }

  #now(): number {
    return (this.#options.clock ?? (() => performance.now()))();
  }

  #record(name: StepName, started: number, status: string): void {
    const step = { name, ms: this.#now() - started, status };
    this.#steps.push(step);
    this.#options.onStep?.(step);
  }

  #onDevice(name: StepName, run: () => Answer): Answer {
    const started = this.#now();
    const answer = run();
    this.#record(name, started, answer.ok ? 'ok' : String(answer.code));
    return answer;
  }

  async #call(name: Es9Function, body: Body, cancelReason?: number): Promise<Outcome<Body>> {
    const outcome = await this.#send(name, () => this.#client.call(name, body));
    return 'stop' in outcome && outcome.stop.result.kind === 'refused' ? { stop: { ...outcome.stop, cancelReason } } : outcome;
  }

  async #send(name: RequestName, run: () => Promise<Es9Reply>): Promise<Outcome<Body>> {
    const started = this.#now();
    const lost = (code: string, message: string): Outcome<Body> => {
      this.#record(name, started, code);
      return { stop: { result: { kind: 'broken', step: name, code, message } } };
    };
    if (this.#wrong.stopBefore === name) return lost('DEVICE_GONE', 'the device was gone before this request');
    const reply = await run();
    if (this.#wrong.dropReplyOf === name) return lost('REPLY_LOST', 'the reply was lost on its way');
    if (reply.kind === 'broken') return lost(reply.code, reply.message);
    if (reply.kind === 'failed') {
      this.#record(name, started, `${reply.subjectCode}/${reply.reasonCode}`);
      return { stop: { result: { kind: 'refused', step: name, subjectCode: reply.subjectCode, reasonCode: reply.reasonCode, message: reply.message } } };
    }
    if (reply.body['transactionId'] !== undefined && this.#transactionId !== undefined && reply.body['transactionId'] !== this.#transactionId) {
      return lost('TRANSACTION_MISMATCH', 'the reply belongs to another transaction');
    }
    this.#record(name, started, 'ok');
    return { value: reply.body };
  }
}

/** Lower-case host of an address, without its port. */
function hostOf(address: string): string {
  return splitAddress(address).host.toLowerCase();
}

export interface DeliveryReport { readonly seqNumber: number; readonly address: string; readonly reply: Es9Reply }

/** Posts every pending notification in order of its number; those that are taken leave the eUICC (3.5). */
export async function deliverNotifications(options: { readonly device: VirtualEuicc; readonly tls: Es9Tls; readonly timeout?: number }): Promise<DeliveryReport[]> {
  const { device, tls, timeout } = options;
  const reports: DeliveryReport[] = [];
  for (const { seqNumber, address, der: notification } of [...device.state.notifications].sort((a, b) => a.seqNumber - b.seqNumber)) {
    const client = createEs9Client({ smdpAddress: address, tls, timeout });
    const reply = await client.notify(notification).finally(() => client.close());
    if (reply.kind === 'ok') device.removeNotification(seqNumber);
    reports.push({ seqNumber, address, reply });
  }
  return reports;
}
