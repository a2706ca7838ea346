/** `npm run conformance -- DIR [--kind runs,methods,validation,templates,failures] [--layer direct|temporal] [--json]` */
import * as Effect from "effect/Effect"
import { existsSync, writeSync } from "node:fs"
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { type Kind, kinds } from "./Corpus.ts"
import * as Report from "./Report.ts"
import * as Suite from "./Suite.ts"

const usage = `usage: npm run conformance -- DIR [--kind ${kinds.join(",")}] [--layer ${
  Suite.layers.join("|")
}] [--json]`

interface Asked {
  readonly root: string
  readonly kinds: ReadonlyArray<Kind>
  readonly layer: Suite.LayerName
  readonly isJson: boolean
}

const isKind = (text: string): text is Kind => kinds.some((kind) => kind === text)

const read = (args: ReadonlyArray<string>): Asked | string => {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: { kind: { type: "string", multiple: true }, layer: { type: "string" }, json: { type: "boolean" } }
  })
  const [folder, ...others] = positionals
  if (folder === undefined || others.length > 0) return usage
  const root = resolve(folder)
  if (!existsSync(root)) return `there is no folder "${folder}"\n${usage}`
  const named = (values.kind ?? []).flatMap((each) => String(each).split(",")).map((each) => each.trim()).filter((
    each
  ) => each !== "")
  const wrong = named.find((each) => !isKind(each))
  if (wrong !== undefined) return `no kind is called "${wrong}"\n${usage}`
  const layer = Suite.layers.find((name) => name === (values.layer ?? "direct"))
  if (layer === undefined) return `no layer is called "${String(values.layer)}"\n${usage}`
  return {
    root,
    kinds: named.length === 0 ? kinds : kinds.filter((kind) => named.includes(kind)),
    layer,
    isJson: values.json === true
  }
}

/** Written whole, whatever stdout is. */
const print = (text: string): void => {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error
    }
  }
}

const asked = read(process.argv.slice(2))
if (typeof asked === "string") {
  process.stderr.write(`${asked}\n`)
  process.exitCode = 2
} else {
  const result = await Effect.runPromise(Suite.judge(asked.root, asked.kinds, asked.layer))
  print(asked.isJson ? Report.json(result) : Report.text(result))
  process.exitCode = Report.isClean(result) ? 0 : 1
}
