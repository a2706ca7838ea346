/** The services of an example's `compose.yaml`: its text, taken apart by its indentation, and its folded commands put back together. */
import { readFileSync } from "node:fs"
import { join } from "node:path"

export interface Compose {
  /** What all workers share, and the server: everything above the first worker. */
  readonly shared: string
  /** The command of each worker. */
  readonly workers: Readonly<Record<string, string>>
  /** The script that tells whether a worker is ready, for `node -e`. */
  readonly readiness: string
}

const service = /^ {2}([\w-]+):\n {4}<<: \*worker\n {4}command: >-\n((?: {6}\S.*\n)+)/gm
const readiness = /- node\n\s+- -e\n\s+- (.+)\n/

export const read = (folder: string): Compose => {
  const text = readFileSync(join(folder, "compose.yaml"), "utf8")
  const found = Array.from(text.matchAll(service))
  return {
    shared: text.slice(0, found[0]?.index).replace(/^#.*\n/, ""),
    workers: Object.fromEntries(
      found.map(([, name = "", folded = ""]) => [name, folded.trim().replaceAll(/\s+/g, " ")])
    ),
    readiness: readiness.exec(text)?.[1] ?? ""
  }
}

/** Where a worker of a composition tells how it is. */
export const port = "9464"

/** What its command adds to that of the Procfile. */
export const added = `--host 0.0.0.0 --health-port ${port} --metrics-port ${port}`
