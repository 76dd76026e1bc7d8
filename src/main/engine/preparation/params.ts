/** What a preparation's job is told, and where it stands. Both are stored as JSON. */
export interface PrepareParams {
  readonly preparationId: string;
  readonly reference: string;
  readonly typeName: string;
  /** `start`: the batch; `rest`: what an ended batch still owes; `failed`: rows that failed. */
  readonly what: 'start' | 'rest' | 'failed';
  /** How many come from the stock, from reserved numbers, from failed rows. */
  readonly stock: number;
  readonly numbers: number;
  readonly failed: number;
}

export interface PrepareProgress {
  /** Units written. */
  readonly unit: number;
  /** Row id of the last profile of the stock that was looked at. */
  readonly stockAfter: number;
  readonly stockTried: number;
  readonly numbersTried: number;
  /** Row id of the last failed row that was tried again. */
  readonly failedAfter: number;
}

export const beginning: PrepareProgress = { unit: 0, stockAfter: 0, stockTried: 0, numbersTried: 0, failedAfter: 0 };
