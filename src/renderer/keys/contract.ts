/** The questions this area asks. */
export { pki as keys } from '../../shared/contract/pki.ts';
