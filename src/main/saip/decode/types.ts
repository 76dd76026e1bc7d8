/** One readable line of a node: what it is, and its value in words or digits. */
export interface Field {
  readonly label: string;
  readonly value: string;
}

export type ViewKind =
  | 'element' | 'directory' | 'transparent' | 'linear fixed' | 'cyclic' | 'BER-TLV' | 'link' | 'pin' | 'puk' | 'algorithm' | 'key'
  | 'application' | 'access' | 'list';

/**
 * A node of a package as a screen shows it. `id` is its path, the same text findings use as place (`usim[4]/ef-imsi`), unique
 * in its package and kept by edits.
 */
export interface ViewNode {
  readonly id: string;
  readonly name: string;
  readonly kind: ViewKind;
  /** File identifier in hexadecimal. */
  readonly fid?: string;
  /** Identification of a profile element. */
  readonly identification?: number;
  readonly mandated?: boolean;
  /** Octets of the content; of an element, octets in the package. */
  readonly size?: number;
  readonly records?: number;
  readonly recordLength?: number;
  /** Where the access rules stand: file and record (`6f06/10`), or octets that say otherwise. */
  readonly arr?: string;
  /** Short file identifier, 1 to 30. */
  readonly sfi?: number;
  /** The content is a secret: there is no hex and no value of it anywhere in the node. */
  readonly secret: boolean;
  /** The content as the eUICC would hold it, at most {@link HEX_BYTES} octets. */
  readonly hex?: string;
  /** The content is longer than `hex` shows. */
  readonly hexCut?: boolean;
  readonly decoded: readonly Field[];
  readonly children: readonly ViewNode[];
}

export interface PackageView {
  readonly size: number;
  readonly elements: readonly ViewNode[];
}

/** Octets of content a node shows at most. */
export const HEX_BYTES = 4096;
