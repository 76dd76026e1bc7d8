/** Figures of the product. Each bench measures and runs its reference side by side, in one process and one run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What `ratio` compares with: value divided by the reference's value in the same unit. */
  readonly reference: string;
  readonly ratio: number;
}

export interface Bench {
  run(): Promise<Figure[]>;
}

export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  personalise: () => import('./personalise.ts'),
  prepare: () => import('./prepare.ts'),
  bind: () => import('./bind.ts'),
  'vault-call': () => import('./vault-call.ts'),
  downloads: () => import('./downloads.ts'),
  es2plus: () => import('./es2plus.ts'),
  import: () => import('./import.ts'),
  inventory: () => import('./inventory.ts'),
};
