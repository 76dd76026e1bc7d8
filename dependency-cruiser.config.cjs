// Who may import whom (docs/architecture.md). test/unit/boundaries plants a violation of each rule and sees it caught.
const main = (name) => `^src/main/${name}(/|\\.ts$)`;
const engineArea = '^src/main/engine/([^/]+)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'shared-imports-nothing', severity: 'error', from: { path: '^src/shared/' }, to: { path: '^src/(?!shared/)' } },
    { name: 'shared-runs-anywhere', severity: 'error', from: { path: '^src/shared/' }, to: { dependencyTypes: ['core'] } },
    { name: 'rsp-and-saip-import-shared', severity: 'error', from: { path: '^src/main/(rsp|saip)/' }, to: { path: '^src/', pathNot: ['^src/shared/', '^src/main/$1/'] } },
    { name: 'rsp-and-saip-do-no-io', severity: 'error', from: { path: '^src/main/(rsp|saip)/' }, to: { path: '^(fs|fs/promises|net|http|https|child_process|worker_threads|tls|dgram)$' } },
    { name: 'vault-imports', severity: 'error', from: { path: main('vault') }, to: { path: '^src/', pathNot: ['^src/shared/', main('(rsp|saip|vault|vault-link)'), '^src/main/hosting/config\\.ts$'] } },
    { name: 'vault-link-imports-shared', severity: 'error', from: { path: '^src/main/vault-link/' }, to: { path: '^src/', pathNot: ['^src/shared/', '^src/main/vault-link/'] } },
    { name: 'engine-imports', severity: 'error', from: { path: '^src/main/engine/' }, to: { path: '^src/', pathNot: ['^src/shared/', main('(engine|rsp|saip|vault-link)'), '^src/main/hosting/config\\.ts$'] } },
    { name: 'engine-never-sees-keys', severity: 'error', from: { path: '^src/main/engine' }, to: { path: '^src/main/vault/' } },
    {
      name: 'areas-by-their-index', severity: 'error', from: { path: engineArea },
      to: { path: engineArea, pathNot: ['^src/main/engine/$1/', '^src/main/engine/[^/]+/index\\.ts$', '^src/main/engine/(store|jobs|audit|router|people)/'] },
    },
    { name: 'wire-is-called-by-none', severity: 'error', from: { path: '^src/main/engine/(?!wire/)[^/]+/' }, to: { path: '^src/main/engine/wire/' } },
    { name: 'renderer-imports-shared', severity: 'error', from: { path: '^src/renderer/' }, to: { path: '^src/', pathNot: ['^src/renderer/', '^src/shared/'] } },
    { name: 'preload-imports-shared', severity: 'error', from: { path: '^src/preload/' }, to: { path: '^src/', pathNot: ['^src/preload/', '^src/shared/'] } },
    { name: 'no-node-in-the-window', severity: 'error', from: { path: '^src/renderer/' }, to: { dependencyTypes: ['core'] } },
    {
      name: 'device-has-its-own-secure-channel', severity: 'error', from: { path: '^src/main/lab/' },
      to: { path: '^src/main/rsp/', pathNot: '^src/main/rsp/(messages/|metadata\\.ts|certificates\\.ts|asn1\\.ts|errors\\.ts)' },
    },
    { name: 'device-reaches-the-engine-by-network', severity: 'error', from: { path: '^src/main/lab/' }, to: { path: main('(engine|vault|vault-link|hosting|commands|desktop)') } },
    { name: 'desktop-imports', severity: 'error', from: { path: main('desktop') }, to: { path: '^src/', pathNot: ['^src/shared/', main('(desktop|hosting)')] } },
    { name: 'hosting-imports', severity: 'error', from: { path: '^src/main/hosting/' }, to: { path: '^src/', pathNot: ['^src/shared/', '^src/main/hosting/'] } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.main.json' },
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|\\.cache)/' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json'] },
  },
};
