// What SGP.22 v2.2 asks of an SM-DP+, in our words, and the tests that show it. `docs/conformance.md` is made of it.

const test = (file, name) => ({ file: `test/${file}`, name });
const row = (clause, asks, ...tests) => ({ clause, asks, tests });

export const chapters = [
  {
    title: 'Profile states',
    rows: [
      row('3.1.6', 'A profile passes only through the states and transitions of the table, under interleaved devices, cancels, expiries, restarts and lost replies', test('integration/model/chain.test.ts', 'orders, two devices, cancels')),
    ],
  },
];
