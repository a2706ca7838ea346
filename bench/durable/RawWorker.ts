/** A worker of the SDK alone: `node RawWorker.ts ADDRESS QUEUE BUNDLE ours|defaults BASE`; without a BASE its leaf answers at once. */
import { Context } from "@temporalio/activity"
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from "@temporalio/worker"
import process from "node:process"
import OpenAI from "openai"
import { defaults } from "../../src/config/TemporalOptions.ts"
import * as Undici from "../../src/provider/transport/Undici.ts"

const [address = "", taskQueue = "", codePath = "", options = "ours", base] = process.argv.slice(2)

/** With our options, the same transport as ours too: what is compared is the runtime, not the client of HTTP. */
const client = new OpenAI({
  apiKey: "x",
  baseURL: `${base ?? "http://127.0.0.1:9"}/v1`,
  maxRetries: 2,
  ...(options === "ours" ? { fetch: Undici.open().fetch } : {})
})

const request = async (item: string, signal: AbortSignal): Promise<string> => {
  const { choices: [choice] } = await client.chat.completions.create({
    model: "gpt-4o-mini",
    temperature: 1,
    messages: [{ role: "user", content: item }]
  }, { signal })
  return choice?.message.content ?? ""
}

/** Beats as a leaf of ours does, so that its cancellation and its worker's end are heard of as soon. */
const leaf = async (item: string): Promise<string> => {
  if (base === undefined) return "ok: forty-two"
  const { cancellationSignal, heartbeat } = Context.current()
  const beating = setInterval(heartbeat, 1500)
  try {
    return await request(item, cancellationSignal)
  } finally {
    clearInterval(beating)
  }
}

const { profiles: { named: { default: profile } } } = defaults

/** What a worker of ours is made with. */
const asOurs = (): Partial<WorkerOptions> =>
  profile === undefined ? {} : {
    maxCachedWorkflows: profile.maxCachedWorkflows,
    stickyQueueScheduleToStartTimeout: profile.stickyQueueScheduleToStartTimeout,
    maxHeartbeatThrottleInterval: profile.maxHeartbeatThrottleInterval,
    defaultHeartbeatThrottleInterval: profile.defaultHeartbeatThrottleInterval,
    maxConcurrentWorkflowTaskPolls: profile.maxConcurrentWorkflowTaskPolls,
    maxConcurrentActivityTaskPolls: profile.maxConcurrentActivityTaskPolls,
    maxConcurrentWorkflowTaskExecutions: profile.maxConcurrentWorkflowTasks,
    maxConcurrentActivityTaskExecutions: profile.maxConcurrentActivities,
    maxConcurrentLocalActivityExecutions: profile.maxConcurrentLocalActivities
  }

Runtime.install({
  logger: new DefaultLogger("ERROR"),
  telemetryOptions: { logging: { filter: { core: "WARN", other: "WARN" }, forward: {} } }
})
const connection = await NativeConnection.connect({ address })
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowBundle: { codePath },
  activities: { leaf },
  ...(options === "ours" ? asOurs() : {})
})
process.stderr.write("worker ready\n")
await worker.run()
await connection.close()
