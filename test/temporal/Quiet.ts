/** The SDK's runtime of this process, which says nothing but errors. It can be installed once, so whoever needs it imports this. */
import { DefaultLogger, Runtime } from "@temporalio/worker"

Runtime.install({ logger: new DefaultLogger("ERROR") })
