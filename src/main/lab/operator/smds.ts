/** The ES12 side of an SM-DS (SGP.22 v2.2, 5.9): events of SM-DP+s, each known by the OID in its TLS certificate. */
import { deleteEvent, readMessage, registerEvent } from './messages.ts';
import { type LabAnswer, type LabRequest, type LabServer, type LabServerOptions, startLabServer } from './server.ts';

export interface LabEvent {
  readonly owner: string;
  readonly eid: string;
  readonly eventId: string;
  readonly rspServerAddress: string;
  readonly forwardingIndicator: boolean;
}

export interface LabSmds extends LabServer {
  /** Host and port, as an order names an SM-DS. */
  readonly smdsAddress: string;
  /** Events registered now, in the order they came. */
  events(): readonly LabEvent[];
  /** Calls carried out: `registerEvent <eventId>`, `deleteEvent <eventId>`. */
  readonly done: readonly string[];
  readonly faults: readonly string[];
  /** Answers Failed with this code, `8.9/4.2`, to every call of one function; undefined: works again. */
  refuse(functionName: 'registerEvent' | 'deleteEvent', code: string | undefined): void;
}

const header = (status: string, data?: object) => ({ header: { functionExecutionStatus: { status, ...(data === undefined ? {} : { statusCodeData: data }) } } });
const success: LabAnswer = { status: 200, body: header('Executed-Success') };

function failed(code: string, message: string): LabAnswer {
  const [subjectCode, reasonCode] = code.split('/');
  return { status: 200, body: header('Failed', { subjectCode, reasonCode, message }) };
}

export interface LabSmdsOptions extends LabServerOptions {
  /** Name in `smdsAddress`, where the certificate is not for the address. */
  readonly name?: string;
}

export async function startLabSmds(options: LabSmdsOptions): Promise<LabSmds> {
  const events = new Map<string, LabEvent>();
  const done: string[] = [];
  const faults: string[] = [];
  const refusals = new Map<string, string>();

  const fault = (text: string): LabAnswer => {
    faults.push(text);
    return { status: 400, body: { fault: text } };
  };

  function register(request: LabRequest, owner: string): LabAnswer {
    const read = readMessage(request, '/gsma/rsp2/es12/registerEvent', registerEvent);
    if (!read.ok) return fault(read.fault);
    const { eid, eventId, rspServerAddress, forwardingIndicator } = read.message;
    const refusal = refusals.get('registerEvent');
    if (refusal) return failed(refusal, 'refused as told');
    const key = `${owner} ${eventId}`;
    if (events.has(key)) return failed('8.9.5/3.3', 'this EventID is registered');
    events.set(key, { owner, eid, eventId, rspServerAddress, forwardingIndicator });
    done.push(`registerEvent ${eventId}`);
    return success;
  }

  function remove(request: LabRequest, owner: string): LabAnswer {
    const read = readMessage(request, '/gsma/rsp2/es12/deleteEvent', deleteEvent);
    if (!read.ok) return fault(read.fault);
    const refusal = refusals.get('deleteEvent');
    if (refusal) return failed(refusal, 'refused as told');
    const key = `${owner} ${read.message.eventId}`;
    if (events.get(key)?.eid !== read.message.eid) return failed('8.9.5/3.9', 'no such event');
    events.delete(key);
    done.push(`deleteEvent ${read.message.eventId}`);
    return success;
  }

  const server = await startLabServer(options, (request) => {
    const owner = request.clientOid ?? 'unknown';
    return request.path.endsWith('/deleteEvent') ? remove(request, owner) : register(request, owner);
  });
  return Object.assign(Object.create(server) as LabServer, {
    smdsAddress: `${options.name ?? server.host}:${server.port}`, events: () => [...events.values()], done, faults,
    refuse(functionName: 'registerEvent' | 'deleteEvent', code: string | undefined) {
      if (code === undefined) refusals.delete(functionName);
      else refusals.set(functionName, code);
    },
  });
}
