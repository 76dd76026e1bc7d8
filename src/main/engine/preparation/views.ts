export type { JobView } from '../../../shared/contract/jobs.ts';
export type { BatchView, PreparationPlan } from '../../../shared/contract/preparation.ts';
