import type { Library } from "../../library/Library.ts"
import type { Sender } from "../wire/Input.ts"
import type { Common } from "../wire/Payload.ts"
import type { Children } from "./Children.ts"
import type { Halt } from "./Halt.ts"

/** What pipes that are called run with, inside a workflow. */
export interface Running {
  readonly library: Library
  readonly common: Common
  readonly send: Sender
  readonly children: Children
  readonly halt: Halt
  /** Of a workflow that is a shard: its range, in the list that it is part of. */
  readonly within?: { readonly from: number; readonly of: number }
}
