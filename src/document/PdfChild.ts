/**
 * One child process that runs `PdfWorker`, seen from the parent. It has no environment, no terminal, no right to write
 * files or to start programs (where Node can withhold it), and never keeps the parent alive while it has no job.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { fork } from "node:child_process"
import process from "node:process"
import { DocumentError } from "./DocumentError.ts"
import { type ImageFile, type Job, type Page, Reply } from "./PdfProtocol.ts"

export interface Limits {
  readonly maxHeapBytes: number
  readonly maxResidentBytes: number
}

export interface PdfChild {
  /** False once killed, dead, or in a state that must not serve another document. */
  readonly healthy: boolean
  readonly pid: number | undefined
  /** Values in page order. Interrupting it kills the child. */
  run(job: Job): Effect.Effect<ReadonlyArray<Page | ImageFile>, DocumentError>
  kill(): void
}

/** Beside this module, in its own form: `.ts` from the sources, `.js` once built or bundled. */
const entry = new URL(`./PdfWorker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

/** The worker's JavaScript holds one document and its images at most; pdfium's memory is counted apart. */
const maxOldSpaceMegabytes = 256

const confinement = process.allowedNodeEnvironmentFlags.has("--permission")
  ? ["--permission", "--allow-fs-read=*", "--allow-worker"]
  : []

/** A child that has grown past this is replaced rather than reused: wasm memory never shrinks. */
const maxRetainedHeapBytes = 256 * 1024 * 1024

const isReply = Schema.is(Reply)

export const spawn = (limits: Limits): PdfChild => {
  const child = fork(entry, [String(limits.maxHeapBytes), String(limits.maxResidentBytes)], {
    env: {},
    execArgv: [`--max-old-space-size=${maxOldSpaceMegabytes}`, "--disable-warning=ExperimentalWarning", ...confinement],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"]
  })
  let healthy = true
  const retire = (): void => {
    healthy = false
    child.kill("SIGKILL")
  }
  const hold = (held: boolean): void => {
    if (held) child.ref()
    else child.unref()
    if (held) child.channel?.ref()
    else child.channel?.unref()
  }
  child.on("exit", () => {
    healthy = false
  })
  child.on("error", retire)
  hold(false)

  const run = (job: Job) =>
    Effect.callback<ReadonlyArray<Page | ImageFile>, DocumentError>((resume) => {
      const values: Array<Page | ImageFile> = []
      const finish = (result: Effect.Effect<ReadonlyArray<Page | ImageFile>, DocumentError>): void => {
        child.off("message", onMessage).off("exit", onExit).off("error", onError)
        hold(false)
        resume(result)
      }
      const fail = (reason: DocumentError["reason"], detail: string): void =>
        finish(Effect.fail(new DocumentError({ reason, detail })))
      const onMessage = (reply: unknown): void => {
        if (!isReply(reply)) {
          retire()
          fail("unreadable", "the PDF reader gave no sensible answer on the document")
          return
        }
        if (reply.kind === "page") {
          values.push(reply.value)
          return
        }
        const reusable = reply.kind === "done" ? reply.heapBytes <= maxRetainedHeapBytes : reply.reusable
        if (!reusable) retire()
        if (reply.kind === "done") finish(Effect.succeed(values))
        else fail(reply.reason, reply.detail)
      }
      const onExit = (_code: number | null, signal: string | null): void =>
        signal === "SIGKILL" || signal === "SIGABRT"
          ? fail("out_of_memory", "reading the PDF takes more memory than is allowed")
          : fail("unreadable", "the PDF reader stopped on the document")
      const onError = (): void => fail("unsupported", "the PDF reader cannot be started")
      hold(true)
      child.on("message", onMessage).on("exit", onExit).on("error", onError)
      child.send(job)
      return Effect.sync(() => {
        retire()
        finish(Effect.interrupt)
      })
    })

  return {
    get healthy() {
      return healthy
    },
    pid: child.pid,
    run,
    kill: retire
  }
}
