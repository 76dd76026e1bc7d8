/** What we call at other systems: a brand's progress callback, events at an SM-DS. */
export { closeOutgoing } from './client.ts';
export type { Timeouts } from './client.ts';
export { deleteEventHandler, deleteSmdsEvent, keepSmdsEvent, registerSmdsEvent } from './es12.ts';
export type { Registration, SmdsEvent } from './es12.ts';
export { PROGRESS_KIND, progressHandler } from './progress.ts';
export type { ProgressPayload } from './progress.ts';
export { checkCallbackUrl, smdsUrl } from './target.ts';
