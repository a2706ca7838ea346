import type { Json } from "../concept/Json.ts"
import type { Stuff } from "../concept/Stuff.ts"
import * as Panel from "../report/Panel.ts"
import * as Table from "../report/Table.ts"
import type { Shown } from "./Streams.ts"

/** `Output of pipe write_pitch → Pitch` around a content, with the label of what no real model made. */
export interface Options extends Shown {
  readonly title: string
  readonly isSimulated: boolean
}

export const lines = (
  pipe: string,
  { concept, plural }: Stuff,
  value: Json,
  { isSimulated, title, ...shown }: Options
): ReadonlyArray<string> => {
  const short = `${concept.slice(concept.lastIndexOf(".") + 1)}${plural ? "[]" : ""}`
  const body = Table.content(value, plural, { ...shown, width: Panel.inner(shown.width) })
  return Panel.lines(`${title} ${pipe} → ${short}${isSimulated ? " (simulated)" : ""}`, body, shown)
}
