/** `OLLAMA_HOST`, as Ollama's own programs read it: a host, a port, both, or an address; made the endpoint of its OpenAI-compatible API. */
export const variable = "OLLAMA_HOST"

const defaultPort = 11434
const ports: Readonly<Record<string, number>> = { http: 80, https: 443 }

const shape = /^(?:(https?):\/\/)?(\[[^\]]*\]|[^:/]*)(?::(\d{1,5}))?(\/.*)?$/i

/** A server listens on every address; a client calls it on this one. */
const reachable = (host: string): string => host === "" || host === "0.0.0.0" || host === "[::]" ? "127.0.0.1" : host

/** The endpoint, or nothing when the value is no address. */
export const endpoint = (written: string): string | undefined => {
  const value = written.trim().replace(/^["']|["']$/g, "")
  const address = /^[\da-f]*:[\da-f:]*:[\da-f:]*$/i.test(value) ? `[${value}]` : value
  const [matched, scheme, host = "", port, path = ""] = shape.exec(address) ?? []
  if (matched === undefined || value === "") return undefined
  const number = port === undefined ? ports[scheme?.toLowerCase() ?? ""] ?? defaultPort : Number(port)
  return `${scheme?.toLowerCase() ?? "http"}://${reachable(host)}:${number}${
    path.replace(/\/+$/, "").replace(/\/v1$/, "")
  }/v1`
}
