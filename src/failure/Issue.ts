import type { Code } from "./Codes.ts"

/**
 * A fault that an author can mend before anything runs. `path` leads to the value in the bundle's TOML, so that the reader of the
 * file can show the place; everything else says what is wrong and how to put it right.
 */
export interface Issue {
  readonly code: Code
  /** Set when it makes nothing invalid: the kind of warning it is. */
  readonly warning?: string
  /** The finer type of fault, such as `missing_input_variable`, when there is one. */
  readonly type?: string
  readonly path: ReadonlyArray<string | number>
  readonly message: string
  readonly fix?: string
  readonly pipe?: string
  readonly concept?: string
  readonly domain?: string
  /** Names the message is about: the missing input, the unknown reference, the file offered instead. */
  readonly names?: ReadonlyArray<string>
  readonly suggestions?: ReadonlyArray<string>
  readonly params?: Readonly<Record<string, unknown>>
  /** Filled in by the reader of the file. */
  readonly file?: string
  /** Where in the value of `path` the fault lies, counted from the value's first line, when the value is a template. */
  readonly inner?: { readonly line: number; readonly column?: number }
  readonly position?: { readonly line: number; readonly column: number }
  readonly excerpt?: string
}
