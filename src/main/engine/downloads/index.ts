/** The SM-DP+ side of an RSP session, independent of HTTP (SGP.22 v2.2, 5.6). */
export type { Answer, Failure, ListenerIdentities, Remote } from './answer.ts';
export { OWN_FAULT } from './answer.ts';
export { authenticateClient } from './authenticate.ts';
export type { AuthenticateOk, AuthenticateRequest } from './authenticate.ts';
export { cancelSession } from './cancel.ts';
export type { CancelRequest } from './cancel.ts';
export { initiateAuthentication } from './initiate.ts';
export type { InitiateOk, InitiateRequest } from './initiate.ts';
export { closeJournal, readJournal, recoverDeliveries } from './journal.ts';
export { handleNotification } from './notification.ts';
export type { NotificationFate, NotificationRequest } from './notification.ts';
export { getBoundProfilePackage } from './package.ts';
export type { PackageOk, PackageRequest } from './package.ts';
export { purgeSessions } from './purge.ts';
export { procedures } from './procedures.ts';
export { endedByRefusal } from './rules.ts';
export { scanFigures } from './scan-guard.ts';
export type { ScanFigures } from './scan-guard.ts';
