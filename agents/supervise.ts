/** Shared with the server, which supervises its embedded agent in the same way. */
export { type ChildOptions, exitWithParent, type SupervisedChild, superviseChild } from '../lib/supervise.js'
