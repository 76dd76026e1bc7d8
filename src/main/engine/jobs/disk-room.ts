/** Room on the workspace's disk: asked before a unit of long work writes, and told from errors when it is gone. */
import { statfs } from 'node:fs/promises';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';

/** Octets that must stay free on the workspace's disk. */
export const diskReserve = 200 * 1024 * 1024;

/** `what` stopped, such as "the batch". Throws {@link DeskProblem} DISK_LOW. */
export async function demandDiskRoom(ctx: Pick<EngineContext, 'paths'>, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(ctx.paths.root);
  if (bavail * bsize < diskReserve) {
    throw new DeskProblem('DISK_LOW', `The disk of the workspace has less than ${diskReserve >> 20} MB left, so ${what} stopped. Make room and resume it.`);
  }
}

const codes: ReadonlySet<unknown> = new Set(['SQLITE_FULL', 'ENOSPC', 'EDQUOT']);

/** Whether database or file system refused to write for want of room. */
export const isDiskFull = (error: unknown): boolean => typeof error === 'object' && error !== null && 'code' in error && codes.has(error.code);
