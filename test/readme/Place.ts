import * as Effect from "effect/Effect"
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { root } from "./Documents.ts"

/** A folder as a reader has it, with the examples in it, whose backends are all one server of this machine. */
export interface Place {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly provider: FakeProvider.FakeProvider
  /** A text of a document with its addresses led to the server, and with keys where it leaves them out. */
  readonly led: (text: string) => string
}

const endpoints: Readonly<Record<string, string>> = {
  openai: "/v1",
  anthropic: "",
  google: "/v1beta",
  mistral: "/v1",
  groq: "/v1",
  fal: "",
  linkup: "/v1"
}

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "pipelex-readme-"))),
  (place) => Effect.sync(() => rmSync(place, { recursive: true, force: true }))
)

export const make = Effect.gen(function*() {
  const provider = yield* FakeProvider.start
  const above = yield* folder
  const [cwd, home] = [join(above, "work"), join(above, "home")]
  cpSync(join(root, "examples"), join(cwd, "examples"), { recursive: true })
  write(join(home, ".pipelex"), "inference/backends_override.toml", elsewhere(provider.url))
  const host = provider.url.replace("http://", "")
  const place: Place = {
    cwd,
    env: { HOME: home },
    provider,
    led: (text) => text.replaceAll(/localhost:\d+/g, host).replaceAll(/^(export \w+=\S*)…$/gm, "$1-0123")
  }
  return place
})

const elsewhere = (url: string): string =>
  Object.entries(endpoints).map(([name, path]) => `[${name}]\nendpoint = "${url}${path}"\n`).join("\n")

/** Leads runs that are durable to this server and queue. */
export const durable = ({ env }: Place, address: string, queue: string): void => {
  write(
    join(env["HOME"] ?? "", ".pipelex"),
    "pipelex.toml",
    `[temporal.temporal_config.temporal_server_configs.local]
target_host = "${address}"
[temporal.worker_config]
default_task_queue = "${queue}"
`
  )
}

/** Writes a file below the folder, after what is there already. */
export const write = (place: string, name: string, text: string): void => {
  mkdirSync(dirname(join(place, name)), { recursive: true })
  appendFileSync(join(place, name), text)
}

/** The file that a block of TOML says it is, in its first line: `# in NAME`. */
export const fileOf = (text: string): string | undefined => /^# in ([^\s,]+)/.exec(text)?.[1]
