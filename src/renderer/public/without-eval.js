// zod would probe `new Function` when the first schema is built, which the content security policy forbids and reports.
// A file of its own before all modules: the schemas of the contract lie in a chunk that runs before the window's entry.
globalThis.__zod_globalConfig = { jitless: true };
