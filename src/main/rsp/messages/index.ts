export * from './authenticate-server.ts';
export * from './bound-profile-package.ts';
export * from './cancel-session.ts';
export * from './euicc-info.ts';
export * from './notification.ts';
export * from './prepare-download.ts';
export * from './server-signed1.ts';
export * from './signature.ts';
