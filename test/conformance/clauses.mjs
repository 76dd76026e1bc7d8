// What SGP.22 v2.2 asks of an SM-DP+, in our words, and the tests that show it. `docs/conformance.md` is made of it.
import { asn1Binding, eligibility, json } from './chapters/binding.mjs';
import { es2plus } from './chapters/es2plus.mjs';
import { es10b, es12, es9plus } from './chapters/es9plus.mjs';
import { packages } from './chapters/package.mjs';
import { authentication, download, initiation, notifications } from './chapters/procedures.mjs';
import { certificates, security } from './chapters/security.mjs';
import { states } from './chapters/states.mjs';
import { codes, common, metadata } from './chapters/values.mjs';

/** In the order of the specification. */
export const chapters = [
  packages, security, certificates, metadata, initiation, authentication, download, states, notifications, codes, common, es2plus, es9plus, es10b, es12, json, asn1Binding, eligibility,
];
