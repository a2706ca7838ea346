import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type ChildProcess, spawn } from "node:child_process"
import { read, root } from "./Documents.ts"

/** Runs the lines of a document's `sh` blocks as a shell would, on the Node that runs the test; `npm` itself is left out of it. */
export interface Line {
  readonly written: string
  /** Set for this line; from here on, where it has no command. */
  readonly variables: Readonly<Record<string, string>>
  readonly words: ReadonlyArray<string>
  /** What the document says it ends with. */
  readonly code: number
}

const { scripts } = Schema.decodeSync(
  Schema.fromJsonString(Schema.Struct({ scripts: Schema.Record(Schema.String, Schema.String) }))
)(read("package.json"))

/** Whether the package has a script of the name. */
export const isScript = (name: string): boolean => Object.hasOwn(scripts, name)

const wordsOf = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? "")

const isAssignment = (word: string): boolean => /^[A-Z_]+=/.test(word)

const assigned = (word: string): readonly [name: string, value: string] => {
  const at = word.indexOf("=")
  return [word.slice(0, at), word.slice(at + 1)]
}

const command = (written: string, code: number): Line => {
  const words = wordsOf(written.trim().replace(/^export /, ""))
  const first = words.findIndex((word) => !isAssignment(word))
  const start = first < 0 ? words.length : first
  return {
    written,
    variables: Object.fromEntries(words.slice(0, start).map(assigned)),
    words: words.slice(start),
    code
  }
}

/** The commands of a block: `A=b command … # exit code 1`, `export A=b`, several with `&&` between them. */
export const commands = (block: string): ReadonlyArray<Line> =>
  block.split("\n").filter((line) => line !== "").flatMap((line) => {
    const [written = "", comment = ""] = line.split(/\s+#\s/, 2)
    const code = Number(/exit code (\d+)/.exec(comment)?.[1] ?? 0)
    return written.split("&&").map((part) => command(part, code))
  })

const programs: Readonly<Record<string, string>> = { pipelex: "src/cli/Main.ts", "pipelex-agent": "src/cli/Agent.ts" }

/** What only a shell can do: installing, and running the tests that this is one of. */
const others: ReadonlySet<string> = new Set(["npm install", "npm test"])

/** A server of Temporal's is the suite's: see `Place.durable`. */
export const isServer = ({ words }: Line): boolean => words.slice(0, 3).join(" ") === "temporal server start-dev"

/** Whether the command is started by a test. */
export const isStarted = (line: Line): boolean =>
  line.words.length > 0 && !others.has(line.words.join(" ")) && !isServer(line)

/** Whether the command goes on until it is stopped, in a terminal of its own. */
export const isService = ({ words }: Line): boolean =>
  words.includes("codec-server") || (words.includes("worker") && !words.includes("--check"))

/** The arguments of Node that the command comes to. */
export const argv = ({ words: [program = "", verb, name = "", ...rest] }: Line): ReadonlyArray<string> => {
  const source = programs[program]
  if (source !== undefined) {
    return [
      `${root}${source}`,
      ...[verb, name].flatMap((word) => word === undefined || word === "" ? [] : word),
      ...rest
    ]
  }
  const [node, script = "", ...args] = (scripts[name] ?? "").split(" ")
  if (program !== "npm" || verb !== "run" || node !== "node") throw new Error(`no test can start "${program} ${name}"`)
  return [`${root}${script}`, ...args, ...rest.slice(rest[0] === "--" ? 1 : 0)]
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Where {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** A program that has been started: what it says as it goes, and what it came to. */
interface Child {
  readonly child: ChildProcess
  readonly err: () => string
  readonly ended: Promise<Ran>
}

/** Starts Node with nothing of this process's environment but the path. */
const started = (args: ReadonlyArray<string>, { cwd, env }: Where): Child => {
  const child = spawn(process.execPath, [...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", COLUMNS: "80", NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const [out, err]: readonly [Array<Buffer>, Array<Buffer>] = [[], []]
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk))
  const text = (chunks: ReadonlyArray<Buffer>) => Buffer.concat(chunks).toString()
  const ended = new Promise<Ran>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout: text(out), stderr: text(err) }))
  })
  return { child, err: () => text(err), ended }
}

/** Runs Node to its end. */
export const node = (args: ReadonlyArray<string>, where: Where): Effect.Effect<Ran> =>
  Effect.callback<Ran>((resume) => {
    const { child, ended } = started(args, where)
    void ended.then((ran) => resume(Effect.succeed(ran)))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** Starts a program that goes on, and waits until it says that it is ready. Stopped when it is told to be, killed with its scope. */
export const service = (args: ReadonlyArray<string>, where: Where) =>
  Effect.acquireRelease(
    Effect.sync(() => started(args, where)),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  ).pipe(
    Effect.tap(({ child, ended, err }) =>
      Effect.promise(() =>
        new Promise<void>((resolve, reject) => {
          child.stderr?.on("data", () => {
            if (err().includes(" ready: ")) resolve()
          })
          void ended.then(({ stderr }) => reject(new Error(stderr)))
        })
      )
    ),
    Effect.map(({ child, ended }) => ({
      stop: Effect.andThen(Effect.sync(() => child.kill("SIGTERM")), Effect.promise(() => ended))
    }))
  )
