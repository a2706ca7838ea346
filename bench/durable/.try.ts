import * as Effect from "effect/Effect"
import * as Folder from "/work/main/test/source/Folder.ts"
import * as Soaking from "/work/main/test/temporal/crash/Soaking.ts"
import { checks, again } from "/work/main/test/temporal/crash/SoakChecks.ts"
const t=performance.now()
const o = JSON.parse(process.argv[2])
const s = await Effect.runPromise(Effect.scoped(Soaking.soaked({...o, tell: (x)=>console.log(((performance.now()-t)/1000).toFixed(1), x)})).pipe(Effect.provide(Folder.layer)))
console.table(checks(s)); console.log(s.seconds, o.items/s.seconds, s.shards.length)
(await import('node:fs')).writeFileSync('/tmp/soakraw.json', JSON.stringify({asked:s.asked,killed:s.killed,completed:[...s.completed],memory:s.memory}))
const first = s.asked[0].at
const a = again(s)
console.log(s.killed.map(k=>({...k, at: k.at-first})))
for (const i of new Set([...a.unexplained,...a.completed])) console.log(i, s.completed.get(i)-first, s.asked.filter(x=>x.item===i).map(x=>({at:x.at-first,f:x.isFault})), s.killed.map(k=>s.asked.find(x=>x.item===i).at-k.at))
