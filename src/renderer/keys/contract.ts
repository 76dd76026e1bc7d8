/** The questions this area asks. */
export { pkiDeclared as keys } from '../../shared/contract/pki.ts';
