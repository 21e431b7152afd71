import { run } from './integrity.js'
console.log(JSON.stringify(await run(), null, 1))
