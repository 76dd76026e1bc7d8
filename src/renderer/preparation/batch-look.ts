import EditNote from '@mui/icons-material/EditNote';
import type { batchStates } from '../../shared/contract/preparation.ts';
import { jobLook, type Look } from '../design/status.tsx';

export const batchLook: Readonly<Record<(typeof batchStates)[number], Look>> = {
  ...jobLook,
  draft: { tone: 'neutral', icon: EditNote, word: 'Draft', meaning: 'Kept, not started; it holds no numbers.' },
};
