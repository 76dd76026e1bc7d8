/** Durable long work. An area declares a `JobKind`, lists it in the `jobKinds` export of its index.ts, and starts it in a command's transaction. */
export { demandDiskRoom, diskReserve, isDiskFull } from './disk-room.ts';
export { callOf, type JobEnd, type JobKind, type JobPicture, type JobRecord, type JobRowError, type JobUnit, startJob } from './kinds.ts';
export { changeJob, jobDetail, liveOf } from './procedures.ts';
export { artefactsOfJobs, artefactView, type ArtefactRow, type JobLive, type JobRow, jobView, noteErrors, positionOf, readPosition } from './records.ts';
export { createJobRunner, type JobRunner } from './runner.ts';
import type { EngineContext } from '../context.ts';

/** Looks for queued jobs now; call in a command's `after`. */
export function wakeJobs(ctx: EngineContext): void {
  ctx.runtime.jobs?.wake();
}
