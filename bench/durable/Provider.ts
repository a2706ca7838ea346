import { once } from "node:events"
import { createServer, type Server } from "node:http"

/** A provider on the loopback interface that costs next to nothing: it answers every Chat Completion alike, and at once. */
const answer = JSON.stringify({
  id: "c1",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "gpt-4o-mini",
  choices: [{
    index: 0,
    finish_reason: "stop",
    logprobs: null,
    message: { role: "assistant", refusal: null, content: "ok: forty-two" }
  }],
  usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 }
})

const head = { "content-type": "application/json", "content-length": Buffer.byteLength(answer) }

export interface Provider {
  readonly base: string
  readonly stop: () => Promise<void>
}

const addressOf = (server: Server): string => {
  const address = server.address()
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
}

export const start = async (): Promise<Provider> => {
  const server = createServer((incoming, outgoing) => {
    incoming.resume()
    incoming.once("end", () => outgoing.writeHead(200, head).end(answer))
  })
  server.keepAliveTimeout = 120_000
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    base: addressOf(server),
    stop: async () => {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}
