/** How many requests of one brand are worked on at once: the writer is one for all, and devices must not wait behind a brand's queue. */

export interface Lanes {
  /** Resolves when the request may go on, with the function that ends it; undefined when too many wait already. */
  enter(key: number): Promise<() => void> | undefined;
}

interface Lane {
  inHand: number;
  readonly waiting: (() => void)[];
}

export function createLanes(inHand: number, waiting: number): Lanes {
  const lanes = new Map<number, Lane>();
  const leave = (key: number, lane: Lane) => () => {
    const next = lane.waiting.shift();
    if (next) return next();
    lane.inHand -= 1;
    if (lane.inHand === 0) lanes.delete(key);
  };
  return {
    enter(key) {
      let lane = lanes.get(key);
      if (!lane) lanes.set(key, lane = { inHand: 0, waiting: [] });
      const own = lane;
      if (own.inHand < inHand) {
        own.inHand += 1;
        return Promise.resolve(once(leave(key, own)));
      }
      if (own.waiting.length >= waiting) return undefined;
      // The place passes from who leaves to who waits: the count stays.
      return new Promise((resolve) => own.waiting.push(() => resolve(once(leave(key, own)))));
    },
  };
}

function once(fn: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    fn();
  };
}
