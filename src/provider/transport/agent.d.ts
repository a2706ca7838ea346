/** The one module of undici that is loaded; the types of the package know its entry alone. */
declare module "undici/lib/dispatcher/agent.js" {
  import type { Agent } from "undici"

  const agent: typeof Agent
  export default agent
}
