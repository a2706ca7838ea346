/**
 * Entry of the child process that reads PDFs for `Pdf`: one job at a time, pages sent back as they are ready. It knows
 * nothing of Effect, so that it starts fast. A second thread ends the process when it takes too much memory or
 * outlives its parent: this thread cannot, while a hostile file keeps it inside pdfium.
 */
import process from "node:process"
import { Worker } from "node:worker_threads"
import { PdfEngine, PdfProblem } from "./PdfEngine.ts"
import * as Pdfium from "./Pdfium.ts"
import type { Job, Reply } from "./PdfProtocol.ts"

const [maxHeapBytes = 0, maxResidentBytes = 0] = process.argv.slice(2).map(Number)

const watch = `
  const { workerData } = require("node:worker_threads")
  const parent = process.ppid
  setInterval(() => {
    if (process.memoryUsage.rss() > workerData || process.ppid !== parent) process.kill(process.pid, "SIGKILL")
  }, 100)`

new Worker(watch, { eval: true, workerData: maxResidentBytes }).unref()

const engine = Pdfium.load(maxHeapBytes).then((loaded) => new PdfEngine(loaded))

const send = (reply: Reply): void => {
  process.send?.(reply)
}

const serve = async (job: Job): Promise<void> => {
  const pdf = await engine
  try {
    for (const value of pdf.run(job)) send({ kind: "page", value })
    send({ kind: "done", heapBytes: pdf.heapBytes })
  } catch (error) {
    send(failed(error, pdf.outOfMemory))
  }
}

/** Anything but a `PdfProblem` came out of the wasm code, whose state can no longer be trusted. */
const failed = (error: unknown, outOfMemory: boolean): Reply => {
  if (outOfMemory) {
    const detail = "reading the PDF takes more memory than is allowed"
    return { kind: "failed", reason: "out_of_memory", detail, reusable: false }
  }
  return error instanceof PdfProblem
    ? { kind: "failed", reason: error.reason, detail: error.message, reusable: true }
    : { kind: "failed", reason: "unreadable", detail: "the PDF reader failed on the document", reusable: false }
}

process.on("message", (job: Job) => void serve(job))
process.on("disconnect", () => process.exit())
