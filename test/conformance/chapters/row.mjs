// A row: the clause, what it asks in our words, and the tests that show it, each by file and the beginning of its full name.

export const unit = (file, name) => ({ file: `test/unit/${file}.test.ts`, name });
export const integration = (file, name) => ({ file: `test/integration/${file}.test.ts`, name });
export const row = (clause, asks, ...tests) => ({ clause, asks, tests });
