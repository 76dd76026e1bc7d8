/** Milenage constants an akaParameter omits when it wants the defaults (TS 35.206, 4.1). */
export const DEFAULT_ROTATIONS = Uint8Array.from([0x40, 0x00, 0x20, 0x40, 0x60]);

export const DEFAULT_CONSTANTS = new Uint8Array(80);
DEFAULT_CONSTANTS[31] = 1;
DEFAULT_CONSTANTS[47] = 2;
DEFAULT_CONSTANTS[63] = 4;
DEFAULT_CONSTANTS[79] = 8;

/** K of published test material: 00 to 0F, and every K of TS 35.207 and 35.208. Never to be sold. */
export const PUBLISHED_KEYS: readonly string[] = [
  '000102030405060708090a0b0c0d0e0f', '0123456789abcdef0123456789abcdef', '00112233445566778899aabbccddeeff',
  '465b5ce8b199b49faa5f0a2ee238a6bc', '0396eb317b6d1c36f19c1c84cd6ffd16', 'fec86ba6eb707ed08905757b1bb44b8f',
  '9e5944aea94b81165c82fbf9f32db751', '4ab1deb05ca6ceb051fc98e77d026a84', '6c38a116ac280c454f59332ee35c8c4f',
  '2d609d4db0ac5bf0d2c0de267014de0d', 'a530a7fe428fad1082c45eddfce13884', 'd9151cf04896e25830bf2e08267b8360',
  'a0e2971b6822e8d354a18cc235624ecb', '0da6f7ba86d5eac8a19cf563ac58642d', '77b45843c88e58c10d202684515ed430',
  '729b17729270dd87ccdf1bfe29b4e9bb', 'd32dd23e89dc662354ca12eb79dd32fa', 'af7c65e1927221de591187a2c5987a53',
  '5bd7ecd3d3127a41d12539bed4e7cf71', '6cd1c6ceb1e01e14f1b82316a90b7f3d', 'b73a90cbcf3afb622dba83c58a8415df',
  '5122250214c33e723a5dd523fc145fc0', '90dca4eda45b53cf0f12d7c9c3bc6a89',
];
